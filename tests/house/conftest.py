"""The whole house in this process: every service with its shipped data, one application over all of them."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from services.chassis.runner import Program
from services.chassis.settings import Settings
from services.chassis.web import create_app
from services.registry import ALL, choose
from tests.support import settings_in


@pytest.fixture(scope="package")
def house_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the house; its files lie in a folder of their own."""
    return settings_in(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="package")
def house(house_settings: Settings) -> Iterator[Program]:
    """All services at work, with the shipped data loaded and every event handled."""
    with Program(house_settings, choose([ALL])) as program:
        program.load(lambda what, done, total: None)
        program.settle(lambda what, done, total: None)
        yield program


@pytest.fixture(scope="package")
def app(house: Program, house_settings: Settings) -> FastAPI:
    """The pages of all of them."""
    return create_app(house.services, house_settings)
