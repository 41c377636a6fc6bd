"""What to ask first: open questions by what their answers would settle; and what has been answered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.chassis.i18n import N_, use_language
from services.chassis.paging import Page, page_number
from services.chassis.web import Visit
from services.matching import words
from services.matching.handlers.terms import all_terms
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.asked import Asked, read
from services.matching.pages.facets import Facet, chips, facet
from services.matching.queries.actions import programmes
from services.matching.queries.current import current_to
from services.matching.queries.questions import Answered, AskedWindow, Questions, answered, questions
from services.matching.rules.questions import ASKS
from services.matching.rules.settled import Question
from services.matching.rules.worth import Worth
from services.matching.shipped import rates

ROUTER: Final = APIRouter()
SIZE: Final = 12
"""Windows on one page."""
SHOWN: Final = 3
"""Questions of a window that are shown before one asks for the rest."""
UNFOLDED: Final = 15
"""So many of a window's questions are on the page in all, while there are other windows on it: the first of many
proposals may each ask something of their own."""
SORTS: Final = ("settles", "money", "actions", "window")
SETTLES: Final = ("last", "pairs", "actions")
ASKED: Final = ("never", "before")
ABOUT: Final = ("window", "pair")


@dataclass(frozen=True)
class Group:
    """A window with its open questions."""

    window: AskedWindow
    questions: Sequence[Worth]


def place_of(question: Question) -> str:
    """The page on which a question is answered."""
    if question.proposal_id is None:
        return f"/matching/questions/{question.window_id}/{question.key}"
    return f"/matching/proposals/{question.proposal_id}/windows/{question.window_id}/questions/{question.key}"


async def counted(visit: Visit) -> None:
    """Have the questions counted in a thread: of ten thousand pairs that takes longer than others should wait."""

    def count() -> None:
        with visit.service.read() as session:
            known = programmes(session)
            questions(session, visit.now, known[0].programme_id if known else None)

    await run_in_threadpool(count)


@ROUTER.get("/questions", dependencies=[STAFF_ONLY])
async def open_questions(visit: V) -> Response:
    """Open questions by window, that whose answer settles most first."""
    await follow_the_calendar(visit)
    await counted(visit)
    with visit.service.read() as session:
        known = programmes(session)
        programme = known[0] if known else None
        found = questions(session, visit.now, programme.programme_id if programme else None)
        current = current_to(session)
    counts = _counts(found)
    asked = read(visit.request.query_params, {**counts, "window": found.windows, "sort": SORTS})
    sort = asked.one("sort", "settles")
    with use_language(visit.lang):
        facets = _facets(visit, found, counts, asked)
        kept = sorted((one for one in found.open if _keeps(asked, found, one)), key=lambda one: _key(found, one, sort))
    groups: dict[str, list[Worth]] = {}
    for one in kept:
        groups.setdefault(one.question.window_id, []).append(one)
    rows = [Group(found.windows[window_id], some) for window_id, some in groups.items()]
    number = page_number(asked.page, len(rows), SIZE)
    page = Page(rows[(number - 1) * SIZE : number * SIZE], number, SIZE, len(rows))
    return visit.render(
        "matching/questions.html", page=page, kept=len(kept), total=len(found.open), asked=asked, facets=facets,
        chips=chips(facets), sort=sort, found=found, say=words, current=current, shown=SHOWN, place_of=place_of,
        unfolded=UNFOLDED if len(rows) > 1 else None,
        programme=programme, rates_day=rates().day,
    )  # fmt: skip


@ROUTER.get("/questions/answered", dependencies=[STAFF_ONLY])
async def answered_questions(visit: V) -> Response:
    """What has been answered, by whom, on what evidence, and what was taken back."""
    await follow_the_calendar(visit)
    await counted(visit)
    with visit.service.read() as session:
        known = programmes(session)
        found = questions(session, visit.now, known[0].programme_id if known else None)
        terms = {one.window_id: one for one in all_terms(session)}
        rows = answered(session)
        current = current_to(session)
    rules = Counter(ASKS[row.question.ask].rules[0] for row in rows)
    states = Counter(_state(row) for row in rows)
    windows = Counter(row.question.window_id for row in rows)
    donors = Counter(found.windows[row.question.window_id].donor_id for row in rows)
    asked = read(visit.request.query_params, {"rule": rules, "state": states, "donor": donors, "window": found.windows})
    with use_language(visit.lang):
        facets = [
            facet("state", visit.gettext("Answer"), [(code, visit.gettext(text)) for code, text in STATES.items()],
                  states, asked),
            facet("rule", visit.gettext("Rule"), [(rule, words.rule_name(rule)) for rule in rules], rules, asked),
            facet("donor", visit.gettext("Donor"), _donors(found, donors), donors, asked, open_=False),
            facet("window", visit.gettext("Window"), _windows(found), windows, asked, open_=False),
        ]  # fmt: skip
        kept = [
            row for row in rows
            if _chosen(asked, "window", {row.question.window_id})
            and _chosen(asked, "rule", {ASKS[row.question.ask].rules[0]})
            and _chosen(asked, "state", {_state(row)})
            and _chosen(asked, "donor", {found.windows[row.question.window_id].donor_id})
            and _reads(asked, found.windows[row.question.window_id], row.question, row.latest.sentence)
        ]  # fmt: skip
    number = page_number(asked.page, len(kept), SIZE)
    page = Page(kept[(number - 1) * SIZE : number * SIZE], number, SIZE, len(kept))
    return visit.render(
        "matching/answered.html", page=page, total=len(rows), asked=asked, facets=facets, chips=chips(facets),
        found=found, terms=terms, say=words, current=current, place_of=place_of,
    )  # fmt: skip


STATES: Final = {
    "answered": N_("Answered"), "open": N_("Asked, still not known"), "taken_back": N_("Taken back"),
}  # fmt: skip
"""What was done last about a question."""


def _state(row: Answered) -> str:
    return row.latest.state


def _values(found: Questions, one: Worth) -> dict[str, set[str]]:
    """Filter -> the values that a question has."""
    window = found.windows[one.question.window_id]
    settles = {
        name for name, some in (("last", one.last), ("pairs", one.pairs), ("actions", one.actions)) if some
    }  # fmt: skip
    return {
        "rule": set(ASKS[one.question.ask].rules[:1]), "donor": {window.donor_id}, "group": {window.group},
        "about": {ASKS[one.question.ask].side}, "settles": settles,
        "before": {"before" if one.question in found.asked_before else "never"}, "window": {window.window_id},
    }  # fmt: skip


def _counts(found: Questions) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in _FILTERS}
    for one in found.open:
        for name, values in _values(found, one).items():
            counts[name].update(values)
    return counts


_FILTERS: Final = ("settles", "rule", "group", "about", "before", "donor", "window")


def _facets(visit: V, found: Questions, counts: dict[str, Counter[str]], asked: Asked) -> list[Facet]:
    _ = visit.gettext
    order = [group for group in words.GROUPS if group in counts["group"]]
    settles = (_("A pair that asks nothing else"), _("Proposals"), _("Actions"))
    return [
        facet("settles", _("Would settle"), list(zip(SETTLES, settles, strict=True)), counts["settles"], asked),
        facet("rule", _("Rule"), [(rule, words.rule_name(rule)) for rule in _rules()], counts["rule"], asked),
        facet("group", _("Kind of window"), [(g, words.group_label(g, visit.lang)) for g in order], counts["group"],
              asked),
        facet("about", _("To be answered for"), [("window", _("Everybody who asks")), ("pair", _("One proposal"))],
              counts["about"], asked),
        facet("before", _("Asked before"), [("never", _("Not yet")), ("before", _("Yes, without an answer"))],
              counts["before"], asked),
        facet("donor", _("Donor"), _donors(found, counts["donor"]), counts["donor"], asked, open_=False),
        facet("window", _("Window"), _windows(found), counts["window"], asked, open_=False),
    ]  # fmt: skip


def _rules() -> list[str]:
    return list(dict.fromkeys(ask.rules[0] for ask in ASKS.values()))


def _donors(found: Questions, counts: Counter[str]) -> list[tuple[str, str]]:
    names = {window.donor_id: window.donor_name for window in found.windows.values()}
    return sorted(((donor, names[donor]) for donor in counts), key=lambda pair: pair[1].casefold())


def _windows(found: Questions) -> list[tuple[str, str]]:
    names = {one.window_id: words.name_of_window(one.name, one.donor_name) for one in found.windows.values()}
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


def _chosen(asked: Asked, name: str, has: set[str]) -> bool:
    chosen = asked.of(name)
    return not chosen or bool(chosen & has)


def _keeps(asked: Asked, found: Questions, one: Worth) -> bool:
    if not all(_chosen(asked, name, has) for name, has in _values(found, one).items()):
        return False
    return _reads(asked, found.windows[one.question.window_id], one.question)


def _reads(asked: Asked, window: AskedWindow, question: Question, more: str = "") -> bool:
    haystack = f"{window.name} {window.donor_name} {words.question_sentence(question)} {more}".casefold()
    return all(word in haystack for word in asked.words.casefold().split())


def _key(found: Questions, one: Worth, sort: str) -> tuple[object, ...]:
    if sort == "money":
        return (-one.usd, *one.key)
    if sort == "actions":
        return (-len(one.foremost), -len(one.actions), *one.key)
    if sort == "window":
        return (found.windows[one.question.window_id].name.casefold(), one.question.window_id, *one.key)
    return one.key
