"""A briefing for a meeting with a donor: one page, however much there is to say."""

from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, Final

from services.chassis.i18n import gettext, use_language
from services.reports import rules
from services.reports.documents.environment import (
    Composed,
    Said,
    amount,
    compose,
    folio,
    label,
    moment,
    said,
)
from services.reports.documents.measure import cut, lines
from services.reports.documents.pictures import horizon
from services.reports.documents.terms import in_brief, not_known
from services.reports.documents.typography import clip, polish
from services.reports.sources import Action, BriefingSource, Fitting, Pairing

PAGE: Final = 797.0
"""Points of a page above its foot."""
LINE: Final = 12.0
SIZE: Final = 8.33
ACTION_TITLE: Final = 148.0
PRIORITY: Final = 66.0
PROPOSAL_TITLE: Final = 172.0
FACT: Final = 140.0
QUESTION: Final = 296.0
ASK: Final = 152.0
WHOLE: Final = 487.0
"""Widths in points of the columns that the style sheet sets, less their inner margins."""


@dataclass(frozen=True)
class ActionRow:
    """An action that fits, ready to print."""

    number: str
    title: str
    language: str
    priority: str
    fit: int
    sure: bool


@dataclass(frozen=True)
class ProposalRow:
    """A proposal that fits, ready to print."""

    reference: str
    title: str
    language: str
    by: str
    requested: str
    fit: int
    eligible: bool
    unknown: int
    shortlisted: bool


@dataclass(frozen=True)
class Source:
    """A record that figures on the page come from."""

    name: str
    event_id: str


def compose_briefing(source: BriefingSource, language: str) -> Composed:
    """The briefing for the donor of a window in `language`."""
    with use_language(language):
        title = gettext("Briefing: %(window)s, %(donor)s", window=source.terms.name, donor=source.terms.donor_name)
        actions = [_action(pairing, i, source) for pairing in source.pairings for i in range(len(pairing.actions))]
        actions.sort(key=lambda row: -row.fit)
        proposals = [_proposal(fitting) for fitting in source.fitting]
        full, short = _texts(source, brief=False), _texts(source, brief=True)
        room = _room(full)
        texts = full if room >= _height_of_facts(full) else short
        counts = rules.how_many_fit(
            [7 + LINE * max(_lines(row.title, ACTION_TITLE), _lines(row.priority, PRIORITY)) for row in actions],
            [7 + LINE + LINE * _lines(row.title, PROPOSAL_TITLE) + 10 for row in proposals],  # 10: its records
            max(room if texts is full else _room(short), 0) - 95, LINE + 2,
        )  # fmt: skip
        versions = [
            _context(source, texts, actions, proposals, counts),
            _context(source, short, actions, proposals, (counts[0] * 2 // 3, counts[1] * 2 // 3)),
            _context(source, short, actions, proposals, (min(counts[0], 1), min(counts[1], 1))),
        ]
        first, *rest = [compose("briefing.html", "briefing", language, title, version) for version in versions]
    return Composed(first, title, language, tuple(rest), most_pages=1)


@dataclass(frozen=True)
class _Texts:
    """The texts of the page beside its two lists, cut to a length that a page can bear."""

    name: str
    summary: Said
    facts: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    more_unknown: int
    unverified: str
    ask: str
    url: str


def _texts(source: BriefingSource, *, brief: bool) -> _Texts:
    terms = source.terms
    summary, unknown, most = said(terms.summary), not_known(terms), 3 if brief else 5
    who = [clip(terms.intermediary.who, 80)] if terms.intermediary.who else []
    return _Texts(
        name=clip(terms.name, 80),
        summary=replace(summary, text=clip(polish(summary.text, summary.language), 150 if brief else 300)),
        facts=tuple((name, clip(value, 28 if brief else 80)) for name, value in in_brief(terms)),
        unknown=tuple(clip(text, 130) for text in unknown[:most]), more_unknown=max(0, len(unknown) - most),
        unverified="" if brief else clip(terms.unverified, 180),
        ask="; ".join(dict.fromkeys([*who, clip(terms.donor_name, 70)])), url=clip(terms.url, 60),
    )  # fmt: skip


def _room(texts: _Texts) -> float:
    """Points that are left for terms and lists, by what all the rest is likely to take."""
    serif = 1.06  # Noto Serif runs wider than Noto Sans
    head = 110 + 25 * lines(texts.name, WHOLE, 20.7 * serif)
    head += 6 + 14 * lines(f"{texts.summary.text} {texts.summary.mark}", WHOLE, 10 * serif)
    questions = [*texts.unknown, texts.unverified, "more" if texts.more_unknown else ""]
    asking = max(sum(LINE * _lines(line, QUESTION) + 2 for line in questions), LINE * (_lines(texts.ask, ASK) + 2) + 4)
    records = 17 + 9 * 2
    return PAGE - head - (42 + asking) - records - 24


def _height_of_facts(texts: _Texts) -> float:
    return 21 + sum(5.4 + LINE * (1 + _lines(value, FACT)) for _, value in texts.facts)


def _lines(text: str, column: float) -> int:
    return lines(text, column, SIZE)


def _context(
    source: BriefingSource, texts: _Texts, actions: list[ActionRow], proposals: list[ProposalRow],
    counts: tuple[int, int],
) -> dict[str, Any]:  # fmt: skip
    terms = source.terms
    total = max(sum(pairing.count for pairing in source.pairings), len(actions))
    return {
        "texts": texts, "donor": clip(terms.donor_name, 80), "kind": label(terms.kind, "window_kinds"),
        "picture": horizon(terms.window_id, gettext("A drawing: mountains above the steppe"), height=19),
        "status": label(terms.status, "window_statuses"),
        "actions": actions[: counts[0]], "more_actions": total - counts[0], "total_actions": total,
        "proposals": proposals[: counts[1]], "more_proposals": len(proposals) - counts[1],
        "total_proposals": len(proposals), "sources": _sources(source, counts), "as_of": moment(source.newest),
        "created": source.newest.astimezone(UTC).isoformat(timespec="seconds"), "folio": folio(),
    }  # fmt: skip


def _action(pairing: Pairing, place: int, source: BriefingSource) -> ActionRow:
    fit = pairing.actions[place]
    copy: Action | None = source.actions.get((pairing.programme_id, fit.action_id))
    title = said(copy.data.title) if copy else None
    return ActionRow(
        number=copy.data.number if copy else fit.action_id,
        title=clip(polish(title.text, title.language), 90) if title else "",
        language=title.language if title else "en",
        priority=label(copy.data.priority, "priorities") if copy and copy.data.priority else gettext("Not stated"),
        fit=fit.fit, sure=fit.overall == "yes",
    )  # fmt: skip


def _proposal(fitting: Fitting) -> ProposalRow:
    proposal = fitting.proposal
    title = said(proposal.title)
    return ProposalRow(
        reference=proposal.reference, title=clip(polish(title.text, title.language), 100),
        language=title.language, by=cut(f"{proposal.reference}, {proposal.organisation.name}", PROPOSAL_TITLE, SIZE),
        requested=amount(proposal.requested.amount, proposal.requested.currency, 0), fit=fitting.fit,
        eligible=fitting.overall == "eligible", unknown=fitting.unknown, shortlisted=fitting.shortlisted,
    )  # fmt: skip


def _sources(source: BriefingSource, counts: tuple[int, int]) -> list[Source]:
    terms = source.terms
    found = [Source(gettext("Terms, revision %(revision)s", revision=terms.revision), str(source.origin.event_id))]
    found += [
        Source(gettext("Pairing with actions of %(programme)s", programme=pairing.programme_id.upper()),
               str(pairing.origin.event_id))
        for pairing in source.pairings
    ]  # fmt: skip
    for fitting in source.fitting[: counts[1]]:
        reference, version = fitting.proposal.reference, fitting.proposal.version
        found.append(Source(gettext("%(reference)s, version %(version)s", reference=reference, version=version),
                            str(fitting.submitted.event_id)))  # fmt: skip
        found.append(Source(gettext("%(reference)s, verdict", reference=reference), str(fitting.judged.event_id)))
    return found
