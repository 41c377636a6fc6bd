"""From a section's form to what it says. Empty lines are dropped; half-filled ones are kept as they are."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from contracts import vocabulary
from contracts.values import Language
from services.chassis.errors import FieldError
from services.chassis.forms import Reader, Values
from services.chassis.i18n import N_
from services.projects.values.proposals import (
    LANGUAGES,
    MAX_AMOUNT,
    MAX_BUDGET_LINES,
    MAX_COFINANCING_LINES,
    MAX_CONTACTS,
    MAX_PARTNERS,
    MAX_PROJECT_YEARS,
    MAX_STORED_TEXT,
    TEXT_FIELDS,
    Answers,
    Budget,
    BudgetLine,
    Cofinancing,
    CofinancingLine,
    Contact,
    Contacts,
    Dates,
    Origin,
    Partner,
    Partners,
    Places,
    Section,
    TickedActions,
    TypedSummary,
    TypedText,
)
from services.projects.values.questions import QUESTIONS

ORIGINS: Final[tuple[Origin, ...]] = ("written", "machine", "reviewed")
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 12, 31)
TOO_MANY_BUDGET_LINES: Final = N_(
    "A budget holds at most %(limit)s lines, and here are %(count)s. Put some of them together, then save."
)
TOO_MANY_COFINANCING_LINES: Final = N_(
    "At most %(limit)s lines of co-financing fit here, and you have %(count)s. Put some of them together, then save."
)
LINE: Final = N_("Line %(number)s, %(label)s")
PARTNER: Final = N_("Partner %(number)s, %(label)s")
TOO_MANY_PARTNERS: Final = N_(
    "At most %(limit)s partners fit here, and you have %(count)s. Name the chief ones, then save."
)
PERSON: Final = N_("Person %(number)s, %(label)s")
TOO_MANY_CONTACTS: Final = N_("At most %(limit)s people fit here, and you have %(count)s. Remove some, then save.")

Line = TypeVar("Line", BudgetLine, CofinancingLine, Partner, Contact)


def currencies() -> tuple[str, ...]:
    """Currencies that have a rate, and can therefore be added up."""
    return tuple(vocabulary.planning_rates()[0])


def read_answers(section: Section, form: Values, *, offered: Mapping[str, Collection[str]]) -> Answers:
    """What the form of `section` says. `offered` holds the codes of `species`, `states` and `programmes`.

    Raises Invalid with everything that cannot be read.
    """
    reader = Reader(form)
    answers = _READERS[section](reader, offered)
    reader.check()
    return answers


def naming_lines(errors: list[FieldError], section: Section, gettext: Callable[..., str]) -> list[FieldError]:
    """The same errors, those of lines saying which line they are in; `gettext` is that of the reader."""
    return [_naming_line(error, section, gettext) for error in errors]


def _naming_line(error: FieldError, section: Section, gettext: Callable[..., str]) -> FieldError:
    found = re.match(r"lines-(\d+)-", error.field)
    label = dict(error.params).get("label")
    if not found or not label:
        return error
    name = {"contacts": PERSON, "partners": PARTNER}.get(section, LINE)
    named = gettext(name, number=int(found[1]) + 1, label=gettext(label))
    params = tuple((key, named if key == "label" else value) for key, value in error.params)
    return FieldError(error.field, error.message, params)


def _summary(reader: Reader, _offered: Any) -> TypedSummary:
    written_in = cast(Language, reader.choice("written_in", LANGUAGES, label=_label("summary", "written_in")) or "en")
    texts: dict[str, dict[Language, TypedText]] = {}
    for name in TEXT_FIELDS:
        label = _label("summary", name)
        texts[name] = {
            language: TypedText(
                reader.text(f"{name}-{language}", label=label, max_length=MAX_STORED_TEXT, multiline=name != "title"),
                cast(Origin, reader.choice(f"{name}-{language}-origin", ORIGINS, label=label) or "written"),
                reader.flag(f"{name}-{language}-current"),
            )
            for language in LANGUAGES
        }
    return TypedSummary(written_in, texts)


def _actions(reader: Reader, offered: Mapping[str, Collection[str]]) -> TickedActions:
    shown = reader.text("shown", label=_label("actions", "actions"), max_length=20_000).split()
    ticked = reader.choices("actions", shown, label=_label("actions", "actions"))
    programme = reader.choice("programme", offered["programmes"], label=_label("actions", "actions"), required=True)
    return TickedActions(programme, tuple(shown), tuple(ticked))


def _species(reader: Reader, offered: Mapping[str, Collection[str]]) -> Places:
    return Places(
        *(
            tuple(code for code in offered[name] if code in chosen)
            for name in ("species", "states")
            for chosen in [reader.choices(name, offered[name], label=_label("species", name))]
        )
    )


def _dates(reader: Reader, _offered: Any) -> Dates:
    return Dates(
        *(
            reader.date(name, label=_label("dates", name), earliest=EARLIEST, latest=LATEST)
            for name in ("starts", "ends")
        )
    )


def _budget(reader: Reader, _offered: Any) -> Budget:
    years = [str(year) for year in range(1, MAX_PROJECT_YEARS + 1)]

    def line(row: Reader) -> BudgetLine:
        year = row.choice("year", years, label=_label("budget", "year"))
        return BudgetLine(
            _line_id(row),
            row.text("description", label=_label("budget", "description"), max_length=500),
            row.choice("category", vocabulary.codes("budget_categories"), label=_label("budget", "category")),
            int(year) if year else None,
            row.money("amount", label=_label("budget", "amount"), maximum=MAX_AMOUNT),
            row.choice("currency", currencies(), label=_label("budget", "line_currency")) or "USD",
        )

    currency = reader.choice("currency", currencies(), label=_label("budget", "currency")) or "USD"
    return Budget(currency, _lines(reader, line, "description", MAX_BUDGET_LINES, TOO_MANY_BUDGET_LINES))


def _cofinancing(reader: Reader, _offered: Any) -> Cofinancing:
    def choice(row: Reader, name: str, words: str) -> str:
        return row.choice(name, vocabulary.codes(words), label=_label("cofinancing", name))

    def line(row: Reader) -> CofinancingLine:
        return CofinancingLine(
            _line_id(row),
            row.text("source_name", label=_label("cofinancing", "source_name"), max_length=300),
            choice(row, "source", "cofinancing_sources"),
            choice(row, "kind", "cofinancing_kinds"),
            choice(row, "status", "cofinancing_statuses"),
            row.money("amount", label=_label("cofinancing", "amount"), maximum=MAX_AMOUNT),
            row.choice("currency", currencies(), label=_label("cofinancing", "line_currency")) or "USD",
        )

    lines = _lines(reader, line, "source_name", MAX_COFINANCING_LINES, TOO_MANY_COFINANCING_LINES)
    return Cofinancing(reader.flag("none"), lines)


def _partners(reader: Reader, _offered: Any) -> Partners:
    def choice(row: Reader, name: str, words: str) -> str:
        return row.choice(name, vocabulary.codes(words), label=_label("partners", name))

    def line(row: Reader) -> Partner:
        return Partner(
            _line_id(row),
            row.text("name", label=_label("partners", "name"), max_length=300),
            choice(row, "kind", "applicant_kinds"),
            choice(row, "country", "countries"),
            row.text("role", label=_label("partners", "role"), max_length=300),
            choice(row, "lead", "partner_leads") or "open",
        )

    lines = _lines(reader, line, "name", MAX_PARTNERS, TOO_MANY_PARTNERS)
    return Partners(reader.flag("none"), lines)


def _contacts(reader: Reader, _offered: Any) -> Contacts:
    def line(row: Reader) -> Contact:
        return Contact(
            _line_id(row),
            row.text("name", label=_label("contacts", "name"), max_length=200),
            row.text("role", label=_label("contacts", "role"), max_length=200),
            row.email("email", label=_label("contacts", "email")),
        )

    return Contacts(_lines(reader, line, "name", MAX_CONTACTS, TOO_MANY_CONTACTS))


def _lines(
    reader: Reader, read: Callable[[Reader], Line], first: str, limit: int, message: str
) -> tuple[Line, ...]:  # fmt: skip
    rows = reader.rows("lines")
    wrong = len(reader.errors)
    found = [(row, line) for row, line in ((row, read(row)) for row in rows) if not line.empty]
    if len(found) > limit and len(reader.errors) == wrong:
        found[limit][0].fail(first, message, limit=limit, count=len(found))
    return tuple(line for _row, line in found)


def _line_id(row: Reader) -> UUID | None:
    """The id that the page gave to a line; one that cannot be read counts as a new line."""
    try:
        return UUID(row.text("id", label="id"))
    except ValueError:
        return None


def _label(section: Section, field: str) -> str:
    return QUESTIONS[section][field].label


_READERS: Final[Mapping[Section, Callable[[Reader, Mapping[str, Collection[str]]], Answers]]] = {
    "summary": _summary, "actions": _actions, "species": _species, "dates": _dates, "budget": _budget,
    "cofinancing": _cofinancing, "partners": _partners, "contacts": _contacts,
}  # fmt: skip
