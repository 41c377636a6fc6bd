"""What a machine may lack. A test that needs it is skipped and says why, or fails where it has to be there.

`REQUIRE=browser,kafka` in the environment names what has to be there; that is how every change is checked.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.engines.docker import docker_answers

CHROMIUM: Final = Path("/usr/bin/chromium")


def _browser() -> str:
    return "" if CHROMIUM.is_file() else f"there is no browser: {CHROMIUM} is missing (apt-get install chromium)"


def _postgres() -> str:
    in_path = shutil.which("initdb") and shutil.which("pg_ctl")
    if in_path or any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or docker_answers():
        return ""
    return "there is no PostgreSQL, and no Docker engine answers (apt-get install postgresql)"


def _kafka() -> str:
    lacks = " and ".join(name for name in ("java", "mvn") if shutil.which(name) is None)
    if not lacks or docker_answers():
        return ""
    return f"there is no {lacks} for Kafka, and no Docker engine answers (apt-get install default-jre-headless maven)"


def _nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return "" if found else "there is no nginx (apt-get install nginx-light)"


def _kcat() -> str:
    return "" if shutil.which("kcat") else "there is no kcat (apt-get install kcat)"


LACKS: Final[Mapping[str, Callable[[], str]]] = {
    "browser": _browser,
    "postgres": _postgres,
    "kafka": _kafka,
    "kcat": _kcat,
    "nginx": _nginx,
}
"""Name -> what is missing on this machine; "" when all is there."""


def require(name: str, *, along_with: str = "") -> None:
    """Skip the test, or fail it where REQUIRE names `name` (or what it goes along with), unless this machine has what
    it needs."""
    reason = LACKS[name]()
    if not reason:
        return
    if {name, along_with} & set(os.environ.get("REQUIRE", "").replace(",", " ").split()):
        pytest.fail(f"{reason}; REQUIRE says it must be there", pytrace=False)
    pytest.skip(reason)
