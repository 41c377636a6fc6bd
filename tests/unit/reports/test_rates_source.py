"""The source of the shipped exchange rates is data; documents print it in their language."""

from contracts.vocabulary import planning_rates
from services.reports.documents.annexe import RATES_SOURCE


def test_the_source_of_the_rates_is_the_one_that_is_translated() -> None:
    assert planning_rates()[2] == RATES_SOURCE
