"""On PostgreSQL: one moment for readers, limits for all, a server that goes and comes back, one relay that leads."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.envelope import read
from services.chassis.bus import Bus
from services.chassis.db import Database, Pool
from services.chassis.errors import CamiError, DatabaseBusy
from services.chassis.leading import FirstCome
from services.chassis.relay import Relay
from services.chassis.service import Service
from tests.conformance.helpers import eventually
from tests.engines.postgres import PostgresServer
from tests.faults.parts import WRITER, open_part, write_note

SOON = 60
"""Seconds after which something was waited for in vain."""
FOR_LONG = 120
"""Seconds of a wait that only a call ends so soon."""


@pytest.fixture
def database() -> str:
    """PostgreSQL alone."""
    return "postgres"


@pytest.fixture
def db(postgres_server: PostgresServer) -> Iterator[Database]:
    """A database with one table."""
    url = postgres_server.fresh("thing")
    made = Database(url)
    with made.write() as session:
        session.execute(text("CREATE TABLE thing (id SERIAL PRIMARY KEY, name TEXT UNIQUE)"))
    yield made
    made.close()
    postgres_server.drop(url)


def names(db: Database) -> list[str]:
    """All there is."""
    with db.read() as session:
        return list(session.execute(text("SELECT name FROM thing ORDER BY id")).scalars())


def add(db: Database, name: str) -> None:
    """One more."""
    with db.write() as session:
        session.execute(text("INSERT INTO thing (name) VALUES (:name)"), {"name": name})


def run(db: Database, *steps: str | Callable[[], None]) -> None:
    """One transaction of statements, and of what happens in between."""
    with db.write() as session:
        for step in steps:
            if isinstance(step, str):
                session.execute(text(step))
            else:
                step()


def cut_off(server: PostgresServer, db: Database) -> int:
    """End every connection to `db`, as a restart of the server does; answers how many there were."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        found = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", [db.engine.url.database]
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_all_that_one_reader_reads_is_of_one_moment(db: Database) -> None:
    with db.read() as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar() == 0
        add(db, "a")
        assert session.execute(text("SELECT count(*) FROM thing")).scalar() == 0
    assert names(db) == ["a"]


def test_a_reader_cannot_write_and_that_is_not_called_busy(db: Database) -> None:
    with pytest.raises(DBAPIError), db.read() as session:
        session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
    add(db, "b")
    assert names(db) == ["b"]


def test_every_connection_has_its_limits(db: Database) -> None:
    with db.read() as session:
        shown = {
            name: session.execute(text(f"SHOW {name}")).scalar()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone",
                         "transaction_isolation", "transaction_read_only")
        }  # fmt: skip
    assert shown == {
        "statement_timeout": "1min", "lock_timeout": "15s", "idle_in_transaction_session_timeout": "1min",
        "timezone": "UTC", "transaction_isolation": "repeatable read", "transaction_read_only": "on",
    }  # fmt: skip
    with db.write() as session:
        assert session.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
        assert session.execute(text("SHOW transaction_read_only")).scalar() == "off"


def test_writers_write_side_by_side(db: Database) -> None:
    with db.write() as session:
        session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
        with ThreadPoolExecutor(1) as thread:
            thread.submit(add, db, "b").result(SOON)
        assert names(db) == ["b"]
    assert sorted(names(db)) == ["a", "b"]


def test_a_lock_that_cannot_be_had_is_busy(db: Database) -> None:
    add(db, "a")
    with db.write() as holder:
        holder.execute(text("SELECT 1 FROM thing FOR UPDATE"))
        with pytest.raises(DatabaseBusy):
            run(db, "SET LOCAL lock_timeout = '10ms'", "SELECT 1 FROM thing FOR UPDATE")


def test_a_pool_that_is_empty_is_busy(db: Database) -> None:
    small = Database(db.url, Pool(1, 0, 0.01))
    with small.write() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseBusy), small.read():
            pass
    small.close()


def test_connections_that_died_at_rest_are_replaced_unseen(
    db: Database, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    add(db, "a")
    monkeypatch.setattr("services.chassis.postgres.FRESH_SECONDS", 0.0)
    assert cut_off(postgres_server, db) > 0
    assert names(db) == ["a"]


def test_a_connection_that_dies_in_the_middle_is_busy_and_the_next_one_works(
    db: Database, postgres_server: PostgresServer
) -> None:  # fmt: skip
    def cut() -> None:
        cut_off(postgres_server, db)

    insert = "INSERT INTO thing (name) VALUES ('a')"
    with pytest.raises(DatabaseBusy):
        run(db, insert, cut, insert.replace("a", "b"))
    with pytest.raises(DatabaseBusy):  # the commit finds out
        run(db, insert, cut)
    add(db, "d")
    assert names(db) == ["d"]


def test_a_wrong_statement_is_not_called_busy(db: Database) -> None:
    with pytest.raises(DBAPIError), db.write() as session:
        session.execute(text("INSERT INTO nowhere VALUES (1)"))


def test_another_driver_is_refused_with_the_setting(tmp_path: object) -> None:
    with pytest.raises(CamiError, match="CAMI_DATABASE_URL"):
        Database("postgresql+nonsense://127.0.0.1/x")


def test_one_process_at_a_time_is_alone(db: Database) -> None:
    other = Database(db.url)
    inside: list[str] = []
    entered, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with db.alone("load", "thing"):
            entered.set()
            assert go_on.wait(SOON)
            inside.append("first")

    def second() -> None:
        assert entered.wait(SOON)
        with other.alone("load", "thing"):
            inside.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    assert entered.wait(SOON)
    with other.alone("load", "something else"):
        go_on.set()
    for thread in threads:
        thread.join(SOON)
    assert inside == ["first", "second"]
    other.close()


def told(bus: Bus) -> list[str]:
    """References of the events on the bus."""
    return [read(message.headers, message.body).data.reference for message in bus.read("cami.projects", limit=500)]


def test_one_of_two_leads_and_the_other_takes_over(
    db: Database, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    one, other = FirstCome(db, "thing"), FirstCome(db, "thing")
    somebody_elses = FirstCome(db, "something else")
    assert [one.leads(), other.leads(), one.leads(), somebody_elses.leads()] == [True, False, True, True]
    cut_off(postgres_server, db)
    with pytest.raises(DatabaseBusy):
        one.leads()
    monkeypatch.setattr("services.chassis.postgres.FRESH_SECONDS", 0.0)
    with pytest.raises(DatabaseBusy):
        other.leads()
    assert [other.leads(), one.leads()] == [True, False]
    other.resign()
    eventually(one.leads, "the lock is free when the server has seen that the connection is closed")
    for each in (one, other, somebody_elses):
        each.close()


def test_who_does_not_lead_wakes_who_does(db: Database) -> None:
    leader, other = FirstCome(db, "thing"), FirstCome(db, "thing")
    assert leader.leads()
    assert not other.leads()

    with ThreadPoolExecutor(2) as threads:
        woken = threads.submit(leader.wait, FOR_LONG)
        other.wake()
        threads.submit(other.wait, FOR_LONG).result(SOON)  # passes it on
        woken.result(SOON)
        leader.wake()
        threads.submit(leader.wait, FOR_LONG).result(SOON)  # of its own accord as well
    leader.close()
    other.close()


def test_two_relays_at_work_publish_everything_once_and_outlive_the_server(
    writer: Service, bus: Bus, postgres_server: PostgresServer
) -> None:  # fmt: skip
    with closing(open_part(WRITER, writer.settings)) as replica:
        stop = threading.Event()
        relays = {writer: Relay(writer, bus), replica: Relay(replica, bus)}
        for service, relay in relays.items():
            service.wake_relay = relay.wake
        threads = [threading.Thread(target=relay.run, args=(stop,)) for relay in relays.values()]
        for thread in threads:
            thread.start()
        expected = []
        for number in range(20):
            if number == 10:
                eventually(lambda: len(told(bus)) >= 10, "the first ten are published")
                cut_off(postgres_server, writer.db)
            for service in relays:
                expected.append(f"{number}-{id(service)}")
                write_through(service, expected[-1])
        eventually(lambda: set(told(bus)) == set(expected), "everything is published")
        stop.set()
        for relay in relays.values():
            relay.wake()
        for thread in threads:
            thread.join(SOON)
    assert list(dict.fromkeys(told(bus))) == expected


def write_through(service: Service, note: str) -> None:
    """Write a note, however often the server has to be asked; a note that stands is not written again."""
    while True:
        try:
            with service.work() as context:
                write_note(context, note)
        except DatabaseBusy:
            continue
        return
