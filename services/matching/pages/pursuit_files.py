"""The board of pursuits to take away: a workbook, and a plain table. Both hold what the filters keep."""

from collections.abc import Collection
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.sheets import CSV, XLSX, Column, Sheet, csv_of, notes_sheet, xlsx
from services.chassis.web import Visit
from services.matching import words
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.facets import chips
from services.matching.pages.pursuits import Board, board_of
from services.matching.shipped import rates
from services.matching.words.pursuits import STAGES

ROUTER: Final = APIRouter()


@ROUTER.get("/pursuits.xlsx", dependencies=[STAFF_ONLY])
async def workbook(visit: V) -> Response:
    """What the board shows with the same filters, as a workbook that says what was chosen."""
    await follow_the_calendar(visit)
    found = board_of(visit)
    about = notes_sheet(visit.gettext("About this table"), _about(visit, found))
    return _file(xlsx([_sheet(visit, found), about]), XLSX, "pursuits.xlsx")


@ROUTER.get("/pursuits.csv", dependencies=[STAFF_ONLY])
async def table(visit: V) -> Response:
    """The same as CSV."""
    await follow_the_calendar(visit)
    return _file(csv_of(_sheet(visit, board_of(visit))), CSV, "pursuits.csv")


def _file(body: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


def _about(visit: Visit, found: Board) -> list[str]:
    """What was chosen, what the rates are, and what the rows are current to."""
    lines = [text for text, _name, _value in chips(found.facets)]
    if found.asked.words:
        lines.append(visit.gettext("Search: %(words)s", words=found.asked.words))
    lines = lines or [visit.gettext("All pursuits")]
    lines.append(visit.gettext("US dollars at planning rates of %(date)s.", date=formats.day(rates().day, visit.lang)))
    if found.current:
        at = formats.moment(found.current.at, visit.lang)
        lines.append(visit.gettext("Current to %(moment)s.", moment=at) + f" {found.current.event_id}")
    return lines


def _sheet(visit: Visit, found: Board) -> Sheet:
    _ = visit.gettext
    columns = [
        Column(_("Reference of the proposal"), width=18), Column(_("Proposal"), width=44), Column(_("Organisation")),
        Column(_("Window"), width=36), Column(_("Donor")), Column(_("Stage"), width=16),
        Column(_("Amount"), "money"), Column(_("Currency"), width=9), Column(_("Amount in US dollars"), "money"),
        Column(_("Asked for in US dollars"), "money"), Column(_("Deadline"), "day"), Column(_("Missed"), width=8),
        Column(_("Who sees to it"), width=20), Column(_("Day"), "day"), Column(_("Reason"), width=40),
        Column(_("Last move"), "moment"), Column(_("Moved by"), width=20), Column(_("Verdict"), width=18),
        Column(_("Range states"), width=24), Column(_("Species"), width=32),
    ]  # fmt: skip
    return Sheet(
        _("Pursuits"), columns,
        [
            (
                card.reference, card.title.text(visit.lang), card.organisation, card.window_name, card.donor_name,
                _(STAGES[card.stage]), card.amount.amount if card.amount else None,
                card.amount.currency if card.amount else None, card.amount_usd, card.requested_usd, card.deadline,
                _("Yes") if card.overdue(visit.now) else None, card.owner, card.day, card.reason, card.moved_at,
                card.moved_by, _(words.VERDICTS[card.overall]), _labels(card.states, "states", visit.lang),
                _labels(card.species, "species", visit.lang),
            )
            for card in found.kept
        ],
    )  # fmt: skip


def _labels(codes: Collection[str], vocabulary: str, language: str) -> str:
    return ", ".join(sorted(label(vocabulary, code, language) for code in codes))
