"""Questions, and what may be answered to them, in the reader's language."""

from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from contracts.windows import WindowTerms
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext
from services.matching.rules.findings import Params
from services.matching.rules.questions import ASKS, day_of
from services.matching.rules.settled import OPEN, Question, Told
from services.matching.words.reasons import QUESTIONS, RULES
from services.matching.words.texts import filled

_ASKED: Final = {
    "arrangement": ("ask_donor", ""), "deadline": ("next_deadline", ""), "invited": ("invited", ""),
    "parent": ("parent_grant", ""), "state": ("pays_in_states", "states"), "species": ("pays_for_species", "species"),
    "theme": ("pays_for_themes", "themes"), "floor": ("present_floor", ""), "ceiling": ("present_ceiling", ""),
    "amount": ("amount_in_currency", "currency"), "cofinancing": ("cofinancing_asked", ""),
    "in_kind": ("counts_in_kind", ""), "submits": ("who_submits", ""), "agency": ("agency_agreed", ""),
    "endorses": ("who_endorses", ""), "endorsed": ("endorsement_had", ""),
}  # fmt: skip
"""What is asked -> the sentence of the rules, and what it is filled with."""
_OWN: Final = {
    "opening": N_("Is the window open now, and if not, when will it be?"),
    "opening_after": N_("The window was to open on %(day)s. Is it open now, and if not, when will it be?"),
    "deadline_after": N_("The deadline of %(day)s is past or passes. When is the next one?"),
}
_KIND: Final = N_("May applicants of this kind apply: %(kind)s?")
CHOICES: Final = {
    "yes": N_("Yes"), "no": N_("No"), "open": N_("It is open now"),
    "closed": N_("It is closed and will not open again"),
    "any_time": N_("One may apply at any time"), "ended": N_("No further call is expected"),
    "opening:date": N_("It opens on this day:"), "date": N_("On this day:"), "amount": N_("This amount:"),
    "floor:none": N_("There is no smallest amount"), "ceiling:none": N_("There is no largest amount"),
    "cofinancing:ratio": N_("Yes, so much for each unit of the grant:"),
    "cofinancing:some": N_("Yes, and no sum is stated"), "cofinancing:none": N_("No co-financing is required"),
    "submits:yes": N_("Yes, directly"), "submits:no": N_("No, another body has to submit"),
    "endorses:yes": N_("Yes, one is needed"), "endorses:no": N_("No, none is needed"),
    OPEN: N_("It was asked and is still not known"), f"agency:{OPEN}": N_("It was asked and has not agreed yet"),
    f"endorsed:{OPEN}": N_("It was asked for and is not there yet"),
}  # fmt: skip
"""A choice, or what is asked and a choice -> how it reads."""


def question_sentence(question: Question) -> str:
    """What is asked, by itself."""
    day = day_of(question)
    if day is not None:
        return gettext(_OWN[f"{question.ask}_after"], day=formats.day(day, current_language()))
    if question.ask == "kind":
        return gettext(_KIND, **filled({"kind": question.about}))
    if question.ask in _OWN:
        return gettext(_OWN[question.ask])
    code, name = _ASKED[question.ask]
    params: Params = {} if not name else {name: question.about if name == "currency" else [question.about]}
    return gettext(QUESTIONS[code], **filled(params))


def rule_of_question(question: Question) -> str:
    """The name of the rule that asks it."""
    return gettext(RULES[ASKS[question.ask].rules[0]])


def choice_text(question: Question, choice: str) -> str:
    """How a choice reads."""
    return gettext(CHOICES.get(f"{question.ask}:{choice}") or CHOICES[choice])


def bare_question(code: str) -> str:
    """A question of the rules that needs no filling."""
    return gettext(QUESTIONS[code]) if code in QUESTIONS else code


def answer_text(told: Told, terms: WindowTerms | None) -> str:
    """What was answered, with its figure: `This amount: 50 000 USD`."""
    currency = told.currency or (terms.amount.currency if terms else "USD")
    return _answer(told.question, told.choice, told.number, told.day, currency)


class Row(Protocol):
    """As much of a row of `tables.QuestionAnswer` as is put into words."""

    window_id: str
    key: str
    choice: str
    number: Decimal | None
    currency: str
    day: date | None


def row_text(row: Row) -> str:
    """What was said then, with its figure; empty where an answer was taken back."""
    ask, _, about = row.key.partition(":")
    question = Question(row.window_id, ask, about)
    return _answer(question, row.choice, row.number, row.day, row.currency or "USD") if row.choice else ""


def _answer(question: Question, choice: str, number: Decimal | None, day: date | None, currency: str) -> str:
    text = choice_text(question, choice)
    figure = _figure(choice, number, day, currency)
    return f"{text} {figure}" if figure else text


def _figure(choice: str, number: Decimal | None, day: date | None, currency: str) -> str:
    language = current_language()
    if choice == "date" and day is not None:
        return formats.day(day, language)
    if choice == "amount" and number is not None:
        return formats.amount(number, currency, language)
    if choice == "ratio" and number is not None:
        return formats.number(number.normalize(), language)
    return ""
