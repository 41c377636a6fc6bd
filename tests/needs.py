"""What a machine may lack. A test that needs it is skipped and says why, or fails where it has to be there.

`REQUIRE=browser,kafka` in the environment names what has to be there; that is how every change is checked.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

CHROMIUM: Final = Path("/usr/bin/chromium")


def _browser() -> str:
    return "" if CHROMIUM.is_file() else f"there is no browser: {CHROMIUM} is missing (apt-get install chromium)"


LACKS: Final[Mapping[str, Callable[[], str]]] = {"browser": _browser}
"""Name -> what is missing on this machine; "" when all is there."""


def require(name: str) -> None:
    """Skip the test, or fail it where REQUIRE names `name`, unless this machine has what it needs."""
    reason = LACKS[name]()
    if not reason:
        return
    if name in os.environ.get("REQUIRE", "").replace(",", " ").split():
        pytest.fail(f"{reason}; REQUIRE says it must be there", pytrace=False)
    pytest.skip(reason)
