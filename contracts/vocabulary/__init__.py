"""Shared vocabulary: codes with their labels in English, Russian and French, kept as data.

Codes are open sets. A successor Programme of Work may bring species or themes that are not listed here; `label`
then answers with the code itself made readable, so nothing ever fails for want of a label.
"""

import json
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("en", "ru", "fr")
"""Languages of interface and documents, the first one being the fallback."""

NAMES: Final = (
    "applicant_kinds", "budget_categories", "call_cycles", "cofinancing_kinds", "cofinancing_modes",
    "cofinancing_sources", "cofinancing_statuses", "countries", "landscapes", "legal_forms", "partner_leads",
    "priorities", "roles", "species", "states", "themes", "window_kinds", "window_statuses",
)  # fmt: skip


@cache
def _load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    return content


def codes(name: str) -> tuple[str, ...]:
    """Codes of the vocabulary `name` in the order in which people should see them. Raises FileNotFoundError."""
    return tuple(_load(name))


def entry(name: str, code: str) -> dict[str, Any]:
    """All that the vocabulary `name` says of `code`; an empty dictionary for a code it does not know."""
    found: dict[str, Any] = _load(name).get(code, {})
    return found


def label(name: str, code: str, language: str) -> str:
    """The label of `code` in `language`, else in English, else the code made readable."""
    labels = entry(name, code).get("label", {})
    return str(labels.get(language) or labels.get("en") or code.replace("_", " ").capitalize())


def options(name: str, language: str) -> list[tuple[str, str]]:
    """(code, label) of every code in `name`, for a form's choices."""
    return [(code, label(name, code, language)) for code in codes(name)]


@cache
def planning_rates() -> tuple[dict[str, Decimal], str, str]:
    """Units of each currency for one US dollar, the rates' date (ISO 8601) and their source."""
    data = _load("planning_rates")
    return {code: Decimal(units) for code, units in data["units_per_usd"].items()}, data["date"], data["source"]
