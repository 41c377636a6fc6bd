"""One boundary turns the driver's exceptions into ours; what will not pass is not called busy."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.chassis.db import Database
from services.chassis.errors import Conflict, DatabaseBusy


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
