"""Starting: who comes second, what fails early, and a key that all processes share."""

import os
import secrets
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from services.chassis.bus import Outgoing, open_bus
from services.chassis.errors import CamiError
from services.chassis.groups import lag_of
from services.chassis.runner import Program, listen
from services.chassis.settings import Settings
from services.projects.component import COMPONENT as PROJECTS


def test_processes_that_start_at_once_sign_with_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makes, made = Event(), Event()
    real = secrets.token_urlsafe

    def slow(size: int) -> str:
        if not makes.is_set():  # the first one is held up half-way
            makes.set()
            assert made.wait(10)
        return real(size)

    monkeypatch.setattr(secrets, "token_urlsafe", slow)
    keys: list[str] = []

    def ask() -> None:  # the property itself would let the threads of one process take turns
        keys.append(Settings.__dict__["key"].func(Settings(data_dir=tmp_path)))

    first = Thread(target=ask)
    first.start()
    assert makes.wait(10)
    ask()
    made.set()
    first.join(10)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(keys[0]) >= 48
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_key_file_without_a_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with listen("127.0.0.1", 0) as listener, Program(Settings(data_dir=tmp_path), []) as program:
        program._fail(RuntimeError("so that nothing is served if this comes too far"))
        with pytest.raises(CamiError, match="empty"):
            program.serve(listener, lambda _address: None)


def test_a_program_that_finds_its_port_taken_says_so_and_touches_nothing(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        environment = {**os.environ, "CAMI_PORT": str(port), "CAMI_DATA_DIR": str(tmp_path / "var")}
        started = subprocess.run(
            [sys.executable, "-m", "services", "run"], env=environment, capture_output=True, text=True, timeout=120
        )
    assert started.returncode == 1
    assert f"127.0.0.1:{port}" in started.stderr
    assert "CAMI_PORT" in started.stderr
    assert "Traceback" not in started.stderr
    assert not (tmp_path / "var").exists()


def test_a_part_that_fails_before_there_are_pages_stops_the_program(tmp_path: Path) -> None:
    statuses: list[int] = []

    def run() -> None:
        with listen("127.0.0.1", 0) as listener, Program(Settings(data_dir=tmp_path), []) as program:
            program._fail(RuntimeError("a relay has come upon a bug"))
            statuses.append(program.serve(listener, lambda _address: None))

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(30)
    assert statuses == [1]


def test_a_start_does_not_wait_for_a_moment_of_rest_that_never_comes(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, poll_seconds=0.02)
    with closing(open_bus(settings)) as outside, Program(settings, [PROJECTS], bus=outside) as program:
        outside.publish([Outgoing("cami.accounts", str(number), {}, b"news") for number in range(50)])
        begun = [sum(outside.end_offsets("cami.accounts").values())]

        def never_at_rest() -> int:  # as if a message had come just before each look
            outside.publish([Outgoing("cami.accounts", "late", {}, b"news")])
            return 1

        program.backlog = never_at_rest  # type: ignore[method-assign]
        program.settle(lambda _what, _done, _total: None, rest_seconds=0.1)
        ends = sum(outside.end_offsets("cami.accounts").values())
        passed = ends - lag_of(outside, "projects.accounts", "cami.accounts")
        assert passed >= begun[0]
