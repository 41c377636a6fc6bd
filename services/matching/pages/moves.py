"""Moving a pursuit on the page of its pair, and undoing that."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.envelope import new_id
from services.chassis.errors import FieldError, Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.web import Visit
from services.matching.commands.pursuits import MovePursuit, UndoMove
from services.matching.handlers import move_pursuit, undo_move
from services.matching.handlers.pursuits import Overtaken, was_made
from services.matching.pages import pair as page
from services.matching.pages.access import STAFF_ONLY, V
from services.matching.pages.pursuing import PREFIX, errors_of, shown, wish_of
from services.matching.queries.ranking import WholePair
from services.matching.rules.pursuits import Refused
from services.matching.words.pursuits import LABELS, NOTICES, OVERTAKEN, STAGES, UNCHANGED, UNDONE

ROUTER: Final = APIRouter()


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/pursuit", dependencies=[STAFF_ONLY])
async def move(visit: V, proposal_id: str, window_id: str) -> Response:
    """Move the pursuit, or change what is known of it. Pressed twice, it is one move."""
    form = await visit.form()
    whole = page.whole_or_404(visit, proposal_id, window_id)
    with visit.service.read() as session:
        now = shown(visit, session, whole).standing
    reader = Reader(form, prefix=PREFIX)
    plain = Reader(form, errors=reader.errors)
    once, seen = plain.identifier("once") or new_id(), plain.identifier("seen")
    person = visit.person
    try:
        wish = wish_of(reader, visit, now)
        command = MovePursuit(whole.pair.proposal_id, window_id, wish, once, seen, person.person_id, person.name)
        moved = await visit.work(lambda context: move_pursuit(context, command))
    except Invalid as invalid:
        return _again(visit, whole, FormState.of(form, invalid.errors), 400)
    except Refused as refused:
        return _again(visit, whole, FormState.of(form, errors_of(refused.problems)), 400)
    except Overtaken as overtaken:
        return _again(visit, whole, FormState.of(form, [_told(overtaken)]), 409)
    if not moved:
        with visit.service.read() as session:
            moved = was_made(session, once)  # the same click a moment ago
    return visit.redirect(f"{_address(whole)}#pursuit", NOTICES[wish.standing.stage] if moved else UNCHANGED)


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/pursuit/undo", dependencies=[STAFF_ONLY])
async def undo(visit: V, proposal_id: str, window_id: str) -> Response:
    """Take back the last move. Pressed twice, it is taken back once."""
    form = await visit.form()
    whole = page.whole_or_404(visit, proposal_id, window_id)
    reader = Reader(form)
    move_id = reader.identifier("move", label=LABELS["stage"], required=True)
    person = visit.person
    try:
        reader.check()
        if move_id is not None:
            command = UndoMove(whole.pair.proposal_id, window_id, move_id, person.person_id, person.name)
            await visit.work(lambda context: undo_move(context, command))
    except Invalid as invalid:
        return _again(visit, whole, FormState(errors=invalid.errors), 400)
    except Overtaken as overtaken:
        return _again(visit, whole, FormState(errors=[_told(overtaken)]), 409)
    return visit.redirect(f"{_address(whole)}#pursuit", UNDONE)


def _told(overtaken: Overtaken) -> FieldError:
    params = (("label", LABELS["stage"]), ("person", overtaken.by), ("stage", STAGES[overtaken.stage]))
    return FieldError(f"{PREFIX}stage", OVERTAKEN, params)


def _again(visit: Visit, whole: WholePair, form: FormState, status: int) -> Response:
    """The page as it is now, with what was typed."""
    return page.show(visit, whole, FormState(), status, pursuit_form=form)


def _address(whole: WholePair) -> str:
    return f"/matching/proposals/{whole.pair.proposal_id}/windows/{whole.pair.window_id}"
