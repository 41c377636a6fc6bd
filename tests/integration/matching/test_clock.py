"""A clock that is set back: what is told later has a later time all the same, and readers keep it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.events import PairDecided, ProposalJudged, WindowPairedWithActions
from contracts.windows import AmountRule
from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.component import COMPONENT
from services.matching.handlers import decide_pair
from services.matching.rules.decisions import Decision
from services.reports.component import COMPONENT as REPORTS
from services.reports.tables import DecisionRow, JudgementRow, PairingRow, VerdictRow
from tests.conftest import MakeService
from tests.integration.matching.events import NOW, PROGRAMME, action, hand, imported, published, submitted
from tests.support import outbox_of
from tests.unit.matching.build import window

PROPOSAL = UUID(int=1)


def decide(service: Service, stage: Any) -> None:
    with service.work() as context:
        decide_pair(context, DecidePair(PROPOSAL, "alpha", Decision(stage, "because"), UUID(int=9), "Bolot"))


def test_readers_keep_what_was_told_last(make_service: MakeService, deliver: Callable[..., int]) -> None:
    matching, reports = make_service(COMPONENT), make_service(REPORTS)
    matching.clock = lambda: NOW
    hand(matching, published(window("alpha")), action("3.1"), imported(1), submitted(PROPOSAL))
    decide(matching, "shortlisted")
    matching.clock = lambda: NOW - timedelta(hours=3)
    hand(matching, action("3.1", "low", revision=1, themes=["research_monitoring"]), imported(1))
    small = window("alpha", revision=2, amount=AmountRule(maximum=1, currency="USD"))
    hand(matching, published(small))
    decide(matching, "dismissed")
    for kind in (ProposalJudged, PairDecided, WindowPairedWithActions):
        told = [event for event in outbox_of(matching) if isinstance(event.data, kind)]
        times = [(getattr(event.data, "window_revision", 0), event.time) for event in told]
        assert len(times) > 1, kind
        assert times == sorted(set(times)), kind
    deliver([matching], [reports])
    last = [event for event in outbox_of(matching) if isinstance(event.data, ProposalJudged)][-1]
    with reports.read() as session:
        judgement = session.get(JudgementRow, PROPOSAL)
        verdict = session.get(VerdictRow, (PROPOSAL, "alpha"))
        decision = session.get(DecisionRow, (PROPOSAL, "alpha"))
        pairing = session.get(PairingRow, ("alpha", PROGRAMME))
    assert judgement is not None
    assert verdict is not None
    assert decision is not None
    assert pairing is not None
    assert judgement.event_id == last.id
    assert (verdict.window_revision, decision.stage, pairing.window_revision) == (2, "dismissed", 2)
