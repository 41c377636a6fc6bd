"""A newer program judges anew what older rules have judged: in the background, a little at a time, come what may."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.events import ProposalJudged, WindowPairedWithActions
from contracts.windows import AmountRule
from services.chassis.bus import Bus
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.matching.component import COMPONENT
from services.matching.handlers import judging, pairing, renew_some
from services.matching.handlers.renewing import renewing
from services.matching.planning.renewer import Renewer
from services.matching.rules import PreparedWindow, judge, version
from services.matching.tables import Pair, ProposalCopy, Renewal
from tests.conformance.helpers import eventually
from tests.conftest import MakeService
from tests.integration.matching.events import action, submitted, withdrawn
from tests.integration.matching.pursuing import move
from tests.integration.rebuild.life import PROPOSALS, Life, edited, lived
from tests.support import outbox_of

ROOT = Path(__file__).resolve().parents[3]
GONE, SMALL = UUID(int=60), UUID(int=61)
LITTLE = Decimal(5_000)


@contextmanager
def program(number: int, *, strict: bool) -> Iterator[None]:
    """A program whose rules have this version. A strict one lets no proposal ask for more than 10 000 dollars of
    alpha, and knows no theme of gamma."""

    def strictly(facts: Any, terms: Any, **setting: Any) -> Any:
        if terms.window_id == "alpha":
            terms = terms.model_copy(update={"amount": AmountRule(maximum=Decimal(10_000), currency="USD")})
        return judge(facts, terms, **setting)

    def without_themes(terms: Any, **setting: Any) -> Any:
        narrow = terms.window_id == "gamma"
        return PreparedWindow(terms.model_copy(update={"themes": []}) if narrow else terms, **setting)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(version, "VERSION", number)
        if strict:
            patch.setattr(judging, "judge", strictly)
            patch.setattr(pairing, "PreparedWindow", without_themes)
        yield


def judged(make_service: MakeService, bus: Bus) -> Life:
    """What an older, stricter program leaves: changes, a pursuit that was awarded, and a proposal that rests."""
    life = lived(make_service(COMPONENT, poll_seconds=0.02), bus)
    gone = submitted(GONE)
    life.say(gone, submitted(SMALL, requested=LITTLE, species=["saiga"]), edited("beta", 3, status="closed"))
    life.hear()
    life.say(withdrawn(gone), action("9.2", "high"))
    life.hear()
    life.say(edited("beta", 4, status="recurring"), edited("delta", 1))
    life.hear()
    move(life.service, PROPOSALS[0], "contacted", window_id="beta")
    move(life.service, PROPOSALS[0], "awarded", 9000, window_id="beta", day=date(2026, 11, 22), reason="Glad")
    return life


@pytest.fixture
def life(make_service: MakeService, bus: Bus) -> Iterator[Life]:
    """The newer program, at its start."""
    with program(1, strict=True):
        made = judged(make_service, bus)
    with program(2, strict=False):
        yield made


def renew(service: Service, seconds: float = 0.0) -> int:
    """Let everything be judged anew, one thing at a time; how many transactions that took."""
    turns = 0
    while service.run(lambda context: renew_some(context, seconds)):
        turns += 1
    return turns


def told_since(life: Life, before: int) -> list[Any]:
    return [event.data for event in outbox_of(life.service)[before:]]


def by_rules(life: Life) -> set[int]:
    """The rules by which proposals and windows were judged."""
    return {row["rules"] for name in ("proposal", "window") for row in life.rows()[name]}


def overall(service: Service, window_id: str) -> dict[UUID, str]:
    with service.read() as session:
        return {
            pair.proposal_id: pair.overall for pair in session.execute(select(Pair)).scalars()
            if pair.window_id == window_id
        }  # fmt: skip


def test_what_older_rules_judged_differs_from_a_rebuild_until_all_of_it_is_judged_anew(life: Life) -> None:
    assert set(overall(life.service, "alpha").values()) == {"not_eligible"}
    assert not rebuild(life.service, life.bus, check=True).equal
    assert life.service.run(lambda context: renew_some(context, 0.0))
    assert not rebuild(life.service, life.bus, check=True).equal, "only a part is done"
    renew(life.service)
    assert overall(life.service, "alpha")[PROPOSALS[0]] != "not_eligible"
    assert overall(life.service, "alpha")[GONE] != "not_eligible", "one that rests is as the newer rules have it, too"
    assert "delta" not in {row["window_id"] for row in life.rows()["pair"] if row["proposal_id"] == GONE}
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, report


def test_later_events_and_still_newer_rules_keep_it_equal(life: Life) -> None:
    renew(life.service)
    life.say(edited("alpha", 9, status="closed"), submitted(GONE, version=2), submitted(PROPOSALS[0], version=5))
    life.hear()
    with program(3, strict=True):
        life.say(edited("gamma", 9))
        life.hear()
        assert not rebuild(life.service, life.bus, check=True).equal
        renew(life.service)
        report = rebuild(life.service, life.bus, check=True)
        assert report.equal, report
        before = life.rows()
        rebuild(life.service, life.bus)
        assert life.rows() == before


def test_others_are_told_of_what_has_changed_alone(life: Life) -> None:
    before, pairs = len(outbox_of(life.service)), life.rows()["pair"]
    renew(life.service)
    told = told_since(life, before)
    changed = {row["proposal_id"] for row in life.rows()["pair"] if row["changed_cause"] == "rules"}
    judged_again = [one.proposal_id for one in told if isinstance(one, ProposalJudged)]
    assert sorted(judged_again) == sorted(changed - {GONE}), "once each; nobody hears of one that rests"
    assert SMALL not in changed, "both rules let it ask for so little"
    assert {one.window_id for one in told if isinstance(one, WindowPairedWithActions)} == {"gamma"}
    assert len(pairs) == len(life.rows()["pair"])
    with life.service.read() as session:
        proposal = session.get(ProposalCopy, PROPOSALS[0])
        assert proposal is not None
        assert proposal.judged_cause == "rules"


def test_a_pair_says_that_the_rules_have_changed_and_others_keep_what_they_said(life: Life) -> None:
    before = {(row["proposal_id"], row["window_id"]): row for row in life.rows()["pair"]}
    assert "history" in {row["changed_cause"] for row in before.values()}
    renew(life.service)
    for row in life.rows()["pair"]:
        was = before[row["proposal_id"], row["window_id"]]
        same = (row["overall"], row["fit"]) == (was["overall"], was["fit"])
        kept = all(row[name] == was[name] for name in judging.NO_CHANGE)
        assert kept if same else (row["changed_cause"], row["was_overall"]) == ("rules", was["overall"])
        assert (row["stage"], row["stage_at"]) == (was["stage"], was["stage_at"])


def test_with_the_same_rules_nothing_is_done_and_nothing_noted(life: Life) -> None:
    renew(life.service)
    before, told = life.rows(), len(outbox_of(life.service))
    with life.service.read() as session:
        notes = len(session.execute(select(COMPONENT.messaging.inbox)).all())
        assert renewing(session) is None
    assert renew(life.service) == 0
    with life.service.read() as session:
        assert len(session.execute(select(COMPONENT.messaging.inbox)).all()) == notes
    assert (life.rows(), len(outbox_of(life.service))) == (before, told)


def test_how_far_it_has_come_can_be_told(life: Life) -> None:
    seen = []
    while True:
        with life.service.read() as session:
            now = renewing(session)
        if now is None:
            break
        seen.append(now)
        assert life.service.run(lambda context: renew_some(context, 0.0))
    assert [one.done for one in seen] == sorted({one.done for one in seen}), "each turn does some of it"
    assert seen[0].done == 0
    assert all(one.share < 1 for one in seen)
    assert {one.total for one in seen} == {len(life.rows()["proposal"]) + 4}


def test_what_happens_in_the_middle_is_not_lost_and_a_rebuild_agrees(life: Life) -> None:
    life.service.run(lambda context: renew_some(context, 0.0))
    life.say(edited("alpha", 9, deadline=date(2027, 5, 1)), submitted(UUID(int=70)), edited("epsilon", 1))
    life.hear()
    life.decide(PROPOSALS[1], "alpha", "shortlisted")
    life.service.run(lambda context: renew_some(context, 0.0))
    life.say(withdrawn(submitted(PROPOSALS[1]), 2))
    life.hear()
    life.sleep(12)
    renew(life.service)
    assert by_rules(life) == {2}
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, report


def test_an_older_program_beside_it_judges_nothing_back_and_what_it_judges_is_judged_anew(life: Life) -> None:
    renew(life.service)
    with program(1, strict=True):
        assert renew(life.service) == 0
        life.say(edited("alpha", 9))
        life.hear()
    assert 1 in by_rules(life)
    renew(life.service)
    assert by_rules(life) == {2}
    assert rebuild(life.service, life.bus, check=True).equal


def test_a_transaction_that_fails_leaves_nothing_and_the_next_one_begins_there(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.service.run(lambda context: renew_some(context, 0.0))
    before, told = life.rows(), len(outbox_of(life.service))
    calls = 0

    def fails(*facts: Any, **setting: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("no good")
        return judge(*facts, **setting)

    with monkeypatch.context() as patch:
        patch.setattr(judging, "judge", fails)
        with pytest.raises(RuntimeError):
            renew(life.service)
    assert (life.rows(), len(outbox_of(life.service))) == (before, told)
    renew(life.service)
    assert rebuild(life.service, life.bus, check=True).equal


KILLED = """
import sys, time
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.db import Database
from services.matching.component import COMPONENT
from services.matching.handlers import renew_some
from services.matching.rules import PreparedWindow, judge, version
version.VERSION = 2
service = Service(COMPONENT, Settings(secret_key="test-key"), db=Database(sys.argv[1]))
for turn in range(2):
    service.run(lambda context: renew_some(context, 0.0))
with service.work() as context:
    renew_some(context, 0.0)
    context.session.flush()
    print("in the middle", flush=True)
    time.sleep(600)
"""


def test_a_process_that_is_killed_in_the_middle_is_followed_by_another(life: Life) -> None:
    """The third transaction is never committed; what the first two did stays done."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, life.service.db.url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    with life.service.read() as session:
        assert len(session.execute(select(Renewal)).all()) == 2
        left = renewing(session)
    assert left is not None
    assert 0 < left.done < left.total
    renew(life.service)
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, report


def test_two_replicas_share_the_work_and_do_nothing_twice(life: Life) -> None:
    service = life.service
    other = Service(COMPONENT, service.settings)
    other.clock = lambda: life.now + timedelta(seconds=1)
    before = len(outbox_of(service))
    pause = threading.Barrier(2, timeout=60)
    turns: list[Service] = []

    class Slow(Renewer):
        """Each waits for the other before its first turn."""

        def turn(self) -> bool:
            if self._service not in turns:
                turns.append(self._service)
                pause.wait()
            return super().turn()

    def done() -> bool:
        with service.read() as session:
            return renewing(session) is None

    renewers = [Slow(service), Slow(other)]
    try:
        for renewer in renewers:
            renewer.wake()
        eventually(done, "that everything is judged anew")
    finally:
        for renewer in renewers:
            renewer.close()
        other.close()
    told = [one.proposal_id for one in told_since(life, before) if isinstance(one, ProposalJudged)]
    assert len(told) == len(set(told))
    with service.read() as session:
        rows = list(session.execute(select(Renewal)).scalars())
    named = [proposal for row in rows for proposal in row.proposals]
    assert sorted(named) == sorted({str(row["proposal_id"]) for row in life.rows()["pair"]}), "each of them once"
    assert rebuild(service, life.bus, check=True).equal


def test_a_start_does_not_wait_for_it_and_it_begins_by_itself(life: Life) -> None:
    service = life.service
    service.load(lambda *_: None)

    def done() -> bool:
        with service.read() as session:
            return renewing(session) is None

    try:
        eventually(done, "that everything is judged anew")
    finally:
        service.extras.close()
    assert rebuild(service, life.bus, check=True).equal
