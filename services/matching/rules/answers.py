"""How a rule answers, and what every rule is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from contracts.values import Tri
from services.matching.rules.facts import Rates
from services.matching.rules.findings import NO_PARAMS, Params


@dataclass(frozen=True)
class Setting:
    """The day of the judgement, as it is at the funder's, and the rates in force."""

    today: date
    rates: Rates


class Answer(NamedTuple):
    """A finding before its rule's name and evidence are put to it."""

    verdict: Tri
    reason: str
    params: Params = NO_PARAMS
    question: str = ""
    warning: bool = False


def yes(reason: str, *, warning: str = "", **params: str | int | list[str]) -> Answer:
    """The rule is met. `warning` is a question that is still worth asking."""
    return Answer(Tri.YES, reason, params, warning, bool(warning))


def no(reason: str, **params: str | int | list[str]) -> Answer:
    """The rule is known, and not met."""
    return Answer(Tri.NO, reason, params)


def unknown(reason: str, question: str, **params: str | int | list[str]) -> Answer:
    """It cannot be told. `question` is what would settle it."""
    return Answer(Tri.UNKNOWN, reason, params, question)


def sorted_by_answer(codes: Iterable[str], known: Mapping[str, Tri], others: Tri) -> dict[Tri, list[str]]:
    """`codes` by the answer that `known` gives (`others` where it is silent), each list in order."""
    answers: dict[Tri, list[str]] = {Tri.YES: [], Tri.NO: [], Tri.UNKNOWN: []}
    for code in sorted(codes):
        answers[known.get(code, others)].append(code)
    return answers
