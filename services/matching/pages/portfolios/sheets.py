"""Plans and comparisons as workbooks."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from starlette.responses import Response

from contracts.vocabulary import label
from services.chassis.i18n import N_, current_language, gettext
from services.chassis.sheets import XLSX, Cell, Column, Sheet, notes_sheet, xlsx
from services.matching.rules.portfolios import Changes
from services.matching.rules.portfolios.compare import Compared
from services.matching.rules.portfolios.coverage import PRIORITIES
from services.matching.rules.portfolios.seen import KINDS, Kind, Margin, Seen
from services.matching.tables import PlanRun
from services.matching.words import name_of_window
from services.matching.words import portfolios as say
from services.matching.words.scenarios import changes_in_words, least, least_assumed

MARGINS: Final[dict[Kind, str]] = {
    "proposal": N_("Without this proposal the plan loses"),
    "forced": N_("Funding this proposal too costs"),
    "closed": N_("Without this window the plan loses"),
    "more": N_("With a tenth more money the plan gains"),
}


def plan_workbook(name: str, run: PlanRun, plan: Seen) -> bytes:
    """Grants, proposals, windows, margins, and what was assumed."""
    _ = gettext
    language = current_language()
    live = plan.live
    window = [name_of_window(one.name, one.donor_name) for one in live.windows]
    title = [one.title.text(language) for one in live.proposals]
    reference = [one.reference for one in live.proposals]
    why = {one.position: say.why_not(one) for one in plan.left_out}
    received = {row.position: row.received for row in plan.rows}
    spent = plan.spent
    sheets = [
        Sheet(
            _("Grants"),
            [Column(_("Reference")), Column(_("Proposal"), width=50), Column(_("Window"), width=50),
             Column("USD", "money"), Column(_("Why the pair counts")), Column(_("Open rules"), width=40)],
            [[reference[p], title[p], window[w], amount, say.basis(live.pairs[p, w][0]), say.rules(live.pairs[p, w][1])]
             for p, w, amount in plan.grants],
        ),
        Sheet(
            _("Proposals"),
            [Column(_("Reference")), Column(_("Proposal"), width=50), Column(_("Needed, USD"), "money"),
             Column(_("Co-financing counted, USD"), "money"), Column(_("Awarded, USD"), "money"),
             Column(_("From the plan, USD"), "money"), Column(_("Why not funded"), width=50)],
            [[reference[p], title[p], one.cost - int(live.proposals[p].confirmed), int(live.proposals[p].confirmed),
              live.awarded[p], received.get(p, 0), why.get(p, "")]
             for p, one in enumerate(live.instance.proposals)],
        ),
        Sheet(
            _("Windows"),
            [Column(_("Window"), width=50), Column(_("Could give in all, USD"), "money"),
             Column(_("Smallest grant, USD"), "money"), Column(_("Largest grant, USD"), "money"),
             Column(_("Gives in the plan, USD"), "money"),
             Column(_("Where the figure comes from"), width=60),
             Column(_("Where the smallest grant comes from"), width=40)],
            [[window[w], one.budget, one.min_grant, one.max_grant, spent.get(w, 0), say.assumed(live.windows[w]),
              say.smallest(live.windows[w])]
             for w, one in enumerate(live.instance.windows)],
        ),
        Sheet(
            _("What each adds"),
            [Column(_("Question"), width=40), Column(_("Proposal or window"), width=60),
             Column(_("At least"), "number"),
             Column(_("At most"), "number")],
            [_margin(one, reference, title, window) for kind in KINDS for one in plan.margins[kind]],
        ),
        notes_sheet(_("Notes"), _notes(name, run, plan)),
    ]  # fmt: skip
    return xlsx(sheets)


def comparison_workbook(compared: Compared, otherwise: Sequence[Sequence[str]]) -> bytes:
    """Figures, what each would have otherwise than today, proposals, windows, range states, species and priorities of
    each plan, side by side. `otherwise`: a list of sentences for each plan."""
    _ = gettext
    language = current_language()
    names = [Column(one.name, "number", 18) for one in compared.plans]
    money = [Column(one.name, "money", 18) for one in compared.plans]

    def rows(found: Sequence[tuple[str, Sequence[int]]]) -> list[list[Cell]]:
        return [[text, *values] for text, values in found]

    figures: list[list[Cell]] = [
        [_("Worth"), *(_figure(float(one.plan.ours.value)) for one in compared.plans)],
        [_("At most"), *(_figure(float(one.plan.answer["bound"])) for one in compared.plans)],
        [_("Funded proposals"), *(one.plan.ours.funded for one in compared.plans)],
        [_("Grants, USD"), *(one.plan.ours.dollars for one in compared.plans)],
        [_("Windows"), *(one.plan.ours.windows for one in compared.plans)],
        [_("Smallest grant where a donor states none"), *(least(one.changes) for one in compared.plans)],
    ]
    changed: list[list[Cell]] = [
        [one.name, text]
        for one, texts in zip(compared.plans, otherwise, strict=True)
        for text in texts or [_("Nothing is otherwise than today.")]
    ]
    codes = {"states": compared.states, "species": compared.species}
    return xlsx(
        [
            Sheet(_("Figures"), [Column("", width=30), *names], figures),
            Sheet(
                _("Otherwise than today"),
                [Column(_("Scenario"), width=30), Column(_("Otherwise than today"), width=90)], changed,
            ),
            Sheet(
                _("Proposals"), [Column(_("Proposal"), width=60), *money],
                [[f"{row.reference} {row.title.text(language)}", *(None if one < 0 else one for one in row.amounts)]
                 for row in compared.proposals],
            ),
            Sheet(_("Windows"), [Column(_("Window"), width=60), *money],
                  rows([(row.name, row.amounts) for row in compared.windows])),
            *(
                Sheet(
                    {"states": _("Range states"), "species": _("Species")}[vocabulary],
                    [Column(_("Funded proposals"), width=30), *names],
                    rows([(label(vocabulary, row.code, language), row.counts) for row in found]),
                )
                for vocabulary, found in codes.items()
            ),
            Sheet(_("Actions"), [Column(_("Priority")), *names],
                  rows([(say.priority(code), [one.plan.ours.actions.get(code, 0) for one in compared.plans])
                        for code in PRIORITIES])),
        ]
    )  # fmt: skip


def workbook_response(content: bytes, name: str) -> Response:
    """A download."""
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _margin(one: Margin, reference: Sequence[str], title: Sequence[str], window: Sequence[str]) -> list[Cell]:
    p = one.position
    thing = f"{reference[p]} {title[p]}" if one.kind in ("proposal", "forced") else window[p]
    if one.state != "ok":
        return [gettext(MARGINS[one.kind]), thing, None, None]
    return [gettext(MARGINS[one.kind]), thing, _figure(one.low), _figure(one.high)]


def _figure(value: float) -> Cell:
    return Decimal(str(round(value, 2)))


def _notes(name: str, run: PlanRun, plan: Seen) -> list[str]:
    changes = Changes.from_json(run.changes)
    return [
        name,
        gettext(N_("Value %(value)s, proven to be at most %(bound)s."), value=say.points(float(plan.ours.value)),
                bound=say.points(float(plan.answer["bound"]))),
        *changes_in_words(
            changes, {one.window_id: name_of_window(one.name, one.donor_name) for one in plan.live.windows},
            {str(one.proposal_id): one.reference for one in plan.live.proposals},
        ),
        *([assumed] if (assumed := least_assumed(changes)) else []),
        gettext(N_("Amounts in other currencies at the planning rates of %(day)s."), day=say.day(plan.live.rates_day)),
        gettext(N_("Current to event %(event)s."), event=run.current_event),
        gettext(N_("Checksum of the data: %(digest)s"), digest=run.digest),
    ]  # fmt: skip
