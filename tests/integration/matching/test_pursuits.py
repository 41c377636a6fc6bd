"""Moves in, where a pursuit stands out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import new_id
from contracts.events import PursuitMoved
from services.chassis.errors import NotFound
from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.handlers import decide_pair
from services.matching.handlers.decisions import MoneyGranted
from services.matching.handlers.pursuits import Overtaken
from services.matching.queries.pursuits import pursuits
from services.matching.rules.decisions import Decision
from services.matching.rules.pursuits import Refused
from services.matching.tables import PairDecision
from tests.integration.matching.events import NOW, hand, published, submitted, withdrawn
from tests.integration.matching.pursuing import PERSON, move, moves, pursuit, undo
from tests.support import outbox_of
from tests.unit.matching.build import window

ONE = UUID(int=1)
TODAY = date(2026, 11, 22)


def told(service: Service) -> list[PursuitMoved]:
    return [event.data for event in outbox_of(service) if isinstance(event.data, PursuitMoved)]


def decide(service: Service, stage: Any, reason: str = "", window_id: str = "a") -> None:
    with service.work() as context:
        decide_pair(context, DecidePair(ONE, window_id, Decision(stage, reason), PERSON, "Coordinator"))


def listed(service: Service) -> list[tuple[str, str, Decimal | None]]:
    with service.read() as session:
        return [(one.window_id, one.stage, one.amount_usd) for one in pursuits(session)]


@pytest.fixture
def matched(matching: Service) -> Service:
    """One proposal that asks for 15 000 dollars; window `a` may fund it, `no` may not."""
    hand(matching, published(window("a")), published(window("no", status="closed")), submitted(ONE))
    return matching


def test_a_move_is_kept_told_and_listed(matched: Service) -> None:
    assert move(matched, ONE, "contacted", 8700, currency="EUR", note="Rang them")
    stands = pursuit(matched, ONE)
    assert stands is not None
    assert (stands.stage, stands.amount, stands.currency, stands.amount_usd, stands.rates_date) == (
        "contacted", Decimal(8700), "EUR", Decimal(10000), date(2026, 11, 1),
    )  # fmt: skip
    (event,) = told(matched)
    assert (event.was_stage, event.stage, event.amount_usd, event.owner) == ("none", "contacted", Decimal(10000), "Aigul")
    assert "Rang" not in event.model_dump_json()
    with matched.read() as session:
        (one,) = pursuits(session)
    assert (one.reference, one.donor_id, one.stage, one.amount_usd, one.requested_usd, one.owner, one.live) == (
        "CAMI-2026-0042", "rufford", "contacted", Decimal(10000), Decimal(15000), "Aigul", True,
    )  # fmt: skip
