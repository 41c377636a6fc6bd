"""The outbox: an event exists exactly if its cause does, and waits until it is published."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from contracts.envelope import read
from contracts.events import ProposalWithdrawn
from services.chassis import outbox
from services.chassis.service import Service
from tests.faults.parts import WRITER, NoteRow, write_note

TABLES = WRITER.messaging
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def waiting(service: Service, limit: int = 100) -> list[outbox.Unpublished]:
    """What waits to be published."""
    with service.read() as session:
        return list(outbox.unpublished(session, TABLES, limit))


def mark(service: Service, positions: list[int], at: datetime = NOW) -> None:
    """Mark as published."""
    with service.work() as context:
        outbox.mark_published(context.session, TABLES, positions, at)


def test_the_event_and_its_cause_are_committed_together(writer: Service, write: Callable[..., None]) -> None:
    write("first")
    (row,) = waiting(writer)
    event = read(row.headers, row.body)
    assert isinstance(event.data, ProposalWithdrawn)
    assert event.data.reference == "first"
    assert (row.topic, row.key) == ("cami.projects", event.subject)
    assert event.source == "/cami/writer"


def test_neither_is_kept_when_the_work_fails(writer: Service) -> None:
    def work() -> None:
        with writer.work() as context:
            write_note(context, "never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert waiting(writer) == []
    with writer.read() as session:
        assert session.exec(select(NoteRow)).all() == []


def test_what_waits_comes_in_the_order_of_writing_and_up_to_the_limit(
    writer: Service, write: Callable[..., None]
) -> None:  # fmt: skip
    write(*(f"{number}" for number in range(5)))
    positions = [row.position for row in waiting(writer)]
    assert positions == sorted(positions)
    assert [row.position for row in waiting(writer, limit=2)] == positions[:2]


def test_an_older_event_that_was_left_out_is_found_later(writer: Service, write: Callable[..., None]) -> None:
    write("a", "b", "c")
    first, second, third = (row.position for row in waiting(writer))
    mark(writer, [first, third])
    assert [row.position for row in waiting(writer)] == [second]


def test_many_positions_are_marked_at_once(writer: Service) -> None:
    with writer.work() as context:
        for number in range(1200):
            write_note(context, f"{number}")
    mark(writer, [row.position for row in waiting(writer, limit=5000)])
    assert waiting(writer) == []


def test_depth_and_age(writer: Service) -> None:
    with writer.read() as session:
        assert outbox.depth_and_age(session, TABLES, NOW) == (0, timedelta())
    writer.clock = lambda: NOW
    with writer.work() as context:
        write_note(context, "a")
        write_note(context, "b")
    with writer.read() as session:
        depth = outbox.depth_and_age(session, TABLES, NOW + timedelta(seconds=90))
    assert depth == outbox.Depth(events=2, oldest=timedelta(seconds=90))


def test_prune_deletes_only_what_was_published_long_ago(writer: Service, write: Callable[..., None]) -> None:
    write("old", "recent", "waiting")
    old, recent, still = (row.position for row in waiting(writer))
    mark(writer, [old], NOW - timedelta(days=40))
    mark(writer, [recent], NOW)
    with writer.work() as context:
        assert outbox.prune(context.session, TABLES, NOW - timedelta(days=30)) == 1
    assert [row.position for row in waiting(writer)] == [still]


def test_prune_is_bounded(writer: Service, write: Callable[..., None]) -> None:
    write("a", "b", "c")
    positions = [row.position for row in waiting(writer)]
    mark(writer, positions, NOW - timedelta(days=40))
    with writer.work() as context:
        assert outbox.prune(context.session, TABLES, NOW, limit=2) == 2
        left = context.session.connection().execute(select(TABLES.outbox.c.position)).scalars().all()
    assert left == positions[-1:]


def test_the_relay_is_woken_after_the_commit_and_only_if_there_is_an_event(writer: Service) -> None:
    found: list[int] = []
    writer.wake_relay = lambda: found.append(len(waiting(writer)))
    with writer.work() as context:
        write_note(context, "a")
        assert found == []
    with writer.work() as context:
        assert not write_note(context, "a")
    assert found == [1]
