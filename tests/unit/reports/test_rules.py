"""The arithmetic of documents."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from services.reports import rules
from tests.unit.reports.samples import (
    budget_line,
    cofinancing_line,
    proposal,
    standard_lines,
)

CATEGORIES = ("personnel", "equipment", "travel", "audit")


def test_a_budget_in_one_currency_is_tabled_in_it() -> None:
    lines = [
        budget_line(1, "100.50", year=1, currency="EUR"), budget_line(2, "200", year=3, currency="EUR"),
        budget_line(3, "50", year=3, category="audit", currency="EUR"),
    ]  # fmt: skip
    budget = rules.budget(proposal(currency="EUR", budget=lines, cofinancing=[]), CATEGORIES)
    assert (budget.currency, budget.mixed) == ("EUR", False)
    assert budget.matrix.categories == ("personnel", "audit")
    assert budget.matrix.years == (1, 2, 3)
    assert budget.matrix.cells == ((Decimal("100.50"), 0, 200), (0, 0, 50))
    assert budget.matrix.row_totals == (Decimal("300.50"), 50)
    assert budget.matrix.column_totals == (Decimal("100.50"), 0, 250)
    assert budget.total == Decimal("350.50")


def test_a_budget_in_several_currencies_is_tabled_in_dollars() -> None:
    lines = [budget_line(1, "100"), budget_line(2, "52500", currency="KZT")]
    budget = rules.budget(proposal(budget=lines, cofinancing=[]), CATEGORIES)
    assert (budget.currency, budget.mixed) == ("USD", True)
    assert budget.amounts == (Decimal(100), Decimal("100.00"))
    assert budget.total == 200


def test_what_rounding_leaves_is_told_and_not_lost() -> None:
    lines = [budget_line(1, "100")]
    stated = proposal(budget=lines, cofinancing=[])
    moved = stated.model_copy(update={"total": stated.total.model_copy(update={"amount": Decimal("100.01")})})
    budget = rules.budget(moved, CATEGORIES)
    assert budget.rounding == Decimal("0.01")
    assert budget.total == Decimal("100.01")


def test_a_category_that_the_vocabulary_does_not_know_comes_last() -> None:
    lines = [budget_line(1, "1", category="zeppelins"), budget_line(2, "1", category="travel")]
    assert rules.budget(proposal(budget=lines), CATEGORIES).matrix.categories == ("travel", "zeppelins")


def test_a_budget_without_lines_has_one_year_and_no_sum() -> None:
    matrix = rules.budget(proposal(budget=[], cofinancing=[]), CATEGORIES).matrix
    assert (matrix.years, matrix.total, matrix.cells) == ((1,), 0, ())


def test_many_years_make_several_tables() -> None:
    lines = [budget_line(i, "1", year=i) for i in range(1, 15)]
    parts = rules.budget(proposal(budget=lines), CATEGORIES).matrix.parts()
    assert [len(part) for part in parts] == [6, 6, 2]
    assert [place for part in parts for place in part] == list(range(14))


@pytest.mark.parametrize(("amounts", "places"), [(["1", "2.00"], 0), (["1", "2.50"], 2), ([], 0)])
def test_decimals_are_shown_in_the_whole_column_or_not_at_all(amounts: list[str], places: int) -> None:
    assert rules.decimals(Decimal(a) for a in amounts) == places


def test_who_pays_shows_firm_money_first_and_small_sources_together() -> None:
    lines = [cofinancing_line(i, str(1000 * i), f"Source {i}", status="confirmed" if i % 2 else "indicative")
             for i in range(1, 9)]  # fmt: skip
    made = proposal(cofinancing=lines)
    segments = rules.who_pays(made, most=4)
    assert segments[0].kind == "requested"
    assert [s.name for s in segments[1:]] == ["Source 7", "Source 5", "Source 3", ""]
    assert segments[-1].others == 5
    assert sum(s.usd for s in segments) == made.total_usd


def test_nothing_is_requested_where_co_financing_covers_all() -> None:
    made = proposal(budget=[budget_line(1, "100")], cofinancing=[cofinancing_line(2, "150", "Fund")])
    assert [s.kind for s in rules.who_pays(made)] == ["cash"]


def test_project_years_follow_the_calendar() -> None:
    years = rules.project_years(date(2028, 2, 29), date(2030, 5, 31))
    assert [(y.first.isoformat(), y.last.isoformat()) for y in years] == [
        ("2028-02-29", "2029-02-28"), ("2029-03-01", "2030-02-28"), ("2030-03-01", "2030-05-31"),
    ]  # fmt: skip
    assert years[0].begins == 0.0
    assert years[-1].ends == 1.0
    assert all(a.ends == pytest.approx(b.begins) for a, b in pairwise(years))


def test_a_project_that_ends_before_it_starts_has_one_day() -> None:
    assert len(rules.project_years(date(2027, 5, 1), date(2026, 5, 1))) == 1


def test_stated_rates_are_used_and_others_worked_out() -> None:
    made = proposal(budget=[*standard_lines("EUR"), budget_line(99, "525", currency="KZT")], cofinancing=[],
                    rates={"EUR": Decimal("0.87")})  # fmt: skip
    assert [(r.currency, r.units, r.applied) for r in rules.rates(made)] == [
        ("EUR", Decimal("0.87"), False), ("KZT", Decimal("525.0000"), True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "room", "fits"),
    [
        ([10.0] * 3, [10.0] * 3, 100, (3, 3)),
        ([10.0] * 30, [10.0] * 2, 100, (7, 2)),  # one note
        ([10.0] * 30, [10.0] * 30, 100, (4, 4)),  # two notes
        ([10.0], [], 5, (0, 0)),
        ([], [], 100, (0, 0)),
        ([60.0, 60.0], [10.0] * 4, 100, (1, 2)),
    ],
)
def test_two_lists_share_the_room(first: list[float], second: list[float], room: float, fits: tuple[int, int]) -> None:
    assert rules.how_many_fit(first, second, room, 8) == fits
