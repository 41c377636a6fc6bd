"""What a proposal consists of. Anything may still be empty: a draft is saved at every step, complete or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal, cast
from uuid import UUID

from contracts.values import Language, LocalizedText

Section = Literal["summary", "actions", "species", "dates", "budget", "cofinancing", "partners", "contacts"]
Status = Literal["draft", "submitted", "withdrawn", "deleted"]
Origin = Literal["written", "machine", "reviewed"]
SECTIONS: Final[tuple[Section, ...]] = (
    "summary", "actions", "species", "dates", "budget", "cofinancing", "partners", "contacts",
)  # fmt: skip
"""The sections of the form in the order of its task list. Stable codes: they stand in addresses and in the database."""
OPTIONAL: Final[frozenset[Section]] = frozenset({"partners"})
"""Sections that a proposal may be submitted without."""
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru", "fr")
TEXT_LIMITS: Final[Mapping[str, int]] = {
    "title": 200, "summary": 3_000, "problem": 10_000, "approach": 20_000, "results": 10_000,
}  # fmt: skip
"""Text fields of the summary in their order, and the most characters that a submitted one may have."""
TEXT_FIELDS: Final = tuple(TEXT_LIMITS)
MAX_STORED_TEXT: Final = 200_000
"""Characters of one text that a draft may hold; far beyond what may be submitted, so that a paste is not lost."""
MAX_BUDGET_LINES: Final = 200
MAX_COFINANCING_LINES: Final = 50
MAX_CONTACTS: Final = 20
MAX_PARTNERS: Final = 30
MAX_PROJECT_YEARS: Final = 10
MAX_AMOUNT: Final = Decimal("999999999999.99")
"""Largest amount of one line, in its own currency."""
MAX_TOTAL: Final = Decimal("9999999999999.99")
"""Largest total in any currency that is passed on to others."""


def status_of(code: str) -> Status:
    """A status as it is stored. Raises ValueError for any other text."""
    if code not in ("draft", "submitted", "withdrawn", "deleted"):
        raise ValueError(f"{code!r} is no status of a proposal")
    return cast(Status, code)


@dataclass(frozen=True)
class Summary:
    """The texts, each with its languages side by side. `written_in` is the language that the others translate."""

    written_in: Language = "en"
    texts: Mapping[str, LocalizedText] = field(default_factory=dict)

    def text(self, name: str) -> LocalizedText:
        """The text of a field, perhaps empty."""
        return self.texts.get(name) or LocalizedText(source=self.written_in)

    def written(self, name: str) -> str:
        """A field in the language it is written in."""
        version = self.text(name).versions.get(self.written_in)
        return version.text if version else ""


@dataclass(frozen=True)
class TypedText:
    """One language version as a person typed it. `current`: they say that it matches the source again."""

    text: str
    origin: Origin = "written"
    current: bool = False


@dataclass(frozen=True)
class TypedSummary:
    """The summary as it comes from the form: field -> language -> what was typed."""

    written_in: Language
    texts: Mapping[str, Mapping[Language, TypedText]]


@dataclass(frozen=True)
class ChosenActions:
    """Ids of the actions addressed, within one Programme of Work ("" before any is loaded)."""

    programme_id: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class TickedActions:
    """Ticks of one page of the list: only the actions that were `shown` there can have been ticked or cleared."""

    programme_id: str
    shown: tuple[str, ...]
    ticked: tuple[str, ...]


@dataclass(frozen=True)
class AddressedAction:
    """What the Programme of Work says of an action that a proposal addresses."""

    action_id: str
    priority: str | None
    title: LocalizedText
    themes: tuple[str, ...] = ()
    species: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Species the project is for, and range states it works in (ISO 3166-1 alpha-3)."""

    species: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dates:
    """First and last day of the project, both inclusive."""

    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class BudgetLine:
    """A line of the budget; `year` is the project year from 1. `line_id` is None until the line is stored."""

    line_id: UUID | None = None
    description: str = ""
    category: str = ""
    year: int | None = None
    amount: Decimal | None = None
    currency: str = "USD"

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in; year and currency come filled and say nothing."""
        return not self.description and not self.category and self.amount is None


@dataclass(frozen=True)
class Budget:
    """The budget, and the currency in which the proposal's totals are stated."""

    currency: str = "USD"
    lines: tuple[BudgetLine, ...] = ()


@dataclass(frozen=True)
class CofinancingLine:
    """Money or goods that somebody else brings. `kind`: cash or in_kind; `status`: indicative, confirmed, realised."""

    line_id: UUID | None = None
    source_name: str = ""
    source: str = ""
    kind: str = ""
    status: str = ""
    amount: Decimal | None = None
    currency: str = "USD"

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.source_name or self.source or self.kind or self.status) and self.amount is None


@dataclass(frozen=True)
class Cofinancing:
    """Co-financing. `none` is the applicant's statement that there is none, which is more than an empty table."""

    none: bool = False
    lines: tuple[CofinancingLine, ...] = ()


@dataclass(frozen=True)
class Contact:
    """A person to write to."""

    line_id: UUID | None = None
    name: str = ""
    role: str = ""
    email: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.name or self.role or self.email)


@dataclass(frozen=True)
class Contacts:
    """The people to write to."""

    lines: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Partner:
    """An organisation that takes part. `kind`: what it counts as when a donor asks who may apply; `lead`: open (not
    asked), agreed or no, were it to lead. `organisation_id` is set where the name is that of a registered one."""

    line_id: UUID | None = None
    name: str = ""
    kind: str = ""
    country: str = ""
    role: str = ""
    lead: str = "open"
    organisation_id: UUID | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in; `lead` comes filled and says nothing."""
        return not (self.name or self.kind or self.country or self.role)


@dataclass(frozen=True)
class Partners:
    """The organisations that take part beside the applicant. `none`: the applicant says that there are none."""

    none: bool = False
    lines: tuple[Partner, ...] = ()


Answers = TypedSummary | TickedActions | Places | Dates | Budget | Cofinancing | Partners | Contacts
"""What one section's form sends."""
SectionValue = Summary | ChosenActions | Places | Dates | Budget | Cofinancing | Partners | Contacts
"""What one section holds."""
SECTION_OF: Final[Mapping[type[Answers], Section]] = {
    TypedSummary: "summary", TickedActions: "actions", Places: "species", Dates: "dates", Budget: "budget",
    Cofinancing: "cofinancing", Partners: "partners", Contacts: "contacts",
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """All that has been filled in so far."""

    summary: Summary = Summary()
    actions: ChosenActions = ChosenActions()
    species: Places = Places()
    dates: Dates = Dates()
    budget: Budget = Budget()
    cofinancing: Cofinancing = Cofinancing()
    partners: Partners = Partners()
    contacts: Contacts = Contacts()

    def section(self, name: Section) -> SectionValue:
        """The value of one section."""
        value: SectionValue = getattr(self, name)
        return value
