"""What each proposal and each window adds to a plan: the order of the lists, and their figures in words."""

import pytest

from services.chassis.i18n import use_language
from services.matching.rules.portfolios.seen import Margin, margins_of
from services.matching.words.portfolios import for_each, interval
from tests.unit.matching.portfolios.test_pictures import everything


def test_what_adds_most_stands_first_and_what_costs_least() -> None:
    live = everything()
    ids = [one.id for one in live.instance.proposals][:3]
    told = {
        str(key): {"state": state, "low": low, "high": high}
        for key, (state, low, high) in zip(ids, [("ok", 0, 5), ("unknown", 0, 0), ("ok", 2, 9)], strict=True)
    }
    margins = margins_of(live, (), {"proposal": told, "forced": told})
    assert [one.position for one in margins["proposal"]] == [2, 0, 1]
    assert [one.position for one in margins["forced"]] == [0, 2, 1]


@pytest.mark.parametrize(
    ("low", "high", "dollars", "worth", "each"),
    [
        (8.0, 8.0, 20_000, "8", "4"),
        (0.0, 8.0, 20_000, "0–8", "0–4"),
        (7.0, 8.0, 20_000, "7–8", "3.5–4"),
        (3.0, 5.0, 0, "3–5", "–"),
    ],
)
def test_what_is_not_proven_is_an_interval_for_each_dollar_too(
    low: float, high: float, dollars: int, worth: str, each: str
) -> None:
    margin = Margin("forced", 0, "ok", low, high, dollars)
    with use_language("en"):
        assert (interval(margin), for_each(margin, 10_000)) == (worth, each)
