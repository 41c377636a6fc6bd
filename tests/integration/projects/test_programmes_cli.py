"""`cami programme import` and `cami programme list`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.chassis.service import Service
from services.projects.cli import app
from services.projects.component import COMPONENT
from services.projects.queries.programmes import heads
from tests.conftest import MakeService
from tests.support import outbox_of
from tests.unit.projects.programme_text import next_programme

Run = Callable[..., Result]


@pytest.fixture
def service(make_service: MakeService) -> Service:
    """The service without any programme."""
    return make_service(COMPONENT)


@pytest.fixture
def run(service: Service) -> Run:
    """Runs `programme <words>`."""

    @contextmanager
    def open_service() -> Iterator[Service]:
        yield service

    def call(*words: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app(open_service), list(words), input=stdin)

    return call


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The text of a programme."""
    path = tmp_path / "next.txt"
    path.write_text(next_programme(), encoding="utf-8")
    return path


def kept(service: Service) -> list[str]:
    """Ids of the programmes that are kept."""
    with service.read() as session:
        return [head.id for head in heads(session)]


def test_a_dry_run_tells_and_writes_nothing(run: Run, service: Service, file: Path) -> None:
    answer = run("import", str(file), "--dry-run")
    assert answer.exit_code == 0
    for told in ("Programme of Work 2026–2031", "actions         11", "high ", "duplicate number: 1.3-2", "dry run"):
        assert told in answer.stdout
    assert kept(service) == []
    assert outbox_of(service) == []


def test_json_is_what_was_read(run: Run, service: Service, file: Path) -> None:
    found = json.loads(run("import", str(file), "--dry-run", "--json").stdout)
    assert found["period"] == {"start": 2026, "end": 2031}
    assert [action["id"] for action in found["actions"]][:4] == ["1.1", "1.2", "1.3", "1.3-2"]
    assert {"parts", "sections", "species", "range_states", "anomalies"} <= set(found)
    assert kept(service) == []


def test_import_keeps_and_publishes(run: Run, service: Service, file: Path) -> None:
    answer = run("import", str(file))
    assert answer.exit_code == 0
    assert "11 actions new" in answer.stdout
    assert kept(service) == ["cami-2026-2031"]
    assert len(outbox_of(service)) == 12
    again = run("import", str(file))
    assert "nothing has changed" in again.stdout
    assert len(outbox_of(service)) == 12


def test_import_as_json_says_what_was_done(run: Run, file: Path) -> None:
    found = json.loads(run("import", str(file), "--json").stdout)
    assert found["imported"] == {"programme_id": "cami-2026-2031", "added": 11, "changed": 0, "removed": 0}


def test_standard_input(run: Run, service: Service, file: Path) -> None:
    answer = run("import", "-", stdin=file.read_bytes())
    assert answer.exit_code == 0
    assert kept(service) == ["cami-2026-2031"]


def test_list(run: Run, file: Path) -> None:
    assert "No Programme of Work" in run("list").stdout
    assert json.loads(run("list", "--json").stdout) == []
    run("import", str(file))
    assert "cami-2026-2031  2026–2031  6 sections, 11 actions, revision 1  next.txt" in run("list").stdout
    (row,) = json.loads(run("list", "--json").stdout)
    assert (row["id"], row["actions"], row["source"]) == ("cami-2026-2031", 11, "next.txt")


@pytest.mark.parametrize("flags", [[], ["--json"], ["--dry-run"]])
def test_a_refused_file_names_the_line_and_writes_nothing(
    run: Run, service: Service, file: Path, flags: list[str]
) -> None:
    text = next_programme().replace("\n2.2 Suivre", "\n7.2 Suivre")
    number = text.splitlines().index("7.2 Suivre les dépenses (voir 1.1 à 1.3).") + 1
    file.write_text(text, encoding="utf-8")
    answer = run("import", str(file), *flags)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert f"line {number}:" in answer.stderr
    assert "7.2 Suivre les dépenses" in answer.stderr
    assert kept(service) == []
    assert outbox_of(service) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        ("Initiative pour les mammif\xe8res".encode("latin-1"), "not UTF-8"),
        (b"[project]\nname = 1\n", "line 1"),
    ],
)
def test_other_files_are_refused(run: Run, tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    answer = run("import", str(path))
    assert answer.exit_code == 2
    assert told in answer.stderr


def test_what_is_no_file_is_refused(run: Run, tmp_path: Path) -> None:
    folder = run("import", str(tmp_path))
    assert (folder.exit_code, "is a folder" in folder.stderr) == (2, True)
    missing = run("import", str(tmp_path / "missing.txt"))
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (2, True)
