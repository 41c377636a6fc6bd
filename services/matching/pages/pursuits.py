"""Everything that is being pursued: a board by stage."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.paging import Page, page_number
from services.chassis.web import Visit
from services.matching import words
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.asked import Asked, read
from services.matching.pages.facets import Facet, chips, facet, of_vocabulary
from services.matching.queries.current import Current, current_to
from services.matching.queries.desk import counted
from services.matching.queries.pursuits import Card, cards
from services.matching.rules.pursuits import STAGES, PursuitStage
from services.matching.shipped import rates
from services.matching.words.pursuits import STAGES as STAGE_NAMES

ROUTER: Final = APIRouter()
SHORT: Final = 12
"""So many cards of a stage stand on the board; the others on a page of the stage's own."""
SIZE: Final = 50
SORTS: Final = ("deadline", "amount", "moved")
NOBODY: Final = "-"
LATE: Final = ("overdue",)


@dataclass(frozen=True)
class Stack:
    """A column of the board."""

    stage: PursuitStage
    cards: Sequence[Card]
    """Those that are shown."""
    count: int
    usd: Decimal
    """What the amounts come to that are known."""
    unknown: int
    """How many have no amount."""


@dataclass(frozen=True)
class Board:
    """The board as it was asked for."""

    kept: list[Card]
    total: int
    asked: Asked
    facets: list[Facet]
    sort: str
    current: Current | None


@ROUTER.get("/pursuits", dependencies=[STAFF_ONLY])
async def board(visit: V) -> Response:
    """All pursuits by stage; one stage alone, page by page."""
    await follow_the_calendar(visit)
    found = board_of(visit)
    chosen = found.asked.of("stage")
    alone = next(iter(chosen)) if len(chosen) == 1 else None
    number = page_number(found.asked.page, len(found.kept), SIZE)
    page = Page(found.kept[(number - 1) * SIZE : number * SIZE], number, SIZE, len(found.kept)) if alone else None
    stacks = [_stack(stage, found.kept) for stage in STAGES if not chosen or stage in chosen]
    return visit.render(
        "matching/pursuits.html", stacks=stacks, page=page, total=found.total, kept=len(found.kept),
        asked=found.asked, facets=found.facets, chips=chips(found.facets), sort=found.sort, current=found.current,
        query=visit.request.url.query, rates=rates(), now=visit.now, say=words, alone=alone,
    )  # fmt: skip


def board_of(visit: Visit) -> Board:
    """The board that the address asks for."""
    with visit.service.read() as session:
        rows, current = cards(session), current_to(session)
    now = visit.now
    donors = {row.donor_id: row.donor_name for row in rows}
    counts: dict[str, Any] = {
        "stage": Counter(row.stage for row in rows),
        "donor": Counter(row.donor_id for row in rows),
        "owner": Counter(row.owner or NOBODY for row in rows),
        "state": counted([row.states for row in rows]),
        "species": counted([row.species for row in rows]),
        "late": Counter("overdue" for row in rows if row.overdue(now)),
    }
    offered = {**counts, "stage": STAGES, "late": LATE, "sort": SORTS}
    asked = read(visit.request.query_params, offered)
    sort = asked.one("sort", "deadline")
    kept = sorted((row for row in rows if _keeps(asked, row, now)), key=lambda row: _key(row, sort, now))
    return Board(kept, len(rows), asked, _facets(visit, counts, donors, asked), sort, current)


def _facets(visit: Visit, counts: dict[str, Any], donors: dict[str, str], asked: Asked) -> list[Facet]:
    _ = visit.gettext
    owners = [(name, _("nobody yet") if name == NOBODY else name) for name in sorted(counts["owner"], key=str.casefold)]
    by_name = sorted(donors.items(), key=lambda pair: pair[1].casefold())
    stages = [(stage, _(STAGE_NAMES[stage])) for stage in STAGES]
    return [
        facet("stage", _("Stage"), stages, counts["stage"], asked, open_=False),
        facet("late", _("Deadline"), [("overdue", _("Missed"))], counts["late"], asked, open_=False),
        facet("donor", _("Donor"), by_name, counts["donor"], asked, open_=False),
        facet("owner", _("Who sees to it"), owners, counts["owner"], asked, open_=False),
        of_vocabulary("state", _("Range state"), "states", counts["state"], asked, visit.lang, open_=False),
        of_vocabulary("species", _("Species"), "species", counts["species"], asked, visit.lang, open_=False),
    ]


def _keeps(asked: Asked, row: Card, now: datetime) -> bool:
    wanted = (
        (asked.of("stage"), {row.stage}), (asked.of("donor"), {row.donor_id}),
        (asked.of("owner"), {row.owner or NOBODY}), (asked.of("state"), row.states),
        (asked.of("species"), row.species), (asked.of("late"), {"overdue"} if row.overdue(now) else set()),
    )  # fmt: skip
    if any(chosen and not chosen & has for chosen, has in wanted):
        return False
    return all(word in row.words for word in asked.words.casefold().split())


def _key(row: Card, sort: str, now: datetime) -> tuple[Any, ...]:
    """What comes first: the nearest deadline still ahead, what is overdue before it; the largest amount; the last
    move."""
    last = row.reference, row.window_id
    if sort == "amount":
        return -(row.amount_usd if row.amount_usd is not None else Decimal(-1)), *last
    if sort == "moved":
        return -(row.moved_at.timestamp() if row.moved_at else 0), *last
    if row.deadline is None or (row.passed(now) and not row.overdue(now)):
        return date.max, *last
    return row.deadline, *last


def _stack(stage: PursuitStage, kept: Sequence[Card]) -> Stack:
    here = [card for card in kept if card.stage == stage]
    known = [card.amount_usd for card in here if card.amount_usd is not None]
    return Stack(stage, here[:SHORT], len(here), sum(known, Decimal(0)), len(here) - len(known))
