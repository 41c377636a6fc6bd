"""Two processes of a service at once: each event has its effect once, in order, and who was undone is run again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from contracts.envelope import read
from contracts.events import ProposalWithdrawn
from services.chassis import inbox, outbox
from services.chassis.bus import Bus
from services.chassis.errors import AlreadyThere, Conflict, DatabaseBusy
from services.chassis.relay import Relay
from services.chassis.service import TRIES, Context, Service
from tests.faults.parts import COUNTER, WRITER, EffectRow, NoteRow, effects, write_note
from tests.support import outbox_of

SOON = 30


def emit(context: Context, subject: str, number: int) -> None:
    """Say something about `subject`."""
    withdrawn = ProposalWithdrawn(
        proposal_id="6b1c7d5e-0c57-4d0f-9a53-0d6f3a3f7a10", reference=f"{number}", version=1, withdrawn_at=context.now
    )
    context.emit(withdrawn, subject=subject)


def test_two_processes_that_are_given_the_same_event_handle_it_once(
    writer: Service, counter: Service, write: Callable[..., None]
) -> None:  # fmt: skip
    write(*"abcdefgh")
    events = outbox_of(writer)
    with closing(Service(COUNTER, counter.settings)) as other:
        together = Barrier(2)

        def handle_all(service: Service) -> int:
            handled = 0
            for event in events:
                together.wait(SOON)
                with service.work(event=event) as context:
                    if inbox.claim(context.session, COUNTER.messaging, COUNTER.name, event, context.now):
                        COUNTER.routes[ProposalWithdrawn](context, event)
                        handled += 1
            return handled

        with ThreadPoolExecutor(2) as threads:
            assert sum(threads.map(handle_all, (counter, other))) == len(events)
    assert effects(counter) == dict.fromkeys("abcdefgh", 1)


def test_events_of_one_subject_are_handled_one_after_the_other(writer: Service, counter: Service) -> None:
    with writer.work() as context:
        emit(context, "one", 1)
        emit(context, "one", 2)
    first, second = outbox_of(writer)
    begun, done, seen = Event(), Event(), []

    def slow() -> None:
        with counter.work(event=first) as context:
            begun.set()
            done.wait(0.2)  # time enough for the other one to be first, if it could
            context.session.add(EffectRow(text="first"))

    def quick() -> None:
        assert begun.wait(SOON)
        with counter.work(event=second) as context:
            seen.extend(context.session.exec(select(EffectRow.text)))
            done.set()

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert seen == ["first"]


def test_positions_of_one_key_rise_in_the_order_of_commits(writer: Service, bus: Bus) -> None:
    """Else the relay would carry the second event, and later, as if it were new, the first."""
    started, numbers = Barrier(4), iter(range(1000))
    lock = threading.Lock()
    committed: list[int] = []

    def write_some(_: int) -> None:
        started.wait(SOON)
        for _ in range(10):
            with writer.work() as context:
                number = next(numbers)
                emit(context, "the one key", number)
                write_note(context, f"{number}")
            with lock:
                committed.append(number)

    stop = threading.Event()
    relay = Relay(writer, bus)
    writer.wake_relay = relay.wake
    carrying = threading.Thread(target=relay.run, args=(stop,))
    carrying.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write_some, range(4)))
    Relay(writer, bus).publish_pending()
    stop.set()
    carrying.join(SOON)
    told = [int(read(one.headers, one.body).data.reference) for one in bus.read("cami.projects", limit=5000)
            if one.key == "the one key"]  # fmt: skip
    table = WRITER.messaging.outbox
    with writer.read() as session:
        stored = session.execute(
            select(table.c.body, table.c.headers).where(table.c.key == "the one key").order_by(table.c.position)
        ).all()
    assert list(dict.fromkeys(told)) == [int(read(row.headers, row.body).data.reference) for row in stored]
    assert sorted(committed) == sorted(set(told))


def test_an_event_waits_for_an_earlier_one_of_its_key_that_is_not_committed(writer: Service, bus: Bus) -> None:
    held, go_on, relay = Event(), Event(), Relay(writer, bus)

    def slow() -> None:
        with writer.work() as context:
            emit(context, "key", 1)
            outbox.write(context.session, WRITER.messaging, writer.name, context.said)
            context.said.clear()
            held.set()
            assert go_on.wait(SOON)

    def quick() -> None:
        with writer.work() as context:
            emit(context, "key", 2)

    first = threading.Thread(target=slow)
    first.start()
    assert held.wait(SOON)
    second = threading.Thread(target=quick)
    second.start()
    second.join(0.2)
    relay.publish_pending()
    assert not bus.read("cami.projects", limit=10)
    go_on.set()
    for thread in (first, second):
        thread.join(SOON)
    relay.publish_pending()
    assert [read(m.headers, m.body).data.reference for m in bus.read("cami.projects", limit=10)] == ["1", "2"]


def test_who_finds_that_another_was_faster_looks_again(writer: Service) -> None:
    looked, go_on = Barrier(2), []

    def once(context: Context) -> bool:
        there = context.session.get(NoteRow, "a") is not None
        if not there:
            if len(go_on) < 2:
                go_on.append(True)
                if not writer.db.is_sqlite:  # there, writers are not at work at the same time
                    looked.wait(SOON)
            context.session.add(NoteRow(text="a"))
        return there

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(lambda _: writer.run(once), range(2))) == [False, True]


def test_what_is_refused_again_and_again_is_told(writer: Service) -> None:
    with writer.work() as context:
        context.session.add(NoteRow(text="a"))
    tries = []

    def always(context: Context) -> None:
        tries.append(1)
        context.session.add(NoteRow(text="a"))

    with pytest.raises(Conflict) as told:
        writer.run(always)
    assert isinstance(told.value, AlreadyThere) is not writer.db.is_sqlite
    assert len(tries) == (1 if writer.db.is_sqlite else TRIES)


def test_of_two_that_wait_for_each_other_one_is_undone_and_run_again(writer: Service) -> None:
    with writer.work() as context:
        context.session.add_all([NoteRow(text="a"), NoteRow(text="b")])
    met = Barrier(2)
    tries: list[str] = []

    def rename(context: Context, first: str, second: str) -> None:
        tries.append(first)
        for name in (first, second):
            context.session.execute(text("UPDATE note SET text = text WHERE text = :name"), {"name": name})
            if len(tries) <= 2 and name == first and not writer.db.is_sqlite:
                met.wait(SOON)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(writer.run, lambda c, pair=pair: rename(c, *pair)) for pair in ("ab", "ba")]:
            done.result(SOON)
    assert (len(tries) > 2) is not writer.db.is_sqlite
    with writer.read() as session:
        assert sorted(session.exec(select(col(NoteRow.text)))) == ["a", "b"]


def test_a_busy_database_is_not_run_again_at_once(writer: Service) -> None:
    tries = []

    def busy(_context: Context) -> None:
        tries.append(1)
        raise DatabaseBusy("for now")

    with pytest.raises(DatabaseBusy):
        writer.run(busy)
    assert len(tries) == 1
