"""How far a proposal is: the state of each section, what its actions suggest, and who may do what next."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from services.projects.rules.proposals.gaps import Gap
from services.projects.values.proposals import (
    OPTIONAL,
    SECTIONS,
    AddressedAction,
    ChosenActions,
    Proposal,
    Section,
    Status,
    TickedActions,
)

SectionState = Literal["not_started", "in_progress", "done", "needs_you"]


def section_states(proposal: Proposal, gaps: Iterable[Gap]) -> dict[Section, SectionState]:
    """State of every section, in the order of the form.

    needs_you: something contradicts; done: nothing is missing; in_progress: something is there and something is not.
    An optional section of which nothing is said is not started, and keeps nobody from submitting.
    """
    by_section: dict[str, set[str]] = {}
    for gap in gaps:
        by_section.setdefault(gap.section, set()).add(gap.kind)
    states: dict[Section, SectionState] = {}
    for section in SECTIONS:
        kinds = by_section.get(section, set())
        if "wrong" in kinds:
            states[section] = "needs_you"
        elif "missing" not in kinds and (section not in OPTIONAL or _has_content(proposal, section)):
            states[section] = "done"
        else:
            states[section] = "in_progress" if _has_content(proposal, section) else "not_started"
    return states


def _has_content(proposal: Proposal, section: Section) -> bool:
    return {
        "summary": bool(proposal.summary.texts),
        "actions": bool(proposal.actions.ids),
        "species": bool(proposal.species.species or proposal.species.states),
        "dates": bool(proposal.dates.starts or proposal.dates.ends),
        "budget": bool(proposal.budget.lines),
        "cofinancing": bool(proposal.cofinancing.none or proposal.cofinancing.lines),
        "partners": bool(proposal.partners.none or proposal.partners.lines),
        "contacts": bool(proposal.contacts.lines),
    }[section]


def may_edit(status: Status) -> bool:
    """Whether the form may be changed: not while the secretariat has it, not while it lies among the deleted."""
    return status in ("draft", "withdrawn")


def may_submit(status: Status, *, lead: bool, gaps: Iterable[Gap]) -> bool:
    """Whether this person may submit the proposal now."""
    return lead and may_edit(status) and not any(gap.blocks for gap in gaps)


def may_withdraw(status: Status, *, lead: bool) -> bool:
    """Whether this person may take the proposal back for changes."""
    return lead and status == "submitted"


def after_ticks(stored: ChosenActions, ticks: TickedActions, order: Sequence[str]) -> ChosenActions:
    """The actions chosen after `ticks`: what the page did not show stays as it was. `order` is the Programme's."""
    kept = set(stored.ids) - set(ticks.shown) if stored.programme_id in ("", ticks.programme_id) else set()
    chosen = kept | (set(ticks.ticked) & set(ticks.shown) & set(order))
    place = {action_id: index for index, action_id in enumerate(order)}
    ids = sorted(chosen, key=lambda action_id: (place.get(action_id, len(place)), action_id))
    return ChosenActions(ticks.programme_id, tuple(ids))


def themes_of(actions: Iterable[AddressedAction]) -> list[str]:
    """Themes of the actions addressed: those that most of them share first, then in the order of the actions."""
    counts = Counter(theme for action in actions for theme in dict.fromkeys(action.themes))
    return [theme for theme, _ in counts.most_common()]


def suggested(
    actions: Sequence[AddressedAction], field: Literal["species", "states"], offered: Collection[str],
) -> dict[str, int]:  # fmt: skip
    """Codes that the actions name, with how many of them do, most often named first.

    An action that serves all that is `offered` says nothing about which to choose, and is left out.
    """
    counts: Counter[str] = Counter()
    for action in actions:
        named: tuple[str, ...] = getattr(action, field)
        if not set(offered) <= set(named):
            counts.update(named)
    return dict(counts.most_common())
