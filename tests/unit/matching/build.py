"""Windows, proposals and actions for the tests: sensible in everything that a test does not name."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import services.matching as matching
from contracts.values import Evidence, Money, Tri
from contracts.windows import (
    AmountRule,
    ApplicantRule,
    CallRule,
    CofinancingRule,
    CountryRule,
    IntermediaryRule,
    SpeciesRule,
    WindowTerms,
)
from services.matching.rules import ActionFacts, ProposalFacts, Rates, Weights
from services.matching.rules.facts import AddressedAction, Cofinancing

TODAY = date(2026, 11, 22)
RATES = Rates({"USD": Decimal(1), "GBP": Decimal("0.76"), "EUR": Decimal("0.87")}, date(2026, 11, 1))
WEIGHTS = Weights.from_data(
    json.loads((Path(matching.__file__).parent / "data" / "fit-weights-1.json").read_text(encoding="utf-8"))
)


def window(window_id: str = "rufford-1", **changed: Any) -> WindowTerms:
    """A small grant that says yes to `proposal()` on every rule."""
    terms: dict[str, Any] = {
        "window_id": window_id, "revision": 1, "donor_id": "rufford", "donor_name": "Rufford Foundation",
        "name": "Small Grant", "kind": "foundation", "status": "recurring",
        "amount": AmountRule(maximum=Decimal(20000), currency="USD"),
        "applicants": ApplicantRule(kinds=["ngo_local", "individual"]),
        "countries": CountryRule(basis="list", states={"KGZ": Tri.YES, "TJK": Tri.YES}),
        "species": SpeciesRule(basis="list", species={"snow_leopard": Tri.YES, "argali": Tri.YES}, others=Tri.NO),
        "themes": ["community_conservation", "research_monitoring"],
        "cofinancing": CofinancingRule(mode="none", required=Tri.NO),
        "intermediary": IntermediaryRule(intermediary=Tri.NO, endorsement=Tri.NO),
        "call": CallRule(cycle="rolling"),
        "url": "https://example.org/grants", "checked": TODAY, "confidence": "high",
        "status_evidence": Evidence(sentence="Applications are taken all year.", url="https://example.org/grants"),
    }  # fmt: skip
    return WindowTerms(**{**terms, **changed})


def proposal(**changed: Any) -> ProposalFacts:
    """A proposal of a local NGO for 15 000 dollars."""
    facts: dict[str, Any] = {
        "applicant_kind": "ngo_local", "states": frozenset({"KGZ", "TJK"}), "species": frozenset({"snow_leopard"}),
        "themes": frozenset({"community_conservation"}),
        "actions": frozenset({AddressedAction("3.1", "high", frozenset({"community_conservation"}))}),
        "requested": Money(amount=Decimal(15000), currency="USD"), "requested_usd": Decimal(15000),
        "duration_months": 12, "starts": date(2027, 9, 1), "cofinancing": Cofinancing(),
    }  # fmt: skip
    return ProposalFacts(**{**facts, **changed})


def asking(amount: int | str, currency: str = "USD", usd: int | str | None = None) -> dict[str, Any]:
    """The fields of a proposal that asks for an amount."""
    worth = Decimal(usd if usd is not None else amount)
    return {"requested": Money(amount=Decimal(amount), currency=currency), "requested_usd": worth}


def action(action_id: str = "3.1", **changed: Any) -> ActionFacts:
    """An action on snow leopards in Kyrgyzstan."""
    facts: dict[str, Any] = {
        "priority": "high", "themes": frozenset({"community_conservation"}),
        "species": frozenset({"snow_leopard"}), "states": frozenset({"KGZ"}),
    }  # fmt: skip
    return ActionFacts(action_id, **{**facts, **changed})
