"""The figures add up, to the cent, in the proposal's currency and in dollars."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.projects.rules import proposals as rules
from services.projects.values.proposals import Budget, Cofinancing
from tests.unit.projects.proposal_build import budget_line, cofinancing_line, convert

amounts = st.decimals(min_value=0, max_value=10**9, places=2)
currencies = st.sampled_from(["USD", "EUR", "KZT"])


def test_totals_of_a_budget_in_two_currencies() -> None:
    budget = Budget("EUR", (
        budget_line(1, amount=Decimal("1000"), currency="USD"),
        budget_line(2, amount=Decimal("400"), currency="EUR", year=2),
        budget_line(3, amount=Decimal("100"), currency="EUR", year=2, category="travel"),
    ))  # fmt: skip
    cofinancing = Cofinancing(False, (
        cofinancing_line(1, amount=Decimal("100000"), currency="KZT", status="indicative", kind="in_kind"),
        cofinancing_line(2, amount=Decimal("240"), currency="EUR"),
    ))  # fmt: skip
    figures = rules.totals(budget, cofinancing, convert)
    assert figures.total == Decimal("1300")
    assert figures.cells == {
        ("personnel", 1): Decimal(800),
        ("personnel", 2): Decimal(400),
        ("travel", 2): Decimal(100),
    }
    assert (figures.categories, figures.years) == (("personnel", "travel"), (1, 2))
    assert (figures.by_category["personnel"], figures.by_year[2]) == (Decimal(1200), Decimal(500))
    assert (figures.cofinancing, figures.cash, figures.in_kind) == (Decimal(400), Decimal(240), Decimal(160))
    assert (figures.confirmed, figures.confirmed_share) == (Decimal(240), Decimal("0.6"))
    assert figures.requested == Decimal(900)
    assert figures.ratio == Decimal(400) / Decimal(900)
    assert (figures.total_usd, figures.cofinancing_usd, figures.requested_usd) == (1625, 500, 1125)
    assert figures.converted_from == ("USD", "KZT")


def test_nothing_comes_to_nothing() -> None:
    figures = rules.totals(Budget(), Cofinancing(), convert)
    assert (figures.total, figures.requested, figures.ratio, figures.confirmed_share) == (0, 0, None, None)


def test_lines_without_category_or_year_still_count() -> None:
    figures = rules.totals(
        Budget("USD", (budget_line(1, category="", year=None), budget_line(2))), Cofinancing(), convert
    )
    assert figures.total == 2000
    assert figures.years == (1, 0)
    assert figures.cells["", 0] == 1000


def test_more_cofinancing_than_budget_shows_as_a_negative_request_without_a_ratio() -> None:
    figures = rules.totals(
        Budget("USD", (budget_line(1, amount=Decimal(100)),)), Cofinancing(False, (cofinancing_line(),)), convert
    )
    assert figures.requested == -100
    assert figures.ratio is None


@given(
    st.lists(st.tuples(amounts, currencies, st.sampled_from(["travel", "works", ""]), st.integers(1, 4)), max_size=30)
)
def test_every_way_of_adding_gives_the_same_total(rows: list[tuple[Decimal, str, str, int]]) -> None:
    lines = tuple(
        budget_line(n, amount=amount, currency=currency, category=category, year=year)
        for n, (amount, currency, category, year) in enumerate(rows, start=1)
    )
    figures = rules.totals(Budget("EUR", lines), Cofinancing(), convert)
    assert figures.total == sum(figures.cells.values())
    assert figures.total == sum(figures.by_category.values()) == sum(figures.by_year.values())
    assert figures.total == figures.total.quantize(Decimal("0.01"))
