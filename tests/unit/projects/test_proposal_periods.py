"""Months as a project counts them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projects.rules import proposals as rules
from services.projects.values.proposals import Dates


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        (date(2027, 1, 1), date(2028, 12, 31), 24),
        (date(2027, 1, 1), date(2027, 1, 31), 1),
        (date(2027, 1, 1), date(2027, 1, 30), 0),
        (date(2027, 3, 15), date(2028, 3, 14), 12),
        (date(2027, 3, 15), date(2028, 3, 13), 11),
        (date(2027, 1, 31), date(2027, 2, 28), 1),
        (date(2028, 2, 29), date(2029, 2, 28), 12),
        (date(2027, 5, 2), date(2027, 5, 1), 0),
        (date(2027, 1, 1), date.max, 95675),
    ],
)
def test_months_between(starts: date, ends: date, months: int) -> None:
    assert rules.months_between(starts, ends) == months


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_later_end_is_never_a_shorter_project(starts: date, ends: date) -> None:
    if ends < date(2099, 1, 1):
        later = ends.replace(year=ends.year + 1, day=min(ends.day, 28))
        assert rules.months_between(starts, ends) <= rules.months_between(starts, later)


@pytest.mark.parametrize(("ends", "years"), [(date(2027, 12, 31), 1), (date(2028, 1, 31), 2), (date(2060, 1, 1), 10)])
def test_project_years(ends: date, years: int) -> None:
    assert rules.project_years(Dates(date(2027, 1, 1), ends)) == years


def test_while_a_date_is_missing_every_year_may_still_be() -> None:
    assert rules.project_years(Dates(date(2027, 1, 1), None)) == 10
    assert rules.duration(Dates(None, date(2027, 1, 1))) is None
