"""Why windows could not pay for actions, and which of a window's rules shuts out what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.events import ActionPublished
from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.handlers.judging import setting_for
from services.matching.handlers.terms import all_terms
from services.matching.queries.windows import group_of
from services.matching.rules import ActionFacts, facts_of_action
from services.matching.rules.action_findings import action_answers, something_shared
from services.matching.rules.shutting import ShutOut, shut_outs
from services.matching.tables import LIVE, ActionCopy, Pair, ProposalCopy

NO_PRIORITY = "none"
"""Group of the actions without a priority."""


@dataclass(frozen=True)
class Unpaying:
    """A window that could not pay for an action, and the rules that refuse; none where nothing is shared."""

    terms: WindowTerms
    rules: tuple[str, ...]

    @property
    def group(self) -> str:
        """The group of the window."""
        return group_of(self.terms.kind, self.terms.fund)


def unpaying(session: Session, action: ActionPublished, now: datetime) -> dict[tuple[str, ...], list[Unpaying]]:
    """The windows that could not pay for an action, by what refuses: most windows first, nothing shared last."""
    facts = facts_of_action(action)
    found: dict[tuple[str, ...], list[Unpaying]] = {}
    for terms in all_terms(session):
        answers = action_answers(facts, terms, setting_for(terms, now))
        refusing = tuple(rule for rule, answer in answers.items() if answer.verdict is Tri.NO)
        if refusing or not something_shared(facts, terms):
            found.setdefault(refusing, []).append(Unpaying(terms, refusing))
    for some in found.values():
        some.sort(key=lambda one: (one.terms.name.casefold(), one.terms.window_id))
    return dict(sorted(found.items(), key=lambda pair: (not pair[0], -len(pair[1]), pair[0])))


@dataclass(frozen=True)
class Shutting:
    """What a window's rules shut out of `total`, that which shuts out most by itself first."""

    total: int
    refused: int
    """By any rule."""
    rules: Sequence[ShutOut]
    unshared: int = 0
    """Actions that no rule refuses and for which nothing speaks: no theme, no preferred species is shared."""

    @property
    def first(self) -> ShutOut | None:
        """The rule that shuts out most by itself; None where none does."""
        return next((one for one in self.rules if one.alone), None)


def shut_out_actions(session: Session, terms: WindowTerms, programme_id: str | None, now: datetime) -> Shutting:
    """Which rules shut out how many actions of a Programme, by priority."""
    setting = setting_for(terms, now)
    judged: list[tuple[str, Mapping[str, Tri]]] = []
    unshared = 0
    query = select(col(ActionCopy.payload)).where(col(ActionCopy.programme_id) == programme_id)
    for payload in session.execute(query).scalars():
        facts = ActionFacts(
            payload["action_id"], payload["priority"], frozenset(payload["themes"]), frozenset(payload["species"]),
            frozenset(payload["states"]),
        )  # fmt: skip
        verdicts = {rule: answer.verdict for rule, answer in action_answers(facts, terms, setting).items()}
        judged.append((facts.priority or NO_PRIORITY, verdicts))
        unshared += Tri.NO not in verdicts.values() and not something_shared(facts, terms)
    return _shutting(judged, unshared)


def shut_out_proposals(session: Session, window_id: str) -> Shutting:
    """Which rules shut out how many live proposals."""
    query = (
        select(col(Pair.findings))
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE, col(Pair.window_id) == window_id)
    )
    return _shutting([
        ("", {stored["rule"]: Tri(stored["verdict"]) for stored in findings})
        for findings in session.execute(query).scalars()
    ])  # fmt: skip


def _shutting(judged: Sequence[tuple[str, Mapping[str, Tri]]], unshared: int = 0) -> Shutting:
    refused = sum(Tri.NO in verdicts.values() for _group, verdicts in judged)
    return Shutting(len(judged), refused, shut_outs(judged), unshared)
