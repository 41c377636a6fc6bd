"""Every question that the form of a proposal asks, in its order: for the form itself and for the page to print.

Labels and hints are msgids. What is asked is kept here once, so that the page one prepares from and the form one fills
in cannot drift apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.projects.values import N_
from services.projects.values.proposals import (
    MAX_BUDGET_LINES,
    MAX_COFINANCING_LINES,
    MAX_CONTACTS,
    MAX_PARTNERS,
    TEXT_LIMITS,
    Section,
)


@dataclass(frozen=True)
class Question:
    """One question. `choices` names the vocabulary to choose from; `limit` is in characters."""

    field: str
    label: str
    hint: str = ""
    required: bool = True
    choices: str = ""
    limit: int | None = None
    lines: int = 1
    """Lines to write on when it is printed."""
    each: bool = False
    """Whether it is asked again for each line of a table."""


@dataclass(frozen=True)
class SectionQuestions:
    """The questions of one section; `most` is how often they may be answered, in a table of lines."""

    title: str
    intro: str
    questions: tuple[Question, ...]
    most: int = 1

    @property
    def once(self) -> tuple[Question, ...]:
        """The questions that are asked once."""
        return tuple(question for question in self.questions if not question.each)

    @property
    def each(self) -> tuple[Question, ...]:
        """The questions that each line of the table answers."""
        return tuple(question for question in self.questions if question.each)

    def __getitem__(self, field: str) -> Question:
        return next(question for question in self.questions if question.field == field)


_SUMMARY: Final = (
    Question(
        "written_in",
        N_("Language you write in"),
        N_("The other languages translate this one. When you change a text, its translations are marked as older."),
        choices="languages",
    ),
    Question(
        "title",
        N_("Title"),
        N_("What will be done, for which species, and where."),
        limit=TEXT_LIMITS["title"],
    ),
    Question(
        "summary",
        N_("Summary of the project"),
        N_("What a donor may read alone: the aim, what you will do, and what will be different at the end."),
        limit=TEXT_LIMITS["summary"],
        lines=6,
    ),
    Question(
        "problem",
        N_("The problem"),
        N_("What threatens the species, where, and how you know. Name the evidence."),
        limit=TEXT_LIMITS["problem"],
        lines=6,
    ),
    Question(
        "approach",
        N_("Your approach"),
        N_("What you will do, with whom, and why this should work here."),
        limit=TEXT_LIMITS["approach"],
        lines=8,
    ),
    Question(
        "results",
        N_("Expected results"),
        N_("What can be counted or seen at the end, with figures and places where you can."),
        limit=TEXT_LIMITS["results"],
        lines=6,
    ),
)
_ACTIONS: Final = (
    Question(
        "actions",
        N_("Actions"),
        N_("Search by a word or a number and tick every action that the project serves."),
        lines=2,
    ),
)
_SPECIES: Final = (
    Question("species", N_("Species"), N_("Tick those that the project is for."), choices="species"),
    Question("states", N_("Range states"), N_("Tick those in which the work will be done."), choices="states"),
)
_DATES: Final = (
    Question("starts", N_("First day"), N_("Leave time for donors to decide: six months is usual.")),
    Question("ends", N_("Last day"), N_("The last day on which the project will spend money.")),
)
_BUDGET: Final = (
    Question(
        "currency", N_("Currency of the totals"), N_("The currency in which you ask for money."), choices="currencies"
    ),
    Question("description", N_("What the money is for"), each=True),
    Question("category", N_("Category"), choices="budget_categories", each=True),
    Question("year", N_("Project year"), N_("Counted from the first day of the project: 1, 2, 3 …"), each=True),
    Question("amount", N_("Amount"), each=True),
    Question("line_currency", N_("Currency"), N_("The one you will pay in."), choices="currencies", each=True),
)
_COFINANCING: Final = (
    Question("none", N_("This project has no co-financing"), required=False, lines=0),
    Question("source_name", N_("Source"), N_("Who brings it."), each=True),
    Question("source", N_("Type of source"), choices="cofinancing_sources", each=True),
    Question(
        "kind",
        N_("Cash or in kind"),
        N_("In kind is work, goods or the use of things, at the price you would pay for them."),
        choices="cofinancing_kinds",
        each=True,
    ),
    Question(
        "status",
        N_("How certain it is"),
        N_("Confirmed means that you hold a letter."),
        choices="cofinancing_statuses",
        each=True,
    ),
    Question("amount", N_("Amount"), each=True),
    Question("line_currency", N_("Currency"), choices="currencies", each=True),
)
_PARTNERS: Final = (
    Question("none", N_("This project has no partner organisations"), required=False, lines=0),
    Question("name", N_("Name of the organisation"), N_("A registered organisation is known by its name."), each=True),
    Question(
        "kind",
        N_("Kind of organisation"),
        N_("Donors go by it when they say who may apply."),
        choices="applicant_kinds",
        each=True,
    ),
    Question("country", N_("Country of registration"), each=True),
    Question("role", N_("What it does in the project"), N_("For example patrols."), each=True),
    Question(
        "lead",
        N_("Could it lead?"),
        N_("Some donors are open only to some kinds of organisation: a partner may open them by leading."),
        choices="partner_leads",
        each=True,
    ),
)
_CONTACTS: Final = (
    Question("name", N_("Name"), each=True),
    Question("role", N_("Role in the project"), N_("For example project lead, or finance."), each=True),
    Question("email", N_("E-mail address"), each=True),
)

QUESTIONS: Final[Mapping[Section, SectionQuestions]] = {
    "summary": SectionQuestions(
        N_("Summary"),
        N_("What the project is about, in your own words: in English, Russian or French."),
        _SUMMARY,
    ),
    "actions": SectionQuestions(
        N_("Actions addressed"),
        N_("The actions of the Programme of Work that your project carries out. Donors find you through them."),
        _ACTIONS,
    ),
    "species": SectionQuestions(
        N_("Species and states"),
        N_(
            "The species that gain from the project, and the range states you will work in. Many donors fund only some."
        ),
        _SPECIES,
    ),
    "dates": SectionQuestions(
        N_("Dates"), N_("When the project begins and ends. An estimate is enough for now."), _DATES
    ),
    "budget": SectionQuestions(
        N_("Budget"),
        N_("All that the project costs, what others pay for included. The totals are computed for you."),
        _BUDGET,
        MAX_BUDGET_LINES,
    ),
    "cofinancing": SectionQuestions(
        N_("Co-financing"),
        N_("Money, work or goods that you or others bring. What is then left of the budget is what you ask for."),
        _COFINANCING,
        MAX_COFINANCING_LINES,
    ),
    "partners": SectionQuestions(
        N_("Partners"),
        N_("The organisations that carry out the project with you. You may submit without naming any."),
        _PARTNERS,
        MAX_PARTNERS,
    ),
    "contacts": SectionQuestions(
        N_("Contacts"),
        N_("The people whom the secretariat and donors may write to about this proposal."),
        _CONTACTS,
        MAX_CONTACTS,
    ),
}
"""Section -> its questions, in the order of the form."""
