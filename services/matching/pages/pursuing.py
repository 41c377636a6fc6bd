"""The pursuit as the page of a pair shows it, and its form as it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, cast

from sqlmodel import Session

from contracts.values import Money
from services.chassis.errors import FieldError
from services.chassis.forms import FormState, Reader
from services.chassis.web import Visit
from services.matching.commands import REASON_LIMIT
from services.matching.commands.pursuits import NOTE_LIMIT, OWNER_LIMIT
from services.matching.handlers.pursuits import last_moves, standing_of, surroundings
from services.matching.pages.access import is_staff
from services.matching.queries.pursuits import places
from services.matching.queries.ranking import WholePair
from services.matching.rules.pursuits import (
    STAGES,
    Problem,
    PursuitStage,
    Standing,
    Surroundings,
    Wish,
    next_stages,
    warnings,
)
from services.matching.shipped import rates
from services.matching.tables import Pursuit, PursuitMove
from services.matching.words.pursuits import LABELS, PROBLEMS

PREFIX: Final = "pursuit-"
"""Before the names of the form's fields: the page has another form, with a reason of its own."""

CURRENCIES: Final = [(code, code) for code in sorted(rates().units_per_usd)]


@dataclass(frozen=True)
class Shown:
    """A pursuit on the page of its pair."""

    standing: Standing
    around: Surroundings
    pursuit: Pursuit | None
    moves: Sequence[PursuitMove]
    """Newest first; empty for people who do not coordinate."""
    reached: frozenset[str]
    """The stages that it has been at on its way to where it stands."""
    next: tuple[PursuitStage, ...]
    odd: tuple[str, ...]
    """`above_asked`, `above_maximum`: what is odd about the amount."""
    granted_usd: Decimal
    """What all awards to the proposal come to."""
    requested_usd: Decimal

    @property
    def beyond(self) -> bool:
        """Whether more has been granted for the proposal than it asks for."""
        return self.granted_usd > self.requested_usd

    @property
    def last(self) -> PursuitMove | None:
        """The move that can be undone."""
        stands = self.pursuit.move_id if self.pursuit else None
        return next((move for move in self.moves if move.move_id == stands), None)

    @property
    def money(self) -> Money | None:
        """What is asked of the donor, or granted by it."""
        if self.standing.amount is None:
            return None
        return Money(amount=self.standing.amount, currency=self.standing.currency)

    @property
    def told(self) -> bool:
        """Whether the people who made the proposal see it too: from the moment that somebody is in touch."""
        return self.standing.stage not in ("none", "identified")


def shown(visit: Visit, session: Session, whole: WholePair) -> Shown:
    """The pursuit of a pair."""
    pursuit = session.get(Pursuit, (whole.pair.proposal_id, whole.pair.window_id))
    moves = last_moves(session, whole.pair.proposal_id, whole.pair.window_id) if is_staff(visit) else []
    around = surroundings(session, whole.proposal, whole.pair, whole.window)
    standing = standing_of(pursuit, whole.pair)
    of_proposal = places(session, whole.pair.proposal_id).values()
    granted = sum((place.granted_usd for place in of_proposal), Decimal(0))
    return Shown(
        standing, around, pursuit, moves, _reached(pursuit, moves), next_stages(standing.stage),
        warnings(standing, around), granted, whole.submitted.requested_usd,
    )  # fmt: skip


def _reached(pursuit: Pursuit | None, moves: Sequence[PursuitMove]) -> frozenset[str]:
    by_id = {move.move_id: move for move in moves}
    move = by_id.get(pursuit.move_id) if pursuit and pursuit.move_id else None
    found = set()
    while move is not None:
        found |= {move.was_stage, move.stage}
        move = by_id.get(move.before) if move.before else None
    return frozenset(found)


def empty_form(visit: Visit, seen: Shown) -> FormState:
    """The form with what is known already."""
    standing = seen.standing
    limit = seen.around.maximum
    usual = limit.currency if limit and limit.currency in rates().units_per_usd else seen.around.asked.currency
    return FormState(
        {
            f"{PREFIX}stage": standing.stage if standing.stage != "none" else "",
            f"{PREFIX}amount": "" if standing.amount is None else f"{standing.amount:f}".removesuffix(".00"),
            f"{PREFIX}currency": standing.currency or usual,
            f"{PREFIX}owner": standing.owner or visit.person.name,
        }
    )


def wish_of(reader: Reader, visit: Visit, now: Standing) -> Wish:
    """What the form asks for. Raises Invalid. A day that is left empty stays as it is while the stage does."""
    label = dict(LABELS)
    stage = reader.choice("stage", STAGES, label=label["stage"], required=True)
    amount = reader.money("amount", label=label["amount"])
    currency = reader.choice("currency", sorted(rates().units_per_usd), label=label["currency"])
    owner = reader.text("owner", label=label["owner"], max_length=OWNER_LIMIT)
    day = reader.date(
        "day", label=label["day"], earliest=date(2000, 1, 1), latest=visit.now.date() + timedelta(days=1)
    )  # fmt: skip - tomorrow, because it has begun in the east already
    reason = reader.text("reason", label=label["reason"], max_length=REASON_LIMIT, multiline=True)
    note = reader.text("note", label=label["note"], max_length=NOTE_LIMIT, multiline=True)
    reader.check()
    if day is None and stage == now.stage:
        day = now.day
    standing = Standing(cast(PursuitStage, stage), amount, currency if amount is not None else "", owner, day)
    return Wish(standing, reason, note)


def errors_of(problems: Sequence[Problem]) -> list[FieldError]:
    """What stands against a move, at the fields of the form."""
    return [
        FieldError(PREFIX + problem.field, PROBLEMS[problem.code], (("label", LABELS[problem.field]),))
        for problem in problems
    ]
