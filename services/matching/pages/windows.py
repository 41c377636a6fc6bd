"""Windows by kind, and one window with the actions and proposals it could pay for."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.errors import NotFound
from services.chassis.paging import Page, page_number
from services.matching import words
from services.matching.handlers.terms import terms_of
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.asked import Asked, read
from services.matching.pages.facets import chips, facet
from services.matching.queries.actions import programmes
from services.matching.queries.current import current_to
from services.matching.queries.questions import questions_about
from services.matching.queries.verdicts import shut_out_actions, shut_out_proposals
from services.matching.queries.windows import WindowRow, actions_of, group_of, proposals_of
from services.matching.queries.windows import windows as all_windows
from services.matching.tables import ProgrammeCopy
from services.matching.words import gaps as gap_words

ROUTER: Final = APIRouter()
SIZE: Final = 25


def programme_asked(asked: Asked, known: Sequence[ProgrammeCopy]) -> ProgrammeCopy | None:
    """The programme that the address names, else the newest."""
    chosen = asked.one("programme", "")
    return next((programme for programme in known if programme.programme_id == chosen), known[0] if known else None)


@ROUTER.get("/windows", dependencies=[STAFF_ONLY])
async def windows(visit: V) -> Response:
    """Every window, grouped by kind, with the numbers of actions and proposals it could pay for."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        known = programmes(session)
        offered = {"programme": [programme.programme_id for programme in known]}
        programme = programme_asked(read(visit.request.query_params, offered), known)
        rows = all_windows(session, programme.programme_id if programme else None)
        current = current_to(session)
    counts = Counter(row.group for row in rows)
    uses = Counter(use for row in rows for use in _uses(row))
    asked = read(visit.request.query_params, {**offered, "group": counts, "use": _USES})
    order = [group for group in words.GROUPS if group in counts] + sorted(set(counts) - set(words.GROUPS))
    facets = [
        facet(
            "group",
            visit.gettext("Kind of window"),
            [(g, words.group_label(g, visit.lang)) for g in order],
            counts,
            asked,
        ),
        facet("use", visit.gettext("Could pay for"), _use_options(visit), uses, asked),
    ]
    kept = [row for row in rows if _keeps(asked, row)]
    groups = [(group, [row for row in kept if row.group == group]) for group in order]
    return visit.render(
        "matching/windows.html", groups=[pair for pair in groups if pair[1]], total=len(rows), kept=len(kept),
        asked=asked, facets=facets, chips=chips(facets), programme=programme, programmes=known, say=words,
        current=current,
    )  # fmt: skip


_USES: Final = ("proposals", "actions", "nothing")


def _use_options(visit: V) -> list[tuple[str, str]]:
    texts = (visit.gettext("Proposals"), visit.gettext("Actions"), visit.gettext("Nothing at present"))
    return list(zip(_USES, texts, strict=True))


def _uses(row: WindowRow) -> set[str]:
    uses = {name for name, number in (("proposals", row.eligible + row.unsure), ("actions", row.actions)) if number}
    return uses or {"nothing"}


def _keeps(asked: Asked, row: WindowRow) -> bool:
    if (groups := asked.of("group")) and row.group not in groups:
        return False
    if (uses := asked.of("use")) and not uses & _uses(row):
        return False
    haystack = f"{row.name} {row.donor_name}".casefold()
    return all(word in haystack for word in asked.words.casefold().split())


@ROUTER.get("/windows/{window_id}", dependencies=[STAFF_ONLY])
async def window(visit: V, window_id: str) -> Response:
    """One window: the proposals it can or may fund, and its actions by priority, then by how orphaned they are."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        terms = terms_of(session, window_id)
        if terms is None:
            raise NotFound(window_id)
        known = programmes(session)
        asked = read(visit.request.query_params, {"programme": [programme.programme_id for programme in known]})
        programme = programme_asked(asked, known)
        actions = actions_of(session, window_id, programme.programme_id if programme else None)
        proposals = proposals_of(session, window_id)
        programme_id = programme.programme_id if programme else None
        shut_actions = shut_out_actions(session, terms, programme_id, visit.now)
        shut_proposals = shut_out_proposals(session, window_id)
        open_questions = questions_about(session, window_id, visit.now, programme_id)
        current = current_to(session)
    number = page_number(asked.page, len(actions), SIZE)
    page = Page(actions[(number - 1) * SIZE : number * SIZE], number, SIZE, len(actions))
    return visit.render(
        "matching/window.html", terms=terms, name=words.name_of_window(terms.name, terms.donor_name), page=page,
        proposals=proposals, programme=programme, programmes=known, asked=asked, say=words,
        group=group_of(terms.kind, terms.fund), gap=gap_words, shut_actions=shut_actions,
        shut_proposals=shut_proposals, open_questions=open_questions, current=current,
    )  # fmt: skip
