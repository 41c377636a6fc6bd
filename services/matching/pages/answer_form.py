"""Reading the form that answers a question: every field with what is wrong with it, or the command."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final, cast

from sqlmodel import Session

from contracts.values import Money
from services.chassis import formats
from services.chassis.errors import NotFound
from services.chassis.forms import Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching.commands.questions import (
    CONFIDENCES,
    LINK_LIMIT,
    SENTENCE_LIMIT,
    TOLD_BY_LIMIT,
    AnswerQuestion,
    Confidence,
)
from services.matching.handlers.answers import terms_without
from services.matching.handlers.judging import facts_from
from services.matching.rules.questions import NUMBERS, options
from services.matching.rules.settled import OPEN, Question
from services.matching.shipped import rates
from services.matching.tables import ProposalCopy

_RATIO: Final = re.compile(r"[0-9]{1,3}([.,][0-9]{1,4})?")
"""As many decimals as are stored. A ratio is no money: three of them do not make thousands."""
ANSWER: Final = N_("Answer")
NUMBER: Final = N_("Amount or ratio")
DAY: Final = N_("Day")
SENTENCE: Final = N_("What was said")
LINK: Final = N_("Link")
TOLD_BY: Final = N_("Who told")
TOLD_ON: Final = N_("On which day")
CONFIDENCE: Final = N_("How sure this is")
NO_NUMBER: Final = N_("Amount or ratio: please give the figure that belongs to this answer.")
NO_RATIO: Final = N_("Amount or ratio: please give one ratio in digits, for example 0.5 or 1.125.")
NOT_ZERO: Final = N_("Amount or ratio: please give a figure above zero.")
NOT_NEAR: Final = N_(
    "Amount or ratio: at planning rates the proposal asks for about %(amount)s. Please give what comes close to that, "
    "or have the proposal changed."
)
NO_RATE: Final = N_(
    "Amount or ratio: no planning rate is known for %(currency)s, so the figure cannot be compared. "
    "Please leave the question open."
)
NO_DAY: Final = N_("Day: please give the day that belongs to this answer.")
NOT_LATER: Final = N_("Day: please give a day after the one that has passed.")
PASSED: Final = N_("Day: please give a day that had not passed when you were told.")
NO_SOURCE: Final = N_("Who told: please say who told, or give a link.")
NO_LINK: Final = N_("Link: please give an address that begins with https:// or http://, or leave this empty.")


def command_from(visit: Visit, question: Question, reader: Reader) -> AnswerQuestion:
    """What the form asks for. Raises Invalid."""
    with visit.service.read() as session:
        offered = [*options(question, terms_without(session, question)), OPEN]
    choice = reader.choice("choice", offered, label=ANSWER, required=True)
    number = _number(visit, question, reader, choice) if choice in NUMBERS else None
    day = reader.date("day", label=DAY) if choice == "date" else None
    if choice == "date" and day is None and not _failed(reader, "day"):
        reader.fail("day", NO_DAY)
    if day is not None and question.about and day.isoformat() <= question.about:
        reader.fail("day", NOT_LATER)
    sentence = reader.text(
        "sentence", label=SENTENCE, required=bool(choice) and choice != OPEN, max_length=SENTENCE_LIMIT, multiline=True
    )
    url = reader.text("url", label=LINK, max_length=LINK_LIMIT)
    if url and not url.startswith(("https://", "http://")):
        reader.fail("url", NO_LINK)
    told_by = reader.text("told_by", label=TOLD_BY, max_length=TOLD_BY_LIMIT)
    if choice and choice != OPEN and not url and not told_by:
        reader.fail("told_by", NO_SOURCE)
    told_on = reader.date("told_on", label=TOLD_ON, required=True, latest=visit.now.date())
    if day is not None and told_on is not None and day < told_on and not _failed(reader, "day"):
        reader.fail("day", PASSED)
    confidence = reader.choice("confidence", CONFIDENCES, label=CONFIDENCE, required=choice != OPEN) or "unknown"
    reader.check()
    person = visit.person
    return AnswerQuestion(
        question, choice, number, day, sentence, url, told_by, told_on or visit.now.date(),
        cast(Confidence, confidence), person.person_id, person.name,
    )  # fmt: skip


def told_of(session: Session, question: Question, number: Decimal) -> tuple[bool, Decimal | None]:
    """(whether a figure can be what the proposal asks for in that currency, what it comes to at planning rates)."""
    copy, currency = session.get(ProposalCopy, question.proposal_id), question.about
    if copy is None:
        raise NotFound(question.key)
    facts = facts_from(copy)
    told = replace(facts, asked_exactly=Money(amount=number, currency=currency))
    return told.asked_in(currency, rates()) == (number, True), facts.asked_in(currency, rates())[0]


def _number(visit: Visit, question: Question, reader: Reader, choice: str) -> Decimal | None:
    number = _ratio(reader) if choice == "ratio" else reader.money("number", label=NUMBER)
    if _failed(reader, "number"):
        return None
    if number is None:
        reader.fail("number", NO_NUMBER)
    elif number <= 0 and (choice == "ratio" or question.ask == "ceiling"):
        reader.fail("number", NOT_ZERO)
    elif question.ask == "amount":
        with visit.service.read() as session:
            fits, about = told_of(session, question, number)
        if about is None:
            reader.fail("number", NO_RATE, currency=question.about)
        elif not fits:
            reader.fail("number", NOT_NEAR, amount=formats.amount(about, question.about, visit.lang))
    return number


def _ratio(reader: Reader) -> Decimal | None:
    typed = reader.text("number", label=NUMBER)
    if not typed:
        return None
    if not _RATIO.fullmatch(typed):
        reader.fail("number", NO_RATIO)
        return None
    return Decimal(typed.replace(",", "."))


def _failed(reader: Reader, name: str) -> bool:
    return any(error.field == name for error in reader.errors)
