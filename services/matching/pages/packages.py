"""Blended packages of one proposal: which windows together pay for all of it, and whom to approach first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.values import LocalizedText
from services.chassis.paging import Page, page_number
from services.matching import words
from services.matching.pages.access import WITH_OWNERS, V, follow_the_calendar, is_staff, visible_proposal
from services.matching.pages.asked import Asked, read
from services.matching.queries.current import current_to
from services.matching.queries.packages import Ingredients, ingredients, without
from services.matching.rules.facts import ZERO
from services.matching.rules.packages import MOST_MEMBERS, Package, packages
from services.matching.shipped import blending, rates
from services.matching.words import packages as say_packages

ROUTER: Final = APIRouter()
SIZE: Final = 5
MOST: Final = tuple(str(number) for number in range(1, MOST_MEMBERS + 1))
USUAL: Final = "3"
WIDTH: Final = 1000
"""Of the picture, in its own units: the whole cost."""
NARROW: Final = 26
"""A segment below this is too narrow for its letter."""


@dataclass(frozen=True)
class Segment:
    """One part of the picture of how the money is stacked."""

    letter: str
    kind: str
    """`confirmed`, `indicative`, `granted`, or `grant`."""
    name: str
    usd: Decimal
    x: int
    width: int
    shade: int = 0

    @property
    def labelled(self) -> bool:
        """Whether its letter has room in it."""
        return bool(self.letter) and self.width >= NARROW


@dataclass(frozen=True)
class Shown:
    """A package as the page shows it."""

    number: int
    package: Package
    segments: Sequence[Segment]
    ranges: Mapping[str, tuple[Decimal, Decimal]]
    letters: Mapping[str, str]


@ROUTER.get("/proposals/{proposal_id}/packages", dependencies=[WITH_OWNERS])
async def packages_for(visit: V, proposal_id: str) -> Response:
    """The sets of windows that fund a proposal in full, best first. Its own people see them too."""
    await follow_the_calendar(visit)
    staff = is_staff(visit)
    with visit.service.read() as session:
        copy = visible_proposal(visit, session, proposal_id)
        made_of = ingredients(session, copy, blending(), visit.now, decided=staff)
        current = current_to(session)
    asked = read(
        visit.request.query_params, {"most": MOST, "sure": ("yes",), "joint": ("yes",), "without": made_of.names}
    )
    most = asked.one("most", USUAL)
    kept = without(made_of, asked.of("without"))
    found, near, whole = await run_in_threadpool(
        packages, made_of.purpose, kept, blending(), made_of.weights, int(most)
    )
    rows = [one for one in found if not asked.of("sure") or one.unknown == 0]
    rows = [one for one in rows if not asked.of("joint") or len(one.members) > 1]
    number = page_number(asked.page, len(rows), SIZE)
    first = (number - 1) * SIZE
    shown = [_shown(made_of, one, first + at) for at, one in enumerate(rows[first : first + SIZE], start=1)]
    return visit.render(
        "matching/packages.html", proposal=copy, title=LocalizedText.model_validate(copy.title), staff=staff,
        purpose=made_of.purpose, names=made_of.names, page=Page(shown, number, SIZE, len(rows)), found=len(found),
        near=near, whole=whole, taking_part=len(kept), asked=asked, most=most, left_out=sorted(asked.of("without")),
        declined=made_of.declined, dismissed=made_of.dismissed, cost=made_of.purpose.cost, rates_day=rates().day,
        answer_days=blending().answer_days, say=words, say_packages=say_packages, current=current, choices=MOST,
        need=Decimal(made_of.purpose.need) / 100, leave_out=partial(_leave_out, proposal_id, asked),
    )  # fmt: skip


def _leave_out(proposal_id: str, asked: Asked, window_id: str) -> str:
    """The address of this page without one more window, and from its first page."""
    kept = [(name, value) for name in ("most", "sure", "joint", "without") for value in sorted(asked.of(name))]
    query = urlencode([*kept, ("without", window_id)])
    return f"/matching/proposals/{proposal_id}/packages?{query}"


def _shown(made_of: Ingredients, package: Package, number: int) -> Shown:
    letters = {member.window_id: chr(ord("A") + at) for at, member in enumerate(package.members)}
    usd = {member.window_id: member.usd for member in package.members}
    ranges = {
        window_id: (
            min(usd[window_id], least.to_integral_value(ROUND_CEILING)),
            max(usd[window_id], most.to_integral_value(ROUND_FLOOR)),
        )
        for window_id, (least, most) in package.ranges().items()
    }
    return Shown(number, package, _segments(made_of, package, letters), ranges, letters)


def _segments(made_of: Ingredients, package: Package, letters: Mapping[str, str]) -> list[Segment]:
    have, cost = made_of.purpose.facts.cofinancing, made_of.purpose.cost
    stacked = [("", "confirmed", "", have.confirmed, 0), ("", "indicative", "", have.indicative, 0)]
    stacked += [("", "granted", made_of.names[one.window_id], one.usd, 0) for one in made_of.purpose.granted]
    stacked += [
        (letters[one.window_id], "grant", made_of.names[one.window_id], one.usd, at)
        for at, one in enumerate(package.members)
    ]
    segments, before = [], ZERO
    for letter, kind, name, usd, shade in stacked:
        if usd <= ZERO:
            continue
        start, end = (round(WIDTH * part / cost) for part in (before, before + usd))
        segments.append(Segment(letter, kind, name, usd, start, max(1, end - start), shade))
        before += usd
    return segments
