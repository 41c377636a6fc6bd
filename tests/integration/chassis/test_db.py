"""One boundary turns the driver's exceptions into ours; what will not pass is not called busy."""

import sqlite3
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from services.chassis.db import Database
from services.chassis.errors import Conflict, DatabaseBusy
from services.chassis.wal import use_wal


@pytest.fixture
def db(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path}/x.sqlite3")
    with made.write() as session:
        session.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    return made


def test_a_failed_block_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with db.write() as session:
            session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.read() as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar() == 0


def test_a_broken_constraint_is_a_conflict(db: Database) -> None:
    with db.write() as session:
        session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
    with pytest.raises(Conflict), db.write() as session:
        session.execute(text("INSERT INTO thing (name) VALUES ('a')"))


def test_a_held_lock_is_busy(db: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path}/x.sqlite3")
    with other.read() as impatient:
        impatient.execute(text("PRAGMA busy_timeout=1"))
    with db.write(), pytest.raises(DatabaseBusy), other.write():
        pass
    other.close()


def test_a_wrong_statement_is_not_called_busy(db: Database) -> None:
    with pytest.raises(OperationalError), db.write() as session:
        session.execute(text("INSERT INTO nowhere VALUES (1)"))


def test_a_commit_is_visible_to_others_while_a_reader_reads(db: Database) -> None:
    with db.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM thing")).scalar() == 0
        with db.write() as session:
            session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
    with db.read() as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar() == 1


def test_all_that_one_reader_reads_is_of_one_moment(db: Database) -> None:
    with db.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM thing")).scalar() == 0
        with db.write() as session:
            session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
        assert reader.execute(text("SELECT count(*) FROM thing")).scalar() == 0


def test_nothing_done_while_reading_is_kept(db: Database) -> None:
    with db.read() as session:
        session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
    with db.read() as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar() == 0


def test_a_database_that_cannot_be_opened_is_busy_to_readers_too(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    missing = Database(f"sqlite:///{folder}/x.sqlite3")
    folder.rmdir()
    with pytest.raises(DatabaseBusy), missing.read():
        pass


def test_writers_of_one_process_wait_for_each_other_and_not_for_sqlite(db: Database) -> None:
    @event.listens_for(db.engine, "checkout")
    def do_not_wait(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    begun, go_on, failures = Event(), Event(), []

    def write(name: str, wait: bool) -> None:
        try:
            with db.write() as session:
                session.execute(text("INSERT INTO thing (name) VALUES (:name)"), {"name": name})
                begun.set()
                assert not wait or go_on.wait(10)
        except Exception as error:
            failures.append(error)

    first = Thread(target=write, args=("a", True))
    first.start()
    assert begun.wait(10)
    others = [Thread(target=write, args=(name, False)) for name in "bcd"]
    for other in others:
        other.start()
    for other in others:
        other.join(0.1)  # time enough to be turned away, if they were
    go_on.set()
    for thread in (first, *others):
        thread.join(30)
    assert failures == []
    with db.read() as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar() == 4


def test_switching_to_wal_waits_for_a_process_that_is_busy_with_the_same(tmp_path: Path) -> None:
    path = tmp_path / "fresh.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    impatient = sqlite3.connect(path, timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        impatient.execute("PRAGMA journal_mode=WAL")
    release = Timer(0.05, lambda: holder.execute("ROLLBACK"))
    release.start()
    use_wal(impatient)
    release.join()
    assert impatient.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    impatient.close()
    holder.close()
