"""compose.yaml: hardened alike, no secret in it, and every variable a setting of the program."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from services.chassis.settings import Settings
from services.registry import COMPONENTS
from tests.deploy.files import DEPLOY, SERVICES, compose

ALL: Mapping[str, dict[str, Any]] = compose()["services"]
INSIDE = (*SERVICES, "maintenance")
"""Who is the program."""


def environment_of(service: str) -> dict[str, str]:
    """A service's environment, with the defaults of what may be given from outside."""
    return {
        name: re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value) for name, value in ALL[service]["environment"].items()
    }


def test_every_service_of_the_program_is_there() -> None:
    assert set(COMPONENTS) == set(SERVICES) <= set(ALL)
    for name in SERVICES:
        assert ALL[name]["command"] == ["run", f"--target={name}"]
    assert {name for name in SERVICES if ALL[name]["deploy"].get("replicas") == 2} == {"matching", "reports"}


@pytest.mark.parametrize("name", ALL)
def test_containers_may_do_little(name: str) -> None:
    service = ALL[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].partition(":")[0]) > 0
    assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"])
    for volume in service.get("volumes", []):
        assert volume["type"] in {"volume", "bind"}
        if volume["type"] == "bind":
            if name == "maintenance":
                assert volume["source"].startswith("${CAMI_BACKUPS:-"), "the only folder outside that is written in"
                continue
            assert volume["read_only"], "files of this repository are for reading"
            assert (DEPLOY / volume["source"]).exists(), volume["source"]
        else:
            assert volume["source"] in compose()["volumes"]


def test_only_the_front_door_is_published_and_on_this_machine_alone() -> None:
    assert {name for name in ALL if "ports" in ALL[name]} == {"proxy"}
    assert ALL["proxy"]["ports"] == ["${CAMI_PUBLISH:-127.0.0.1:8080}:8080"]
    assert compose()["networks"]["engines"]["internal"] is True
    assert {name for name in ALL if "engines" in ALL[name].get("networks", [])} == {*INSIDE, "kafka", "postgres"}
    assert {name for name in ALL if "web" in ALL[name].get("networks", [])} == {*INSIDE, "proxy"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_is_a_setting_that_the_program_understands(name: str) -> None:
    environment = environment_of(name)
    given = {key.removeprefix("CAMI_").lower(): value for key, value in environment.items()}
    assert set(given) <= set(Settings.model_fields)
    settings = Settings.model_validate(given)
    assert settings.database_url_of(name) == (
        f"postgresql+psycopg://cami_{name}@postgres:5432/cami_{name}?passfile=/data/pgpass"
    )
    assert settings.bus_url == "kafka:kafka:9092"
    assert settings.welcome is False, "nobody is let in by a link in a log"


def test_no_secret_stands_in_an_environment() -> None:
    for name, service in ALL.items():
        for key in service.get("environment", {}):
            assert not re.search(r"PASSWORD(?!_FILE$)|SECRET|TOKEN", key), f"{name}: {key}"


def test_each_waits_until_what_it_needs_answers() -> None:
    for name in SERVICES:
        waits = {other: how["condition"] for other, how in ALL[name]["depends_on"].items()}
        assert waits == {
            "keys": "service_completed_successfully", "kafka": "service_healthy", "postgres": "service_healthy",
        }  # fmt: skip
    assert ALL["postgres"]["depends_on"] == {"keys": {"condition": "service_completed_successfully"}}
    assert set(ALL["proxy"]["depends_on"]) == set(SERVICES)
    for name in ("kafka", "postgres", "proxy"):
        assert "test" in ALL[name]["healthcheck"]


def test_the_keys_are_made_in_one_place_and_only_read_elsewhere() -> None:
    users = {
        name: volume.get("read_only", False)
        for name, service in ALL.items()
        for volume in service.get("volumes", [])
        if volume["source"] == "keys"
    }
    assert users == {"keys": False, "postgres": True, "maintenance": False, **dict.fromkeys(SERVICES, True)}
    assert ALL["maintenance"]["profiles"] == ["maintenance"], "`up` leaves it alone"
    assert ALL["keys"]["network_mode"] == "none"


def test_connections_suffice() -> None:
    settings = Settings.model_validate({})
    each = settings.database_pool_size + settings.database_pool_overflow
    processes = sum(ALL[name]["deploy"].get("replicas", 1) for name in SERVICES)
    (allowed,) = (int(word.partition("=")[2]) for word in ALL["postgres"]["command"] if word.startswith("max_conn"))
    assert processes * each < allowed - 10


def test_the_proxy_knows_every_service() -> None:
    environment = ALL["proxy"]["environment"]
    for name in SERVICES:
        assert f"server {name}:8080 resolve" in environment[f"CAMI_{name.upper()}_SERVERS"]
    limit = Settings.model_validate({}).max_body_bytes
    assert environment["CAMI_MAX_BODY_BYTES"] == str(limit)
    assert int(environment["CAMI_MAX_BODY_MB"]) == limit // 1024**2
