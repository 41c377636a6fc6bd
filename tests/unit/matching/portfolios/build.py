"""Proposals, actions and verdicts for the tests of plans: sensible in everything that a test does not name."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.values import LocalizedText, Text
from services.matching.rules.portfolios import Award, Candidate, Changes, Judged, Live, Topic, live_instance
from tests.unit.matching.build import RATES

TOPICS = {
    f"cami/{number}": Topic(
        f"cami/{number}", number, "cami",
        LocalizedText(source="en", versions={"en": Text(text=f"Action {number}")}), priority, number,
    )
    for number, priority in (("1.1", "high"), ("2.1", "medium"), ("3.1", None))
}  # fmt: skip


def candidate(number: int, **changed: Any) -> Candidate:
    """A proposal that asks for 10 000 dollars and brings 2 000."""
    fields: dict[str, Any] = {
        "proposal_id": UUID(int=number), "reference": f"CAMI-2026-{number:04}",
        "title": LocalizedText(source="en", versions={"en": Text(text=f"Proposal {number}")}), "organisation": "Trust",
        "applicant_kind": "ngo_local", "states": frozenset({"KGZ"}), "species": frozenset({"snow_leopard"}),
        "actions": ("cami/1.1",), "requested": Decimal(10000), "confirmed": Decimal(2000), "indicative": Decimal(0),
    }  # fmt: skip
    return Candidate(**{**fields, **changed})


def verdict(number: int, window: str, overall: str = "eligible", **changed: Any) -> Judged:
    return Judged(UUID(int=number), window, overall, **changed)


def award(number: int, window: str, amount: int | str) -> Award:
    return Award(UUID(int=number), window, Decimal(amount))


def made(
    proposals: list[Candidate],
    terms: list[Any],
    judged: list[Judged],
    awards: list[Award] | None = None,
    preparation: frozenset[str] = frozenset(),
    **changes: Any,
) -> Live:
    return live_instance(proposals, TOPICS, terms, judged, awards or [], RATES, Changes(**changes), preparation)
