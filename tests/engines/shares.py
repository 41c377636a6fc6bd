"""Which tests stay together on one worker, and which groups go first."""

from pathlib import PurePosixPath
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = ("tests/e2e/cluster", "tests/integration/backup", "tests/docs", "tests/contract")
"""Folders whose tests share what is dear to make; elsewhere it is the file."""
EARLY: Final = (
    "tests/e2e/cluster", "tests/faults/test_rounds.py", "tests/e2e", "tests/faults", "tests/house",
)  # fmt: skip
"""The longest go first, so that no worker is left with one of them at the end."""


def group_of(test: str) -> str:
    """The group of a test, by its id: a folder of TOGETHER, or its file."""
    file = test.split("::", 1)[0]
    for folder in TOGETHER:
        if PurePosixPath(file).is_relative_to(folder):
            return folder
    return file


def place(group: str) -> int:
    """The place of a group in the queue; those of one place keep the order in which they were collected."""
    for number, beginning in enumerate(EARLY):
        if PurePosixPath(group).is_relative_to(beginning):
            return number
    return len(EARLY)


class Shares(LoadScopeScheduling):
    """Hands whole groups to workers, the long ones first."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)  # type: ignore[arg-type]

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long groups first; it is the same order in one process and in many."""
    items.sort(key=lambda item: place(group_of(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Shares | None:
    """Ours, unless another is asked for with --dist."""
    return Shares(config, log) if config.option.dist == "load" else None
