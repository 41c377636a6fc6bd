"""The script of the nightly backup, with another program in the place of `cami` that says how it was called."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import KUBERNETES, SERVICES

SCRIPT = KUBERNETES / "maintenance" / "maintenance.sh"
KEPT = 14


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for folder in ("bin", "passwords", "backups", "tmp"):
        (tmp_path / folder).mkdir()
    for service in SERVICES:
        (tmp_path / "passwords" / service).write_text(f"secret-of-{service}", "ascii")
    cami = tmp_path / "bin" / "cami"
    cami.write_text(
        '#!/bin/sh\necho "$@" >"$HERE/called"\ncp -p "$PGPASSFILE" "$HERE/pgpass"\n[ "$1" != backup ] || : >"$2"\n'
    )
    cami.chmod(0o755)
    return tmp_path


def run(place: Path, *arguments: str) -> str:
    environment = os.environ | {
        "HERE": str(place), "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "TMPDIR": str(place / "tmp"),
        "CAMI_PASSWORDS": str(place / "passwords"), "CAMI_BACKUPS": str(place / "backups"),
    }  # fmt: skip
    subprocess.run(["sh", str(SCRIPT), *arguments], env=environment, check=True)
    return (place / "called").read_text("utf-8").strip()


def test_every_password_is_there_and_for_its_owner_alone(place: Path) -> None:
    assert run(place, "restore", "/backups/a file.zip", "--replace") == "restore /backups/a file.zip --replace"
    passfile = place / "pgpass"
    assert stat.S_IMODE(passfile.stat().st_mode) == 0o600, "PostgreSQL's library reads no other"
    lines = passfile.read_text("ascii").splitlines()
    assert set(lines) == {f"*:*:cami_{service}:cami_{service}:secret-of-{service}" for service in SERVICES}


def test_the_newest_backups_are_kept(place: Path) -> None:
    old = [place / "backups" / f"cami-202601{day:02d}T020000Z.zip" for day in range(1, 21)]
    for path in old:
        path.touch()
    (place / "backups" / "by-hand.zip").touch()
    made = Path(run(place, "nightly").removeprefix("backup "))
    left = {path.name for path in (place / "backups").iterdir()}
    assert made.name > old[-1].name
    assert left == {made.name, "by-hand.zip", *(path.name for path in old[-(KEPT - 1) :])}
