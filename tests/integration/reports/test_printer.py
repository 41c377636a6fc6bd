"""The printer: a document asked for is made once, whatever dies on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from contracts.envelope import new_id
from contracts.events import DocumentRendered
from services.chassis.service import Context, Service
from services.chassis.tracing import Trail, following
from services.reports import store
from services.reports.component import COMPONENT
from services.reports.handlers import documents
from services.reports.handlers.documents import Wish
from services.reports.printer import measure
from services.reports.tables import FAILED, QUEUED, READY, RENDERING, DocumentRow, KeptFileRow
from tests.conftest import MakeService
from tests.support import outbox_of

SHORT = "<html lang='en'><head><title>x</title></head><body><p>Short</p></body></html>"
FOR_EVER = "<div style='display: grid; grid-template-columns: repeat(40, 1fr)'>" + "<p>words and words</p>" * 60_000


def wish(html: str = SHORT, **changes: Any) -> Wish:
    values: dict[str, Any] = {
        "kind": "proposal", "subject": str(new_id()), "subject_name": "Crossings", "reference": "CAMI-2026-0042",
        "organisation_id": None, "language": "en", "html": html, "title": "Crossings", "asked_by": "Aigul",
    }  # fmt: skip
    return Wish(**(values | changes))


def ask(service: Service, one: Wish) -> DocumentRow:
    with service.work() as context:
        return documents.ask_for(context, one)


def row_of(service: Service, key: UUID) -> DocumentRow:
    with service.read() as session:
        row = session.get(DocumentRow, key)
    assert row is not None
    return row


def lose_files(service: Service) -> None:
    """As if somebody had restored half a database."""
    with service.work() as context:
        context.session.execute(sa.delete(KeptFileRow))


def wait_for(service: Service, key: UUID, *states: str) -> DocumentRow:
    """The row once it is in one of `states`; fails when that does not happen."""
    return wait_until(lambda: row if (row := row_of(service, key)).state in states else None)


def wait_until(found: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return value


def rendered_events(service: Service) -> list[DocumentRendered]:
    return [event.data for event in outbox_of(service) if isinstance(event.data, DocumentRendered)]


def test_a_document_is_made_kept_and_told_of(reports: Service) -> None:
    row = ask(reports, wish())
    assert row.state == QUEUED
    reports.extras.wake()
    made = wait_for(reports, row.id, READY, FAILED)
    assert (made.state, made.pages, made.error) == (READY, 1, "")
    with reports.read() as session:
        content = store.content_of(session, made.sha256)
    assert content is not None
    assert content.startswith(b"%PDF-1.7")
    assert len(content) == made.size
    [told] = rendered_events(reports)
    assert (told.document_id, told.pages, told.sha256, told.language) == (row.id, 1, made.sha256, "en")


def test_what_a_request_asked_for_belongs_to_its_trace(reports: Service) -> None:
    request = Trail("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736")
    with following(request):
        row = ask(reports, wish())
    reports.extras.wake()
    wait_for(reports, row.id, READY, FAILED)
    (told,) = [event for event in outbox_of(reports) if isinstance(event.data, DocumentRendered)]
    assert told.traceparent[3:35] == request.trace
    assert told.correlationid == told.causationid == request.correlation


def test_what_waits_for_the_printer_is_measured(reports: Service) -> None:
    for number in range(3):
        ask(reports, wish(SHORT.replace("Short", f"Number {number}")))
    measure(reports)
    assert REGISTRY.get_sample_value("cami_pdf_documents", {"state": "queued"}) == 3
    assert REGISTRY.get_sample_value("cami_pdf_documents", {"state": "rendering"}) == 0


def test_the_same_content_is_one_document_and_made_once(reports: Service) -> None:
    subject = str(new_id())
    first, second = (ask(reports, wish(subject=subject, asked_by=name)) for name in ("Aigul", "Timur"))
    assert first.id == second.id
    reports.extras.wake()
    made = wait_for(reports, first.id, READY)
    again = ask(reports, wish(subject=subject))
    assert (again.id, again.state, again.rendered_at) == (made.id, READY, made.rendered_at)
    assert again.asked_by == "Aigul"
    assert ask(reports, wish(SHORT.replace("Short", "Other"))).id != made.id
    assert len(rendered_events(reports)) == 1


def test_a_lost_file_is_made_again_and_is_the_same(reports: Service) -> None:
    row = ask(reports, wish())
    reports.extras.wake()
    made = wait_for(reports, row.id, READY)
    lose_files(reports)
    assert ask(reports, wish()).state == QUEUED
    reports.extras.wake()
    assert wait_for(reports, row.id, READY).sha256 == made.sha256
    with reports.read() as session:
        assert store.exists(session, made.sha256)


def test_a_document_that_runs_over_falls_back_on_a_shorter_one(reports: Service) -> None:
    long = "<p style='break-after: page'>a</p>" * 3
    row = ask(reports, wish(long, fallbacks=(long + "<p>b</p>", SHORT), most_pages=1))
    reports.extras.wake()
    assert wait_for(reports, row.id, READY, FAILED).pages == 1


def test_a_document_that_asks_for_what_it_may_not_have_fails(reports: Service) -> None:
    row = ask(reports, wish("<img alt='' src='file:///etc/passwd'>"))
    reports.extras.wake()
    assert wait_for(reports, row.id, READY, FAILED).error == "failed"
    other = ask(reports, wish())
    reports.extras.wake()
    assert wait_for(reports, other.id, READY, FAILED).state == READY


def test_a_document_that_takes_too_long_fails_and_can_be_tried_again(make_service: MakeService) -> None:
    service = make_service(COMPONENT, pdf_timeout_seconds=1.0)
    row = ask(service, wish(FOR_EVER))
    service.extras.wake()
    assert wait_for(service, row.id, READY, FAILED).error == "timeout"
    with service.work() as context:
        again = documents.retry(context, row.id)
    assert (again.state, again.attempts, again.error) == (QUEUED, 0, "")


def test_a_worker_that_dies_is_given_the_document_again_but_not_for_ever(reports: Service) -> None:
    row = ask(reports, wish(FOR_EVER))
    reports.extras.wake()
    killed: set[int] = set()
    while (state := row_of(reports, row.id)).state != FAILED:
        for process in set(reports.extras.pool.processes) - killed:
            if state.state == RENDERING:
                os.kill(process, signal.SIGKILL)
                killed.add(process)
        time.sleep(0.05)
    assert state.error == documents.INTERRUPTED
    assert len(killed) == documents.MOST_ATTEMPTS
    assert rendered_events(reports) == []


def test_what_is_under_way_at_the_end_waits_for_the_next_start(reports: Service) -> None:
    service = Service(COMPONENT, reports.settings)
    row = ask(service, wish(FOR_EVER))
    service.extras.wake()
    wait_for(service, row.id, RENDERING)
    wait_until(lambda: service.extras.pool.processes)
    service.close()
    left = row_of(reports, row.id)
    assert (left.state, left.attempts) == (QUEUED, 0)


CRASHING = """
import sys, time
from pathlib import Path
from uuid import UUID
from services.chassis.service import Context, Service
from services.reports.component import COMPONENT
from services.reports.tables import DocumentRow
from tests.support import settings_in

service = Service(COMPONENT, settings_in(Path(sys.argv[1]), database_url=sys.argv[3]))
service.extras.wake()
while True:
    with service.read() as session:
        row = session.get(DocumentRow, UUID(sys.argv[2]))
    if row.state == "rendering" and service.extras.pool.processes:
        print("rendering", flush=True)
    time.sleep(0.05)
"""


def test_a_document_whose_program_was_killed_is_taken_up_after_the_restart(reports: Service, tmp_path: Path) -> None:
    """kill -9 in the middle of rendering; the next program finds the document and finishes it."""
    row = ask(reports, wish(FOR_EVER))
    program = subprocess.Popen(
        [sys.executable, "-c", CRASHING, str(tmp_path), str(row.id), reports.settings.database_url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    try:
        assert program.stdout.readline().strip() == "rendering"
    finally:
        program.kill()
        program.wait()
    left = row_of(reports, row.id)
    assert (left.state, left.attempts) == (RENDERING, 1)

    with reports.work() as context:  # what it held too long to wait for: give it something short
        context.session.get(DocumentRow, row.id).html = SHORT  # type: ignore[union-attr]
        assert documents.take_next(context) is None  # the lease of the dead still holds
    later = Service(COMPONENT, reports.settings, clock=lambda: datetime.now(UTC) + 2 * documents.LEASE)
    try:
        assert COMPONENT.load is not None
        COMPONENT.load(later, lambda *_: None)
        made = wait_for(later, row.id, READY, FAILED)
    finally:
        later.close()
    assert (made.state, made.attempts) == (READY, 2)
    assert len(rendered_events(reports)) == 1


@pytest.mark.parametrize("attempts", [documents.MOST_ATTEMPTS - 1, documents.MOST_ATTEMPTS])
def test_what_kills_every_program_is_given_up(reports: Service, attempts: int) -> None:
    row = ask(reports, wish())
    with reports.work() as context:
        kept = context.session.get(DocumentRow, row.id)
        assert kept is not None
        kept.state, kept.attempts = RENDERING, attempts
        kept.leased_until = context.now - timedelta(seconds=1)
    with reports.work() as context:
        taken = documents.take_next(context)
    if attempts < documents.MOST_ATTEMPTS:
        assert taken is not None
        assert taken.attempts == documents.MOST_ATTEMPTS
    else:
        assert taken is None
        assert row_of(reports, row.id).error == documents.INTERRUPTED


def test_two_printers_do_not_take_the_same_document(reports: Service) -> None:
    rows = [ask(reports, wish(SHORT.replace("Short", name))) for name in ("a", "b")]
    taken = []
    for _ in range(3):
        with reports.work() as context:
            taken.append(documents.take_next(context))
    assert [row and row.id for row in taken] == [rows[0].id, rows[1].id, None]


def test_a_lease_that_is_renewed_does_not_run_out(reports: Service) -> None:
    row = ask(reports, wish())
    with reports.work() as context:
        documents.take_next(context)
        documents.renew(context, [row.id])
    before = row_of(reports, row.id).leased_until
    later = Service(COMPONENT, reports.settings, clock=lambda: datetime.now(UTC) + timedelta(seconds=5))
    try:
        with later.work() as context:
            documents.renew(context, [row.id])
    finally:
        later.close()
    after = row_of(reports, row.id).leased_until
    assert before is not None
    assert after is not None
    assert after > before


def test_finishing_twice_tells_once(reports: Service) -> None:
    row = ask(reports, wish())
    for _ in range(2):
        with reports.work() as context:
            documents.finish(context, row.id, pages=1, size=9, sha256="a" * 64)
    with reports.work() as context:
        documents.fail(context, row.id, "failed")
    assert row_of(reports, row.id).state == READY
    assert len(rendered_events(reports)) == 1


def test_a_lease_of_a_clock_that_jumped_holds_nothing_up(reports: Service) -> None:
    row = ask(reports, wish())
    ahead = Service(COMPONENT, reports.settings, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    try:
        with ahead.work() as context:
            assert documents.take_next(context) is not None
    finally:
        ahead.close()
    with reports.work() as context:
        taken = documents.take_next(context)
    assert taken is not None
    assert taken.id == row.id


def test_content_is_kept_once_under_its_hash(reports: Service) -> None:
    for _ in range(2):
        with reports.work() as context:
            digest = store.keep(context.session, b"%PDF-1.7 x", context.now)
    with reports.read() as session:
        assert store.content_of(session, digest) == b"%PDF-1.7 x"
        assert session.execute(sa.select(sa.func.count()).select_from(KeptFileRow)).scalar_one() == 1
        assert not store.exists(session, "")


def test_files_of_an_earlier_version_move_into_the_database(reports: Service) -> None:
    folder = reports.settings.data_dir / "documents"
    folder.mkdir(parents=True)
    content = b"%PDF-1.7 from before"
    digest = sha256(content).hexdigest()
    (folder / f"{digest}.pdf").write_bytes(content)
    damaged = folder / f"{'a' * 64}.pdf"
    damaged.write_bytes(b"half of a file")
    for _ in range(2):
        store.take_over(reports, lambda what, done, total: None)
    with reports.read() as session:
        assert store.content_of(session, digest) == content
        assert not store.exists(session, damaged.stem)
    assert list(folder.iterdir()) == [damaged]


def test_a_fault_that_nobody_foresaw_does_not_end_the_printer(
    reports: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = documents.take_next, []

    def once(context: Context) -> DocumentRow | None:
        if not failed:
            failed.append(True)
            raise RuntimeError("a bug")
        return real(context)

    monkeypatch.setattr(documents, "take_next", once)
    row = ask(reports, wish())
    reports.extras.wake()
    assert wait_for(reports, row.id, READY, FAILED).state == READY
    assert failed
