"""A proposal as a document: cover, contents, sections, tables, and an annexe that says where each figure is from."""

from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from contracts import vocabulary
from contracts.events import BudgetLine, CofinancingLine, ProposalSubmitted
from services.chassis.i18n import N_, gettext, ngettext, use_language
from services.reports import rules
from services.reports.documents import annexe, charts
from services.reports.documents.environment import (
    Composed,
    Said,
    amount,
    compose,
    day,
    folio,
    label,
    percent,
    said,
    short_day,
)
from services.reports.documents.pictures import horizon
from services.reports.documents.typography import clip, polish
from services.reports.sources import ProposalSource

SECTIONS: Final = (
    ("summary", N_("Summary")),
    ("problem", N_("The problem")),
    ("approach", N_("Approach")),
    ("results", N_("Expected results")),
    ("actions", N_("Actions of the Programme of Work")),
    ("species", N_("Species and states")),
    ("timetable", N_("Timetable")),
    ("budget", N_("Budget")),
    ("cofinancing", N_("Co-financing")),
    ("request", N_("Funding request")),
    ("contacts", N_("Contacts")),
)

AS_SUBMITTED: Final = {
    "en": N_("Descriptions are in English, as submitted."),
    "ru": N_("Descriptions are in Russian, as submitted."),
    "fr": N_("Descriptions are in French, as submitted."),
}


@dataclass(frozen=True)
class Section:
    """A heading of the document and its place."""

    id: str
    number: str
    title: str


@dataclass(frozen=True)
class ActionLine:
    """An action that the proposal addresses."""

    number: str
    title: Said
    priority: str
    section: str


@dataclass(frozen=True)
class CofinancingRow:
    """One source of co-financing, ready to print."""

    line: CofinancingLine
    source: str
    share: str


def compose_proposal(source: ProposalSource, language: str) -> Composed:
    """The document of a proposal in `language`."""
    proposal = source.proposal
    with use_language(language):
        title = said(proposal.title)
        context = _context(source, language, title)
        name = f"{proposal.reference} \N{EN DASH} {title.text or gettext('Untitled')}"
    return Composed(compose("proposal.html", "proposal", language, name, context), name, language)


def _context(source: ProposalSource, language: str, title: Said) -> dict[str, Any]:
    proposal = source.proposal
    sections = [Section(key, str(i), gettext(text)) for i, (key, text) in enumerate(SECTIONS, 1)]
    budget = rules.budget(proposal, vocabulary.codes("budget_categories"))
    return {
        "proposal": proposal, "origin": source.origin, "withdrawal": source.withdrawal,
        "named": Said(polish(title.text or gettext("Untitled"), title.language), title.language, title.mark),
        "size": "long" if len(title.text) > 90 else "middling" if len(title.text) > 48 else "short",
        "picture": horizon(proposal.reference, gettext("A drawing: mountains above the steppe")),
        "sections": sections, "annexe_section": Section("annexe", "A", gettext("Sources and figures")),
        "running": clip(polish(title.text, title.language), 52), "running_language": title.language,
        "texts": {key: said(getattr(proposal, key)) for key in ("summary", "problem", "approach", "results")},
        "actions": _actions(source),
        "species": [(label(code, "species"), _scientific(code)) for code in proposal.species],
        "states": [label(code, "states") for code in proposal.states],
        "budget": budget, "lines": _lines(proposal, budget), "places": _places(budget),
        "line_language": proposal.written_in,
        "lines_mark": said_in(proposal, language),
        "cofinancing": _cofinancing(proposal), "who_pays": _who_pays(proposal),
        "cofinancing_places": _cofinancing_places(proposal),
        "timetable": _timetable(proposal, budget),
        "duration": ngettext("%(num)s month", "%(num)s months", proposal.duration_months),
        "submitted": day(proposal.submitted_at), "annexe": annexe.build(source, budget),
        "request_places": rules.decimals(_request_amounts(proposal)),
        "cofinancing_share": percent(rules.share(proposal.cofinancing_usd, proposal.total_usd)),
        "created": source.origin.time.astimezone(UTC).isoformat(timespec="seconds"), "folio": folio(),
    }  # fmt: skip


def said_in(proposal: ProposalSubmitted, language: str) -> str:
    """A mark for what has only one language (descriptions, names) where that is not the document's; else ""."""
    return "" if proposal.written_in == language else gettext(AS_SUBMITTED[proposal.written_in])


def _actions(source: ProposalSource) -> list[ActionLine]:
    lines = []
    for ref in source.proposal.actions:
        copy = source.actions.get(ref.action_id)
        title = said(ref.title)
        lines.append(
            ActionLine(
                number=copy.data.number if copy else ref.action_id,
                title=Said(polish(title.text, title.language), title.language, title.mark),
                priority=label(ref.priority, "priorities") if ref.priority else gettext("Not stated"),
                section=said(copy.data.section_title).text if copy else "",
            )
        )
    return lines


def _scientific(code: str) -> str:
    return str(vocabulary.entry("species", code).get("scientific_name") or "")


def _lines(proposal: ProposalSubmitted, budget: rules.Budget) -> list[tuple[int, BudgetLine, Decimal]]:
    return [(i, line, worth) for i, (line, worth) in enumerate(zip(proposal.budget, budget.amounts, strict=True), 1)]


def _places(budget: rules.Budget) -> int:
    return rules.decimals([*budget.amounts, budget.rounding])


def _cofinancing(proposal: ProposalSubmitted) -> list[CofinancingRow]:
    return [
        CofinancingRow(line, label(line.source, "cofinancing_sources"),
                       percent(rules.share(line.usd, proposal.total_usd)))
        for line in proposal.cofinancing
    ]  # fmt: skip


def _cofinancing_places(proposal: ProposalSubmitted) -> int:
    return rules.decimals(
        [*(line.money.amount for line in proposal.cofinancing), *(line.usd for line in proposal.cofinancing),
         proposal.cofinancing_usd]
    )  # fmt: skip


def _request_amounts(proposal: ProposalSubmitted) -> list[Decimal]:
    own = (proposal.total, proposal.cofinancing_total, proposal.requested)
    return [*(money.amount for money in own), proposal.total_usd, proposal.cofinancing_usd, proposal.requested_usd]


def _who_pays(proposal: ProposalSubmitted) -> Markup:
    segments = rules.who_pays(proposal)
    whole = sum((segment.usd for segment in segments), rules.ZERO)
    if not whole:
        return Markup("")
    pieces = []
    for segment in segments:
        style = "requested" if segment.kind == "requested" else "firm" if segment.firm else "indicative"
        if segment.kind == "requested":
            name = gettext("Requested")
        elif segment.others:
            name = ngettext("%(num)s other source", "%(num)s other sources", segment.others)
        else:
            name = clip(polish(segment.name, proposal.written_in), 34)
        detail = f"{amount(segment.usd, 'USD', 0)} · {percent(segment.usd / whole, 0)}"
        if segment.kind == "in_kind":
            detail += f" · {label('in_kind', 'cofinancing_kinds').lower()}"
        if segment.kind != "requested" and not segment.firm and not segment.others:
            detail += f" · {label('indicative', 'cofinancing_statuses').lower()}"
        hatched = " hatched" if segment.kind == "in_kind" else ""
        pieces.append(charts.Piece(float(segment.usd / whole), name, detail, style + hatched))
    return charts.stacked_bar(pieces, gettext("Who pays: the requested amount and each source of co-financing"))


def _timetable(proposal: ProposalSubmitted, budget: rules.Budget) -> dict[str, Any]:
    years = rules.project_years(proposal.starts, proposal.ends)
    sums = dict(zip(budget.matrix.years, budget.matrix.column_totals, strict=True))
    spans = [
        charts.Span(
            year.begins, year.ends, gettext("Year %(number)s", number=year.number),
            amount(sums[year.number], budget.currency, 0) if sums.get(year.number) else "",
        )
        for year in years
    ]  # fmt: skip
    ticks = [(year.begins, short_day(year.first)) for year in years] + [(1.0, short_day(years[-1].last))]
    title = gettext(
        "Time line from %(start)s to %(end)s in project years", start=day(proposal.starts), end=day(proposal.ends)
    )
    return {"chart": charts.time_line(spans, ticks, title), "years": len(years)}
