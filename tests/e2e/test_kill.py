"""The whole program is killed at every step of a proposal's journey; after a new start the effect is there once.

The fault is armed in a program that has nothing left to do from before: its start passes none of the points, signing in
by password passes none, so the first passing of a point (`:1`) is the submission's own, or what follows from it.

A few cases start a new process again; the others start the same program in this process, which is quicker.
"""

from pathlib import Path

import httpx
import pytest

from contracts.envelope import read
from contracts.events import ProposalJudged, ProposalSubmitted
from services.chassis.faults import POINTS
from services.chassis.runner import Program
from services.registry import ALL, COMPONENTS, choose
from tests.e2e.conftest import Prepared, town_of
from tests.e2e.people import Ngo
from tests.e2e.program import Books, copied, running, until
from tests.e2e.test_restart import settled

KILLED = 137
CASES = [
    *(f"{point}:1" for point in POINTS if not point.startswith("outbox.")),
    # What follows from the submission: matching's own events, and the second reader of it.
    "outbox.before_commit:2", "consumer.after_handler:2",
]  # fmt: skip


def press_submit(ngo: Ngo, proposal: str) -> bool:
    """Press the button, while the program dies. Answers whether the browser was told that it worked."""
    ngo.browser.open(f"/projects/proposals/{proposal}/check")
    form = ngo.browser.form("/submit")
    client = ngo.browser._client
    try:
        answer = client.post(form.action, data=dict(form.values), follow_redirects=False)
    except httpx.TransportError:
        return False
    assert answer.status_code == 303
    return True


def versions(books: Books, proposal: str) -> int:
    """How many versions of the proposal are submitted."""
    return books.count("projects", "proposal_version", "proposal_id = ?", proposal.replace("-", ""))


def start_again(books: Books) -> None:
    """Start the program on the same files, let it come to rest, and stop it."""
    with Program(books.settings, choose([ALL])) as program:
        program.load(lambda what, done, total: None)
        program.settle(lambda what, done, total: None)


def assert_once(books: Books, proposal: str) -> None:
    """Every service has had the submission, and each has its effect once."""
    until(lambda: settled(books), "that everything is handled")
    key = proposal.replace("-", "")
    assert books.rows("projects", "SELECT status, version FROM proposal WHERE id = ?", key) == [("submitted", 1)]
    assert versions(books, proposal) == 1
    assert books.count("matching", "proposal") == books.count("reports", "proposal") == 1
    assert books.count("matching", "pair") == books.count("matching", "pair", "proposal_id = ?", key) == 69
    assert books.rows("reports", "SELECT version FROM proposal WHERE id = ?", key) == [(1,)]
    assert books.rows("reports", "SELECT version FROM judgement WHERE proposal_id = ?", key) == [(1,)]
    assert books.count("reports", "verdict", "proposal_id = ?", key) == 69
    for name in COMPONENTS:
        assert books.count(name, "parked") == 0, name
    # A message may stand on the bus twice; what it says has one id, and each service has claimed that once.
    for topic, payload, readers in (
        ("cami.projects", ProposalSubmitted, ("matching", "reports")),
        ("cami.matching", ProposalJudged, ("reports",)),
    ):
        told = [read(message.headers, message.body) for message in books.events(topic) if message.key == proposal]
        ids = {event.id for event in told if isinstance(event.data, payload)}
        assert len(ids) == 1, topic
        for reader in readers:
            assert books.count(reader, "inbox", "event_id = ?", next(iter(ids)).hex) == 1, reader


def kill_at(prepared: Prepared, data_dir: Path, fault: str) -> Books:
    """Submit, and let the program die at `fault`. What the browser was told of must stand."""
    with running(copied(prepared.data_dir, data_dir), fault) as program:
        told = press_submit(town_of(program).sign_in(prepared.email), prepared.proposal)
        assert program.wait() == KILLED
        stands = versions(program.books, prepared.proposal) == 1
        assert stands or not told
        assert stands == (fault != "outbox.before_commit:1")
        return program.books


@pytest.mark.parametrize("fault", CASES)
def test_killed_while_a_proposal_is_submitted(prepared: Prepared, tmp_path: Path, fault: str) -> None:
    books = kill_at(prepared, tmp_path / "var", fault)
    start_again(books)
    assert_once(books, prepared.proposal)


def test_killed_before_anything_was_kept_the_button_is_where_it_was(prepared: Prepared, tmp_path: Path) -> None:
    books = kill_at(prepared, tmp_path / "var", "outbox.before_commit:1")
    with running(books.data_dir) as program:
        assert press_submit(town_of(program).sign_in(prepared.email), prepared.proposal)
        assert_once(books, prepared.proposal)
        assert program.stop() == 0


def test_killed_before_the_answer_the_page_says_that_it_is_submitted(prepared: Prepared, tmp_path: Path) -> None:
    books = kill_at(prepared, tmp_path / "var", "outbox.after_commit:1")
    with running(books.data_dir) as program:
        ngo = town_of(program).sign_in(prepared.email)
        ngo.browser.open(f"/projects/proposals/{prepared.proposal}/check")
        assert not ngo.browser.has_form("/submit")
        ngo.browser.expect("Submitted")
        assert_once(books, prepared.proposal)
        assert program.stop() == 0


def test_killed_from_outside_while_it_works(prepared: Prepared, tmp_path: Path) -> None:
    with running(copied(prepared.data_dir, tmp_path / "var")) as program:
        assert press_submit(town_of(program).sign_in(prepared.email), prepared.proposal)
        program.end()
    start_again(program.books)
    assert_once(program.books, prepared.proposal)
