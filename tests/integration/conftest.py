"""These suites run on SQLite and on PostgreSQL; a module that has nothing to do with either says that one is enough."""

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """Which one this test runs on."""
    return str(request.param)
