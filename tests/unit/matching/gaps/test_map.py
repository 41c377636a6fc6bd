"""The funding-gap map adds up: actions by the cell, money to the cent, and the best that an action has reached wins."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.rules.gaps import (
    NOTHING,
    OUTSIDE,
    REGION,
    STANDINGS,
    ActionGap,
    Axis,
    Need,
    Plea,
    Pursued,
    assess,
    gap_map,
    kept_columns,
    plea_of,
    standing_of,
)

STATES = ("KAZ", "KGZ", "MNG", "TJK")
SPECIES = ("argali", "saiga", "urial")
STAGES = ("identified", "contacted", "concept_note", "submitted", "awarded", "declined")
ACTIONS = tuple(f"{section}.{number}" for section in (1, 2, 3) for number in (1, 2))

money = st.decimals(min_value=0, max_value=10_000_000, places=2)
pursuit = st.builds(Pursued, st.sampled_from(("a", "b", "c")), st.sampled_from(STAGES), st.none() | money)


def some(of: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(of))


def needs_of(draws: list[tuple[str | None, frozenset[str], frozenset[str]]]) -> list[Need]:
    return [
        Need(action_id, int(action_id[0]), priority, action_id, states, species)
        for action_id, (priority, states, species) in zip(ACTIONS, draws, strict=True)
    ]


priorities = st.sampled_from(("high", "high_medium", "medium", "medium_low", "low", None))
needs = st.lists(st.tuples(priorities, some(STATES), some(SPECIES)), min_size=6, max_size=6).map(needs_of)
pleas = st.lists(
    st.builds(
        lambda number, actions, states, species, requested, pursuits: plea_of(
            UUID(int=number), action_ids=actions, states=states, species=species, requested=requested,
            pursuits=pursuits,
        ),
        st.integers(1, 1000), some((*ACTIONS, "99.9")), some((*STATES, "USA")), some(SPECIES), money,
        st.lists(pursuit, max_size=3),
    ),
    max_size=8, unique_by=lambda plea: plea.proposal_id,
)  # fmt: skip
axes: st.SearchStrategy[Axis] = st.sampled_from(("state", "species"))


@given(needs, pleas, axes)
@settings(max_examples=150)
def test_cells_add_up_to_the_totals_and_money_to_the_ledger(needs: list[Need], pleas: list[Plea], axis: Axis) -> None:
    gaps = assess(needs, pleas, axis)
    columns = kept_columns(gaps, STATES if axis == "state" else SPECIES)
    table = gap_map(gaps, columns)
    ledger = NOTHING
    for plea in pleas:
        if plea.action_ids & set(ACTIONS):
            ledger = ledger.plus(plea.money)
    assert table.total.money == ledger, "no dollar is lost, and none is counted twice"
    assert table.total.need == len(needs)
    by_column = by_row = NOTHING
    for column in columns:
        cells = [table.cell(section, column) for section in table.sections]
        assert table.foot[column].counts == tuple(map(sum, zip(*(cell.counts for cell in cells), strict=True)))
        assert table.foot[column].need == sum(column in (n.named(axis) or {REGION}) for n in needs)
        by_column = by_column.plus(table.foot[column].money)
    for section in table.sections:
        row = table.rows[section]
        assert row.need == sum(need.section == section for need in needs), "each action once"
        inside = NOTHING
        for column in columns:
            inside = inside.plus(table.cell(section, column).money)
            assert table.cell(section, column).need <= row.need
        assert inside == row.money
        by_row = by_row.plus(row.money)
    assert by_column == by_row == ledger


@given(needs, pleas)
@settings(max_examples=60)
def test_both_maps_agree_on_sections_and_on_actions(needs: list[Need], pleas: list[Plea]) -> None:
    by_state, by_species = assess(needs, pleas, "state"), assess(needs, pleas, "species")
    assert gap_map(by_state, ()).rows == gap_map(by_species, ()).rows
    assert [gap.sums for gap in by_state] == [gap.sums for gap in by_species]


@given(needs, pleas, axes)
@settings(max_examples=100)
def test_the_best_that_addresses_an_action_wins(needs: list[Need], pleas: list[Plea], axis: Axis) -> None:
    for gap in assess(needs, pleas, axis):
        own = [plea for plea in pleas if gap.need.action_id in plea.action_ids]
        best = max((STANDINGS.index(plea.standing) for plea in own), default=0)
        assert gap.standing == STANDINGS[best]
        for column, standing in gap.in_column.items():
            there = [plea for plea in own if column == REGION or column in plea.named(axis)]
            assert STANDINGS.index(standing) == max((STANDINGS.index(p.standing) for p in there), default=0)


@given(st.lists(pursuit, max_size=5), money)
def test_a_proposals_three_sums_are_what_it_asks_for(pursuits: list[Pursued], requested: Decimal) -> None:
    plea = plea_of(UUID(int=1), action_ids=(), states=(), species=(), requested=requested, pursuits=pursuits)
    granted = sum((p.usd for p in pursuits if p.stage == "awarded" and p.usd is not None), Decimal(0))
    assert plea.money.awarded == granted
    assert plea.money.whole == max(requested, granted), "two donors asked for the same money are one sum"
    assert min(plea.money) >= 0
    assert (plea.standing == "funded") == any(p.stage == "awarded" for p in pursuits), "also where no sum is known"


def test_a_proposal_is_as_far_as_its_best_pursuit() -> None:
    assert standing_of(()) == "proposed"
    assert standing_of(["declined", "declined"]) == "proposed"
    assert standing_of(["declined", "identified"]) == "pursued"
    assert standing_of(["contacted"]) == "pursued"
    assert standing_of(["contacted", "concept_note"]) == "pending"
    assert standing_of(["submitted"]) == "pending"
    assert standing_of(["submitted", "awarded", "declined"]) == "funded"
    assert standing_of(["a stage of a later program"]) == "proposed"


def gap_of(need: Need, *pleas: Plea, **kwargs: object) -> ActionGap:
    return assess([need], pleas, "state", **kwargs)[0]  # type: ignore[arg-type]


def proposal(number: int, states: tuple[str, ...], requested: str = "100", *stages: str) -> Plea:
    return plea_of(
        UUID(int=number), action_ids=["1.1"], states=states, species=(), requested=Decimal(requested),
        pursuits=[Pursued(f"w{index}", stage) for index, stage in enumerate(stages)],
    )  # fmt: skip


NEED = Need("1.1", 1, "high", "1.1", frozenset({"KGZ", "KAZ"}), frozenset())


def test_a_proposal_elsewhere_counts_for_the_action_and_for_none_of_its_states() -> None:
    gap = gap_of(NEED, proposal(1, ("MNG",), "100", "submitted"))
    assert gap.standing == "pending"
    assert set(gap.in_column.values()) == {"orphaned"}
    assert {place: money.pending for place, money in gap.money.items()} == {OUTSIDE: Decimal(100)}
    cell = gap_map([gap], kept_columns([gap], STATES)).foot[OUTSIDE]
    assert (cell.need, cell.money.pending) == (0, 100)


def test_an_action_without_states_stands_in_a_column_of_its_own() -> None:
    need = Need("1.1", 1, None, "1.1", frozenset(), frozenset())
    gap = gap_of(need, proposal(1, ("KGZ", "KAZ")))
    assert gap.in_column == {REGION: "proposed"}
    assert kept_columns([gap], STATES) == [REGION]


def test_what_is_looked_at_decides_what_counts() -> None:
    plea = proposal(1, ("KGZ", "KAZ"), "100.01", "awarded")
    whole, only = gap_of(NEED, plea), gap_of(NEED, plea, only={"KGZ"})
    assert whole.money["KAZ"].open + whole.money["KGZ"].open == Decimal("100.01")
    assert set(only.in_column) == {"KGZ"}
    assert only.money == {"KGZ": whole.money["KGZ"]}, "the other half is not moved here"
    assert gap_of(NEED, proposal(1, ("KAZ",)), only={"KGZ"}).standing == "orphaned"


def test_what_is_looked_at_decides_who_could_pay() -> None:
    """A window that pays in one state alone is no help where one looks at another."""
    payers, refused = {"1.1": {"there", "here"}}, {"there": frozenset({"KGZ"})}
    assert gap_of(NEED, payers=payers, refused=refused).payers == {"there", "here"}
    assert gap_of(NEED, payers=payers, refused=refused, only={"KGZ", REGION}).payers == {"here"}
    everywhere = Need("1.1", 1, "high", "1.1", frozenset(), frozenset())
    assert gap_of(everywhere, payers=payers, refused=refused, only={"KGZ", REGION}).payers == {"there", "here"}


def test_unmet_need_weighs_by_priority_and_knows_no_share_of_nothing() -> None:
    low = Need("1.2", 1, "low", "1.2", frozenset({"KGZ"}), frozenset())
    gaps = assess([NEED, low], [proposal(1, ("KGZ",), "100", "awarded")], "state")
    table = gap_map(gaps, STATES)
    assert table.cell(1, "KGZ").unmet == Fraction(2, 12)
    assert table.cell(1, "KAZ").unmet == 1
    assert table.cell(1, "MNG").unmet is None
    assert table.cell(1, "KAZ").all_orphaned
    assert not table.cell(1, "KGZ").all_orphaned
    assert not table.cell(1, "MNG").all_orphaned


def test_whether_a_window_could_pay_is_told_apart_and_by_place() -> None:
    gap = gap_of(NEED, payers={"1.1": {"w", "v"}}, refused={"w": frozenset({"KAZ"}), "v": frozenset({"KAZ"})})
    table = gap_map([gap], STATES)
    assert (table.cell(1, "KGZ").payable, table.cell(1, "KAZ").payable, table.total.payable) == (1, 0, 1)
    assert gap.payers_in("KAZ") == frozenset()
