"""What several pages of windows share."""

from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

from contracts import vocabulary
from contracts.values import Tri
from contracts.windows import WindowTerms
from services.chassis.security import User
from services.donors import labels, rules
from services.donors.commands import Author

EDITORS: Final = ("coordinator", "secretariat")
"""Who may change the inventory."""


def author_of(user: User) -> Author:
    """The person as the author of a change."""
    return Author(user.name[:120], user.person_id)


def words() -> dict[str, Any]:
    """`W`: what the templates of windows look words and answers up in."""
    return {"W": _WORDS}


def _states(terms: WindowTerms) -> dict[str, Tri]:
    """The answer for every range state; one that the terms do not name is unknown."""
    known = {code: terms.countries.states.get(code, Tri.UNKNOWN) for code in vocabulary.codes("states")}
    return {**known, **terms.countries.states}


def _species(terms: WindowTerms) -> dict[str, Tri]:
    """The answers for species that the terms name."""
    order = {code: place for place, code in enumerate(vocabulary.codes("species"))}
    named = sorted(terms.species.species, key=lambda code: order.get(code, len(order)))
    return {code: terms.species.species[code] for code in named}


def _applicants(terms: WindowTerms) -> dict[str, Tri]:
    """The answer for every kind of applicant."""
    return {kind: rules.may_apply(terms, kind) for kind in vocabulary.codes("applicant_kinds")}


def _host(address: str) -> str:
    """The name of the site at `address`."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


_WORDS: Final = SimpleNamespace(
    RULES=labels.RULES, CONFIDENCE=labels.CONFIDENCE, COUNTRY_BASES=labels.COUNTRY_BASES,
    SPECIES_BASES=labels.SPECIES_BASES, FUNDS=labels.FUNDS, PARTS=tuple(rules.PARTS), EVIDENCED=rules.EVIDENCED,
    evidence_of=rules.evidence_of, states=_states, species=_species, applicants=_applicants, host=_host,
)  # fmt: skip
