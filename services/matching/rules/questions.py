"""Questions that settle what is unknown, once for every pair that asks the same; and terms with the answers applied.

A window's question is about a part of its terms: may this kind of applicant apply, is this state paid for, what is the
largest grant now. A pair's is about one proposal at one window: has a body agreed to submit it. An answer is applied
where the inventory does not know, and nowhere else: what the donor's page says, once somebody has read it, is worth
more than what somebody was told.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from contracts.values import Money, Tri
from contracts.windows import CallRule, WindowTerms
from services.matching.rules.facts import ProposalFacts
from services.matching.rules.findings import Finding, Params
from services.matching.rules.settled import OPEN, Question, Settled, Told, passed_deadline
from services.matching.rules.settling import applied
from services.matching.rules.when import RETURNING

__all__ = [
    "ASKS", "NUMBERS", "OPEN", "Ask", "Question", "Told", "asked", "behind", "day_of", "facts_told", "is_open",
    "options", "passed_deadline", "settled", "well_put",
]  # fmt: skip

Side = Literal["window", "pair"]


@dataclass(frozen=True)
class Ask:
    """A kind of question: the rules that ask it, and whom it is about."""

    rules: tuple[str, ...]
    """Most ask alone; that of an amount in another currency is asked by two."""
    side: Side = "window"
    vocabulary: str = ""
    """Of `about`, where that is a code."""


ASKS: Final[dict[str, Ask]] = {
    "opening": Ask(("status",)),
    "arrangement": Ask(("status",), "pair"),
    "deadline": Ask(("call",)),
    "invited": Ask(("call",), "pair"),
    "parent": Ask(("call",), "pair"),
    "kind": Ask(("applicant",), vocabulary="applicant_kinds"),
    "state": Ask(("states",), vocabulary="states"),
    "species": Ask(("species",), vocabulary="species"),
    "theme": Ask(("themes",), vocabulary="themes"),
    "floor": Ask(("amount_minimum",)),
    "ceiling": Ask(("amount_maximum",)),
    "amount": Ask(("amount_minimum", "amount_maximum"), "pair"),
    "cofinancing": Ask(("cofinancing",)),
    "in_kind": Ask(("cofinancing",)),
    "submits": Ask(("intermediary",)),
    "agency": Ask(("intermediary",), "pair"),
    "endorses": Ask(("endorsement",)),
    "endorsed": Ask(("endorsement",), "pair"),
}
"""Code of what is asked -> its kind, in the order of the rules."""
_YES_NO: Final = ("yes", "no")
_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "opening": ("open", "date", "closed"), "deadline": ("date", "any_time", "ended"),
    "floor": ("amount", "none"), "ceiling": ("amount", "none"), "amount": ("amount",),
    "cofinancing": ("ratio", "some", "none"), "agency": ("yes",), "endorsed": ("yes",),
}  # fmt: skip
"""What may be answered, beside `OPEN`; yes or no where nothing stands here."""
NUMBERS: Final = frozenset({"amount", "ratio"})
"""Choices that need a number; `date` needs a day."""
_ASKED_BY: Final = {
    "next_opening": ("opening", ""), "open_now": ("opening", "opens_date"), "ask_donor": ("arrangement", ""),
    "next_deadline": ("deadline", ""), "how_to_apply": ("deadline", ""), "invited": ("invited", ""),
    "parent_grant": ("parent", ""), "accepts_kind": ("kind", "kind"), "pays_in_states": ("state", "states"),
    "pays_for_species": ("species", "species"), "pays_for_themes": ("theme", "themes"), "present_floor": ("floor", ""),
    "present_ceiling": ("ceiling", ""), "amount_in_currency": ("amount", "currency"),
    "cofinancing_asked": ("cofinancing", ""), "counts_in_kind": ("in_kind", ""), "agency_agreed": ("agency", ""),
    "who_submits": ("submits", ""), "endorsement_had": ("endorsed", ""), "who_endorses": ("endorses", ""),
}  # fmt: skip
"""A finding's question -> what it asks, and the parameter that says about what. Others the proposal itself answers."""
_AFTER_A_DAY: Final = frozenset({"opening", "deadline"})
"""Asked again after the day that was known has passed: `about` is that day."""
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def asked(finding: Finding, terms: WindowTerms, proposal_id: UUID | None = None) -> tuple[Question, ...]:
    """The questions that would settle an unknown finding on `terms`. None where the proposal itself is to say it.

    Without a proposal (an action asks) there are none of those that are answered for one proposal at a time.
    """
    if finding.verdict is not Tri.UNKNOWN or finding.question not in _ASKED_BY:
        return ()
    code, name = _ASKED_BY[finding.question]
    if ASKS[code].side == "pair" and proposal_id is None:
        return ()  # an action asks it of no proposal yet
    found: Any = finding.params.get(name, "")
    if code == "deadline":
        found = passed_deadline(terms.call)
    about = found if isinstance(found, list) else [str(found)]
    owner = proposal_id if ASKS[code].side == "pair" else None
    return tuple(Question(terms.window_id, code, one, owner) for one in about)


def options(question: Question, terms: WindowTerms) -> tuple[str, ...]:
    """What may be answered on `terms`, where the question is open: known terms leave some answers out."""
    offered = _OPTIONS.get(question.ask, _YES_NO)
    if question.ask == "opening" and not question.about and terms.call.opens is not None:
        return tuple(choice for choice in offered if choice != "date")
    if question.ask == "deadline" and terms.call.cycle in RETURNING:
        return ("date",)
    if question.ask == "cofinancing" and terms.cofinancing.mode != "unknown":
        return ("some", "none")
    return offered


def well_put(question: Question) -> bool:
    """Whether a question is about what its kind is about: a code, a day that has passed, a currency, or nothing.

    A code need not be in the vocabulary: another Programme of Work may bring its own.
    """
    kind, about = ASKS.get(question.ask), question.about
    if kind is None:
        return False
    if kind.vocabulary:
        return _CODE.fullmatch(about) is not None
    if question.ask in _AFTER_A_DAY:
        return not about or day_of(question) is not None
    return _CURRENCY.fullmatch(about) is not None if question.ask == "amount" else not about


def is_open(question: Question, terms: WindowTerms) -> bool:
    """Whether `terms` leave open what is asked. What they know is not asked."""
    return well_put(question) and _OPEN[question.ask](terms, question.about)


def settled(terms: WindowTerms, answers: Iterable[Told]) -> WindowTerms:
    """`terms` with `answers` in the place of what they leave open. A known term is never overridden.

    An answer may open the next question (a day that was told may pass): answers are applied until none fits any more.
    Their order does not matter.
    """
    waiting = {
        told.question.key: told for told in answers
        if told.choice != OPEN and told.question.window_id == terms.window_id and told not in _applied(terms)
    }  # fmt: skip
    while fitting := [key for key in sorted(waiting) if _fits(waiting[key], terms)]:
        terms = applied(waiting.pop(fitting[0]), terms)
    return terms


def facts_told(facts: ProposalFacts, terms: WindowTerms, answers: Iterable[Told]) -> ProposalFacts:
    """`facts` of one proposal with what was answered of it for the window of `terms`."""
    for told in answers:
        if told.choice == OPEN or not _fits(told, terms):
            continue
        if told.question.ask == "agency":
            facts = replace(facts, agency_agreed=True)
        elif told.question.ask == "endorsed":
            facts = replace(facts, endorsed=True)
        elif told.question.ask == "amount" and told.number is not None:
            facts = replace(facts, asked_exactly=Money(amount=told.number, currency=told.question.about))
    return facts


def _applied(terms: WindowTerms) -> tuple[Told, ...]:
    return terms.applied if isinstance(terms, Settled) else ()


def _fits(told: Told, terms: WindowTerms) -> bool:
    question = told.question
    if not is_open(question, terms) or told.choice not in options(question, terms):
        return False
    if told.choice == "date":  # what comes next is later than what has passed
        return told.day is not None and told.day.isoformat() > question.about
    if told.choice == "amount" and told.currency != terms.amount.currency:
        return False  # the window has another currency by now
    return told.choice not in NUMBERS or told.number is not None


def _without_date(call: CallRule) -> bool:
    """Whether the cycle says by itself when one may apply."""
    return call.deadline is None and call.cycle in ("rolling", "negotiated", "by_invitation", "with_parent")


def _deadline_open(terms: WindowTerms, about: str) -> bool:
    call = terms.call
    if about != passed_deadline(call) or _without_date(call):
        return False
    if about:
        return call.cycle in RETURNING or terms.status in ("recurring", "opens_later", "unknown")
    return True


def _opening_open(terms: WindowTerms, about: str) -> bool:
    if terms.status == "unknown":
        return not about
    return terms.status == "opens_later" and about == (terms.call.opens.isoformat() if terms.call.opens else "")


def _untold(test: Callable[[WindowTerms, str], bool], ask: str) -> Callable[[WindowTerms, str], bool]:
    def open_(terms: WindowTerms, about: str) -> bool:
        told = terms.told if isinstance(terms, Settled) else {}
        return test(terms, about) and Question("", ask, about).key not in told

    return open_


_OPEN: Final[Mapping[str, Callable[[WindowTerms, str], bool]]] = {
    "opening": _opening_open,
    "arrangement": _untold(lambda terms, _: terms.status == "by_arrangement", "arrangement"),
    "deadline": _untold(_deadline_open, "deadline"),
    "invited": _untold(lambda terms, _: terms.call.cycle == "by_invitation", "invited"),
    "parent": _untold(lambda terms, _: terms.call.cycle == "with_parent", "parent"),
    "kind": _untold(
        lambda terms, kind: (
            kind not in terms.applicants.kinds and (kind in terms.applicants.uncertain or not terms.applicants.known)
        ),
        "kind",
    ),
    "state": lambda terms, state: terms.countries.states.get(state, Tri.UNKNOWN) is Tri.UNKNOWN,
    "species": lambda terms, code: terms.species.species.get(code, terms.species.others) is Tri.UNKNOWN,
    "theme": _untold(lambda terms, theme: theme not in terms.themes, "theme"),
    "floor": lambda terms, _: not terms.amount.minimum_known,
    "ceiling": lambda terms, _: not terms.amount.maximum_known,
    "amount": lambda terms, currency: currency == terms.amount.currency,
    "cofinancing": lambda terms, _: (
        terms.cofinancing.mode == "unknown"
        or (terms.cofinancing.required is Tri.UNKNOWN and terms.cofinancing.mode not in ("none", "required"))
    ),
    "in_kind": lambda terms, _: terms.cofinancing.counts_in_kind is Tri.UNKNOWN,
    "submits": lambda terms, _: terms.intermediary.intermediary is Tri.UNKNOWN,
    "agency": lambda terms, _: terms.intermediary.intermediary is Tri.YES,
    "endorses": lambda terms, _: terms.intermediary.endorsement is Tri.UNKNOWN,
    "endorsed": lambda terms, _: terms.intermediary.endorsement is Tri.YES,
}


def behind(terms: WindowTerms, rule: str, params: Params) -> list[Told]:
    """The answers that the finding of `rule` rests on, the one checked last first.

    An answer about one state is behind a finding that names this state, and behind no other.
    """
    if not isinstance(terms, Settled):
        return []
    named = {code for value in params.values() for code in (value if isinstance(value, list) else [value])}
    found = [
        told for told in terms.applied
        if rule in ASKS[told.question.ask].rules
        and (not ASKS[told.question.ask].vocabulary or told.question.about in named)
    ]  # fmt: skip
    return sorted(found, key=lambda told: (told.evidence.checked or date.min, told.question.key), reverse=True)


def day_of(question: Question) -> date | None:
    """The day that has passed, for a question about what comes after it."""
    if question.ask not in _AFTER_A_DAY:
        return None
    try:
        return date.fromisoformat(question.about)
    except ValueError:
        return None
