"""The weights of the fit: what is in force, what other points would move, and going back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import Response

from services.chassis.errors import FieldError, Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching import shipped, words
from services.matching.commands import REASON_LIMIT
from services.matching.commands.weights import PutWeights
from services.matching.handlers import put_weights
from services.matching.handlers.previewing import Preview, measured, preview
from services.matching.handlers.reweighing import Outpaced, data_of, with_points
from services.matching.handlers.weights import data_in_force, weights_in_force
from services.matching.pages import labelled as labelled_pairs
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.queries.current import current_to
from services.matching.queries.weights import Names, Version, names, versions
from services.matching.rules import PROPOSAL_PARTS, Weights
from services.matching.rules.labelled import THRESHOLD
from services.matching.rules.weights import WHOLE, PointChange, changes_between, reasons_of
from services.matching.words.parts import PARTS
from services.matching.words.weights import FIGURES, figure_meaning, figure_name, why_text

ROUTER: Final = APIRouter()
ROUTER.include_router(labelled_pairs.ROUTER)
HOME: Final = "/matching/fit"
LISTED: Final = 25
"""Proposals with other best windows that are named; the rest are counted."""
NOT_WHOLE: Final = N_("%(label)s: all points together make %(sum)s, not %(whole)s.")
WHY_NEEDED: Final = N_("%(label)s: please say why these points change, so that the next person can follow.")
SAME: Final = N_("These are the points in force. Change some to see what would move.")
IN_FORCE: Final = N_("Version %(number)s of the weights is in force. Every pair has been weighed again.")
BACK: Final = N_("The points of version %(number)s are in force again. Every pair has been weighed again.")
NOTHING: Final = N_("Nothing has changed.")


@ROUTER.get("/fit", dependencies=[STAFF_ONLY])
async def weights(visit: V) -> Response:
    """The weights in force, a form to try others, how well they do, and every version there was."""
    given = visit.request.query_params
    return await _home(visit, FormState({part: given[part] for part in PROPOSAL_PARTS if part in given}))


@ROUTER.get("/fit/preview", dependencies=[STAFF_ONLY])
async def what_would_move(visit: V) -> Response:
    """What other points, or those of an earlier version, would move. Nothing is stored."""
    try:
        asked = _asked(visit, visit.request.query_params)
        if asked.same_as is None and not asked.changes:
            raise Invalid([FieldError("", SAME)])
    except Invalid as invalid:
        return await _home(visit, FormState(_values(visit.request.query_params), invalid.errors), 400)
    return await _preview(visit, asked, FormState(), seen=_seen(visit.request.query_params))


@ROUTER.post("/fit/versions", dependencies=[STAFF_ONLY])
async def put_in_force(visit: V) -> Response:
    """Put other points in force with a reason for each, or go back to an earlier version. Pressed twice, it is one."""
    form = await visit.form()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        asked = _asked(visit, given)
    except Invalid as invalid:
        return await _home(visit, FormState(given, invalid.errors), 400)
    try:
        reasons = _reasons(Reader(form), asked, _seen(given))
    except Invalid as invalid:
        return await _preview(visit, asked, FormState.of(form, invalid.errors), seen=_seen(given), status=400)
    command = PutWeights(
        _seen(given) or 0, asked.points, reasons, visit.person.person_id, visit.person.name, asked.same_as
    )
    try:
        number = await visit.work(lambda context: put_weights(context, command))
    except Outpaced:
        return await _preview(visit, asked, FormState.of(form), seen=_seen(given), status=409)
    if number is None:
        return visit.redirect(HOME, NOTHING)
    if asked.same_as is not None:
        return visit.redirect(HOME, BACK, number=asked.same_as)
    return visit.redirect(HOME, IN_FORCE, number=number)


@dataclass(frozen=True)
class Asked:
    """The points that somebody would put in force."""

    points: Mapping[str, int]
    same_as: int | None
    data: Mapping[str, Any]
    changes: list[PointChange]
    """Against what is in force now."""
    number: int
    """The version that is in force now."""


def _values(given: QueryParams | Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in (*PROPOSAL_PARTS, "base") if name in given}


def _seen(given: QueryParams | Mapping[str, str]) -> int | None:
    """The version that was in force when the page was drawn."""
    value = given.get("base", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None


def _asked(visit: Visit, given: QueryParams | Mapping[str, str]) -> Asked:
    """Read the points, or the version to go back to. Raises Invalid, NotFound."""
    with visit.service.read() as session:
        now, number = data_in_force(session), weights_in_force(session).version
        version = given.get("same_as", "")
        if version:
            if not (version.isascii() and version.isdigit() and len(version) < 9):
                raise NotFound(version)
            data = data_of(session, int(version))
            return Asked(Weights.from_data(data).proposal, int(version), data, changes_between(now, data), number)
    reader = Reader(_values(given))
    read = {part: reader.whole(part, label=PARTS[part], required=True, minimum=0, maximum=WHOLE)
            for part in PROPOSAL_PARTS}  # fmt: skip
    reader.check()
    points = {part: value or 0 for part, value in read.items()}
    in_force = Weights.from_data(now).proposal
    total = sum(points.values())
    if total != WHOLE:
        touched = [part for part in PROPOSAL_PARTS if points[part] != in_force[part]] or list(PROPOSAL_PARTS)
        for part in touched:
            reader.fail(part, NOT_WHOLE, label=PARTS[part], sum=total, whole=WHOLE)
    reader.check()
    data = with_points(now, points)
    return Asked(points, None, data, changes_between(now, data), number)


def _reasons(reader: Reader, asked: Asked, seen: int | None) -> dict[str, str]:
    """Why each part changes. Raises Invalid, unless other weights are in force than the person has seen: what changes
    is another matter then. Whoever goes back to a version takes its reasons."""
    if asked.same_as is not None:
        return {}
    found = {
        part: reader.text(f"why_{part}", label=PARTS[part], max_length=REASON_LIMIT, multiline=True)
        for part in PROPOSAL_PARTS
    }
    wrong = {error.field for error in reader.errors}
    for change in asked.changes if seen == asked.number else ():
        if not found[change.part] and f"why_{change.part}" not in wrong:
            reader.fail(f"why_{change.part}", WHY_NEEDED, label=PARTS[change.part])
    reader.check()
    return found


async def _home(visit: Visit, form: FormState, status: int = 200) -> Response:
    with visit.service.read() as session:
        data, known, current = data_in_force(session), versions(session), current_to(session)
        found = measured(session, weights_in_force(session))
    in_force = Weights.from_data(data)
    values = {part: str(points) for part, points in in_force.proposal.items()} | dict(form.values)
    since = _since(known, in_force.version)
    return visit.render(
        "matching/fit.html", status, form=FormState(values, form.errors), points=in_force.proposal,
        entries=reasons_of(data),
        why_text=why_text, number=in_force.version,
        versions=known, since=since, quality=found, labelled=shipped.labelled(), figures=list(FIGURES),
        figure_name=figure_name, figure_meaning=figure_meaning, threshold=THRESHOLD, say=words, current=current,
        parts_of_fit=PROPOSAL_PARTS,
    )  # fmt: skip


def _since(known: list[Version], number: int) -> dict[str, Version]:
    """Part -> the version that gave it the points that it has now."""
    found: dict[str, Version] = {}
    for version in (one for one in known if one.number <= number):
        for change in version.changes:
            found.setdefault(change.part, version)
    first = known[-1]
    return {part: found.get(part, first) for part in PROPOSAL_PARTS}


async def _preview(
    visit: Visit, asked: Asked, form: FormState, *, seen: int | None, status: int = 200
) -> Response:  # fmt: skip
    await follow_the_calendar(visit)
    found, called, known, now, current = await run_in_threadpool(_look, visit, Weights.from_data(asked.data))
    missed = [version for version in known if seen is not None and seen < version.number <= now]
    return visit.render(
        "matching/fit_preview.html", status, asked=asked, form=form, preview=found, names=called, number=now,
        missed=missed, figures=list(FIGURES), figure_name=figure_name, figure_meaning=figure_meaning,
        threshold=THRESHOLD, say=words, listed=LISTED, reason_limit=REASON_LIMIT, current=current,
        edit="&".join(f"{part}={points}" for part, points in asked.points.items()),
    )  # fmt: skip


def _look(visit: Visit, wanted: Weights) -> tuple[Preview, Names, list[Version], int, Any]:
    """Some thousand fits: in a thread, so that others are answered meanwhile."""
    with visit.service.read() as session:
        found = preview(session, visit.now, wanted)
        moved = (*found.moves.risers, *found.moves.fallers)
        tops = found.moves.tops[:LISTED]
        called = names(
            session, {move.proposal_id for move in moved} | {top.proposal_id for top in tops},
            {move.window_id for move in moved} | {key for top in tops for key in (*top.come, *top.go)},
        )  # fmt: skip
        return found, called, versions(session), weights_in_force(session).version, current_to(session)
