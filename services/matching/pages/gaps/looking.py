"""What the address of the funding-gap map asks for, and what there is to see then."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session

from contracts.vocabulary import codes, label
from services.chassis.web import Visit
from services.matching.pages.access import is_staff
from services.matching.pages.asked import Asked, read
from services.matching.pages.facets import Facet, facet, of_vocabulary
from services.matching.pages.windows import programme_asked
from services.matching.queries import gaps as queries
from services.matching.queries.actions import programmes
from services.matching.queries.current import Current, current_to
from services.matching.queries.desk import counted
from services.matching.queries.gaps import Known
from services.matching.rules.gaps import (
    NOTHING,
    NOW,
    REGION,
    STANDINGS,
    ActionGap,
    Axis,
    GapMap,
    Life,
    Month,
    Plea,
    Sums,
    assess,
    gap_map,
    history,
    kept_columns,
    month_end,
    months_between,
)
from services.matching.tables import ProgrammeCopy
from services.matching.words.gaps import AXES, MEASURES, MONEY, STANDING_WORDS, standing_word

VOCABULARY: Final[Mapping[Axis, str]] = {"state": "states", "species": "species"}
FILTERS: Final = ("priority", "theme", "funding", "species", "state", "landscape")
DAYS: Final = ("30", "60", "90", "180")
NO_PRIORITY: Final = "none"


@dataclass(frozen=True)
class View:
    """The map as it was asked for."""

    programme: ProgrammeCopy
    programmes: Sequence[ProgrammeCopy]
    asked: Asked
    axis: Axis
    measure: str
    measures: tuple[str, ...]
    """Those that the reader may see."""
    month: date | None
    """First day of the month at whose end the map is shown; None for now."""
    months: list[date]
    days: int
    known: Mapping[str, Known]
    whole: list[ActionGap]
    """All actions, along the axis."""
    gaps: list[ActionGap]
    """Those that the filters keep."""
    map: GapMap
    pleas: Mapping[UUID, Plea]
    lives: list[Life]
    facets: list[Facet]
    staff: bool
    current: Current | None

    @property
    def filtered(self) -> bool:
        """Whether some actions, or columns, are left out."""
        return bool(self.asked.words or any(self.asked.of(name) for name in FILTERS))

    @property
    def beside(self) -> tuple[int, Sums]:
        """Proposals that address no action of the Programme as it is today, and their money: it is not on the map."""
        others = [plea for plea in self.pleas.values() if not plea.action_ids & self.known.keys()]
        money = NOTHING
        for plea in others:
            money = money.plus(plea.money)
        return len(others), money

    def address(self, path: str, **more: object) -> str:
        """An address with all that was asked for, and `more`; None takes a parameter out."""
        pairs = [(name, value) for name, values in self.asked.chosen.items() for value in values if name not in more]
        if self.asked.words and "q" not in more:
            pairs.append(("q", self.asked.words))
        pairs += [(name, str(value)) for name, value in more.items() if value is not None]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def story(self, session: Session, visit: Visit, months: Sequence[date]) -> list[Month]:
        """What the kept actions came to at the end of each of some months."""
        kept = [gap.need.action_id for gap in self.gaps]
        return history(self.known, kept, self.lives, queries.moves(session), months, visit.now)


def look(visit: Visit, session: Session, more: Mapping[str, Sequence[str]] | None = None) -> View | None:
    """The map that the address asks for; None while no Programme is here. `more`: parameters of this page alone."""
    params = visit.request.query_params
    known = programmes(session)
    offered: dict[str, Sequence[str]] = {"programme": [one.programme_id for one in known]}
    programme = programme_asked(read(params, offered), known)
    if programme is None:
        return None
    staff = is_staff(visit)
    actions = {one.need.action_id: one for one in queries.known_actions(session, programme.programme_id)}
    lives = queries.lives(session, programme.programme_id)
    since = min((life.submitted_at for life in lives if life.submitted_at and life.action_ids), default=None)
    months = months_between(since, visit.now)
    measures = tuple(measure for measure in MEASURES if staff or measure not in MONEY)
    values = {name: counted([_of(one, name) for one in actions.values()]) for name in FILTERS if name != "funding"}
    asked = read(
        params,
        {
            **offered, **values, "funding": STANDING_WORDS, "axis": AXES, "measure": measures, "days": DAYS,
            "month": [f"{month:%Y-%m}" for month in months], **(more or {}),
        },
    )  # fmt: skip
    axis = cast(Axis, asked.one("axis", "state"))
    month = next((one for one in months[:-1] if f"{one:%Y-%m}" == asked.one("month", "")), None)
    pleas = queries.pleas(session, lives, month_end(month) if month else NOW)
    order = codes(VOCABULARY[axis])
    only = asked.of(axis) and asked.of(axis) | {REGION}
    whole = assess(
        [one.need for one in actions.values()], pleas, axis, only=only,
        payers=queries.payers(session, programme.programme_id), refused=queries.refused(session, axis, order),
    )  # fmt: skip
    kept = [gap for gap in whole if _keeps(asked, gap, actions[gap.need.action_id])]
    return View(
        programme=programme, programmes=known, asked=asked, axis=axis, measure=asked.one("measure", "orphaned"),
        measures=measures, month=month, months=months, days=int(asked.one("days", "60")), known=actions, whole=whole,
        gaps=kept, map=gap_map(kept, kept_columns(kept, order, only)), pleas={plea.proposal_id: plea for plea in pleas},
        lives=lives, facets=_facets(visit, asked, values, whole), staff=staff, current=current_to(session),
    )  # fmt: skip


def turned(session: Session, view: View, axis: Axis) -> tuple[list[ActionGap], GapMap]:
    """The same actions along another axis."""
    order = codes(VOCABULARY[axis])
    only = view.asked.of(axis) and view.asked.of(axis) | {REGION}
    kept = {gap.need.action_id for gap in view.gaps}
    gaps = assess(
        [one.need for one in view.known.values()], view.pleas.values(), axis, only=only,
        payers={gap.need.action_id: gap.payers for gap in view.whole}, refused=queries.refused(session, axis, order),
    )  # fmt: skip
    shown = [gap for gap in gaps if gap.need.action_id in kept]
    return shown, gap_map(shown, kept_columns(shown, order, only))


def _of(known: Known, name: str) -> frozenset[str]:
    """The values that an action has for a filter."""
    need = known.need
    if name == "priority":
        return frozenset({need.priority or NO_PRIORITY})
    return {"theme": need.themes, "species": need.species, "state": need.states, "landscape": need.landscapes}[name]


def _keeps(asked: Asked, gap: ActionGap, known: Known) -> bool:
    for name in FILTERS:
        chosen = asked.of(name)
        if not chosen:
            continue
        has = frozenset({gap.standing}) if name == "funding" else _of(known, name)
        if not has and name in ("state", "species"):  # it is for the whole region
            continue
        if not chosen & has:
            return False
    return all(word in known.words for word in asked.words.casefold().split())


def _facets(
    visit: Visit, asked: Asked, values: Mapping[str, Mapping[str, int]], whole: Iterable[ActionGap]
) -> list[Facet]:  # fmt: skip
    text, lang = visit.gettext, visit.lang
    priorities = [(code, label("priorities", code, lang)) for code in codes("priorities")]
    priorities.append((NO_PRIORITY, text("No priority stated")))
    standings = [(standing, standing_word(standing, lang)) for standing in reversed(STANDINGS)]
    come = Counter[str](gap.standing for gap in whole)
    return [
        facet("funding", text("How far it has come"), standings, come, asked, keep_empty=True),
        facet("priority", text("Priority"), priorities, values["priority"], asked),
        of_vocabulary("state", text("Range state"), "states", values["state"], asked, lang, open_=False),
        of_vocabulary("species", text("Species"), "species", values["species"], asked, lang, open_=False),
        of_vocabulary("theme", text("Theme"), "themes", values["theme"], asked, lang, open_=False),
        of_vocabulary("landscape", text("Landscape"), "landscapes", values["landscape"], asked, lang, open_=False),
    ]
