"""Actions of the Programme with the windows that could pay for them.

For everybody who is signed in: an action's own page leads here, and no proposal is named.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from contracts.events import ActionPublished
from contracts.vocabulary import codes, label
from services.chassis.errors import NotFound
from services.chassis.paging import Page, page_number
from services.chassis.web import SIGNED_IN, allow
from services.matching import words
from services.matching.pages.access import V, follow_the_calendar
from services.matching.pages.asked import Asked, read
from services.matching.pages.facets import chips, facet, of_vocabulary
from services.matching.pages.windows import programme_asked
from services.matching.queries.actions import ActionRow, action, actions, programmes, windows_of
from services.matching.queries.current import current_to
from services.matching.queries.desk import counted
from services.matching.queries.gaps import standings
from services.matching.queries.verdicts import unpaying
from services.matching.rules.gaps import STANDINGS, orphan_key
from services.matching.tables import ProgrammeCopy
from services.matching.words import gaps as gap_words

ROUTER: Final = APIRouter()
SIZE: Final = 25
SORTS: Final = ("priority", "orphaned", "few", "number")
NO_WINDOW: Final = "none"
ALWAYS: Final = frozenset({"gef", "trust_fund", "bilateral", "foundation", "private_sector"})
"""Kinds that an action's page names even where no window of the kind could pay for it: that is an answer, too."""


@ROUTER.get("/actions", dependencies=[allow(SIGNED_IN)])
async def action_list(visit: V) -> Response:
    """Actions with how many windows of each kind could pay for them."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        known = programmes(session)
        offered = {"programme": [programme.programme_id for programme in known]}
        programme = programme_asked(read(visit.request.query_params, offered), known)
        rows = actions(session, programme.programme_id) if programme else []
        current = current_to(session)
    priorities = Counter(row.priority or NO_WINDOW for row in rows)
    states, species = counted([row.states for row in rows]), counted([row.species for row in rows])
    kinds = Counter(kind for row in rows for kind in _kinds(row))
    asked = read(
        visit.request.query_params,
        {
            **offered,
            "priority": priorities,
            "window": kinds,
            "species": species,
            "state": states,
            "funding": STANDINGS,
            "sort": SORTS,
        },
    )
    groups = [group for group in words.GROUPS if group in kinds]
    groups += sorted(set(kinds) - set(groups) - {NO_WINDOW})
    labels = [(group, words.group_label(group, visit.lang)) for group in groups] + [
        (NO_WINDOW, visit.gettext("No window at all"))
    ]
    priority_labels = [(code, label("priorities", code, visit.lang)) for code in codes("priorities")]
    priority_labels.append((NO_WINDOW, visit.gettext("No priority stated")))
    come = Counter[str](row.standing for row in rows)
    standing_labels = [(code, gap_words.standing_word(code, visit.lang)) for code in reversed(STANDINGS)]
    facets = [
        facet("priority", visit.gettext("Priority"), priority_labels, priorities, asked),
        facet("funding", visit.gettext("How far it has come"), standing_labels, come, asked),
        facet("window", visit.gettext("Could be paid for by"), labels, kinds, asked),
        of_vocabulary("species", visit.gettext("Species"), "species", species, asked, visit.lang, open_=False),
        of_vocabulary("state", visit.gettext("Range state"), "states", states, asked, visit.lang, open_=False),
    ]
    sort = asked.one("sort", "priority")
    kept = sorted((row for row in rows if _keeps(asked, row)), key=lambda row: _key(row, sort))
    number = page_number(asked.page, len(kept), SIZE)
    page = Page(kept[(number - 1) * SIZE : number * SIZE], number, SIZE, len(kept))
    return visit.render(
        "matching/actions.html", page=page, total=len(rows), asked=asked, facets=facets, chips=chips(facets),
        sort=sort, programme=programme, programmes=known, say=words, groups=groups, gap=gap_words,
        current=current,
    )  # fmt: skip


def _kinds(row: ActionRow) -> set[str]:
    return set(row.groups) or {NO_WINDOW}


def _keeps(asked: Asked, row: ActionRow) -> bool:
    wanted = (
        (asked.of("priority"), {row.priority or NO_WINDOW}), (asked.of("window"), _kinds(row)),
        (asked.of("funding"), {row.standing}), (asked.of("species"), row.species), (asked.of("state"), row.states),
    )  # fmt: skip
    if any(chosen and not chosen & has for chosen, has in wanted):
        return False
    return all(word in row.words for word in asked.words.casefold().split())


def _key(row: ActionRow, sort: str) -> tuple[tuple[int, ...], str]:
    if sort == "orphaned":
        return orphan_key(row.standing, row.rank, row.windows), row.sort_key
    if sort == "few":
        return (row.windows, -row.rank), row.sort_key
    return (-row.rank if sort == "priority" else 0,), row.sort_key


def _find(
    session: Session, programmes_: Sequence[ProgrammeCopy], action_id: str
) -> tuple[ProgrammeCopy, ActionPublished]:
    """The action in the first of the programmes that has it. Raises NotFound."""
    for programme in programmes_:
        if found := action(session, programme.programme_id, action_id):
            return programme, found
    raise NotFound(action_id)


@ROUTER.get("/actions/{action_id}", dependencies=[allow(SIGNED_IN)])
async def one_action(visit: V, action_id: str) -> Response:
    """The windows that could pay for one action, by kind."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        known = programmes(session)
        asked = read(visit.request.query_params, {"programme": [programme.programme_id for programme in known]})
        named = programme_asked(asked, known) if asked.of("programme") else None
        programme, found = _find(session, [named] if named else known, action_id)
        rows = windows_of(session, programme.programme_id, action_id)
        standing = standings(session, programme.programme_id).get(action_id, "orphaned")
        refusing = unpaying(session, found, visit.now)
        current = current_to(session)
    present = {row.group for row in rows}
    order: list[str] = [group for group in words.GROUPS if group in present or group in ALWAYS]
    order += sorted(present - set(words.GROUPS))
    groups = [(group, [row for row in rows if row.group == group]) for group in order]
    return visit.render(
        "matching/action.html", action=found, groups=groups, total=len(rows), programme=programme, asked=asked,
        newest=programme.programme_id == known[0].programme_id, say=words, gap=gap_words, standing=standing,
        unpaying=refusing, current=current,
    )  # fmt: skip
