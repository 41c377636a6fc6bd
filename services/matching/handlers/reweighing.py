"""A coordinator puts other weights in force: every live pair is weighed anew, and no verdict changes."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from contracts.envelope import new_id
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context
from services.matching import shipped
from services.matching.commands.weights import PutWeights
from services.matching.handlers.refitting import refit
from services.matching.handlers.weights import data_in_force, weights_in_force
from services.matching.rules import Weights
from services.matching.rules.weights import reasons_of
from services.matching.tables import WeightsInForce, WeightsVersion

WEIGHTS: Final = "step.weights"
"""Kind of the step: the version of that id was put in force."""
REFIT: Final = "step.refit"
"""Kind of the step: pairs that older weights of the program had weighed were weighed again, at the start of a newer
program. Such pairs are judged again by now (see `renewing`); journals tell of it."""


class Outpaced(Conflict):
    """Somebody else has put other weights in force since the page was drawn."""


def put_weights(context: Context, command: PutWeights) -> int | None:
    """Put weights in force and weigh every live pair by them; answers the new version, None if it had been done
    already (a button pressed twice) or would change nothing.

    Raises Outpaced when another version is in force than the person has seen, NotFound for a version to go back to
    that there never was, ValueError when the points do not add up.
    """
    context.take_turn()
    session = context.session
    wanted = wanted_data(session, command)
    now = weights_in_force(session).version
    if now != command.base:
        last = _version(session, now)
        mine = last is not None and (last.based_on, last.person_id) == (command.base, command.person_id)
        if last is not None and mine and _same(last.data, wanted):
            return None
        raise Outpaced(f"version {now} of the weights has been put in force meanwhile")
    if _same(data_in_force(session), wanted):
        return None
    number = 1 + max(shipped.WEIGHTS_VERSION, session.execute(select(func.max(WeightsVersion.number))).scalar() or 0)
    row = WeightsVersion(
        version_id=new_id(), number=number, based_on=now, same_as=command.same_as,
        data=wanted | {"version": number, "made": context.now.date().isoformat()},
        put_by=command.person_name, person_id=command.person_id, put_at=context.now, pairs=0,
    )  # fmt: skip
    context.note_step(WEIGHTS, row.version_id)
    row.pairs = _put(context, row)
    session.add(row)
    return number


def redo_weights(context: Context, version_id: UUID) -> None:
    """Put a version in force once more."""
    row = context.session.get(WeightsVersion, version_id)
    if row is not None:
        _put(context, row)


def redo_refit(context: Context, _key: UUID) -> None:
    """Weigh everything again."""
    refit(context, "weights")


def wanted_data(session: Session, command: PutWeights) -> dict[str, Any]:
    """All that the wanted version would hold. Raises NotFound, ValueError."""
    if command.same_as is not None:
        return data_of(session, command.same_as)
    data = with_points(data_in_force(session), command.points, command.reasons)
    Weights.from_data(data)
    return data


def with_points(
    data: Mapping[str, Any], points: Mapping[str, int], reasons: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """`data` with other points and, where they are given, other reasons. Parts that an old version lacks are added."""
    why = reasons_of(data) | {part: reason for part, reason in (reasons or {}).items() if reason}
    parts = [{"part": part, "points": count, "reason": why.get(part, "")} for part, count in points.items()]
    return dict(data) | {"proposal": parts}


def data_of(session: Session, number: int) -> dict[str, Any]:
    """What a version holds, whether people or the program have made it. Raises NotFound."""
    row = _version(session, number)
    if row is not None:
        return row.data
    if not 1 <= number <= shipped.WEIGHTS_VERSION:
        raise NotFound(f"there is no version {number} of the weights")
    data = shipped.weights_data(number)
    return with_points(data, Weights.from_data(data).proposal)


def _put(context: Context, row: WeightsVersion) -> int:
    session = context.session
    session.merge(WeightsInForce(one=1, version_id=row.version_id, number=row.number, data=row.data))
    session.flush()
    return refit(context, "weights")


def _version(session: Session, number: int) -> WeightsVersion | None:
    return session.execute(select(WeightsVersion).where(col(WeightsVersion.number) == number)).scalar_one_or_none()


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both weigh alike, for the same reasons."""
    return all(one[name] == other[name] for name in ("proposal", "action", "priority_percent", "pace_days"))
