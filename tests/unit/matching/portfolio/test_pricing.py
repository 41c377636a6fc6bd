"""Sets of windows are listed where there are not too many and there is time, else the quick pricing does."""

from collections.abc import Iterator

import pytest

from services.matching.portfolio import pricing
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.pricing import Fill, Sets, pricing_of
from services.matching.portfolio.problem import Ints, Problem, problem_of
from tests.bench.portfolio_instances import make
from tests.unit.matching.portfolio.build import instance, proposal, window

UNIT = 1000.0


def problem() -> Problem:
    return problem_of(instance_of(make(60, 25, "many pairs", 1)))


def ample() -> float:
    return 60.0


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The proposals whose sets were looked at."""
    seen: list[int] = []
    real = pricing._sets_of

    def told(problem: Problem, p: int, start: int, size: int, width: int) -> Iterator[Ints]:
        seen.append(p)
        return real(problem, p, start, size, width)

    monkeypatch.setattr(pricing, "_sets_of", told)
    return seen


def test_sets_are_listed_where_there_are_few_and_there_is_time(listed: list[int]) -> None:
    asked = problem()
    assert isinstance(pricing_of(asked, UNIT, ample), Sets)
    assert listed == asked.candidates.tolist()


@pytest.mark.parametrize("limit", ["MOST_SETS", "KEPT_A_SECOND"])
def test_a_sample_tells_when_there_are_too_many_sets(
    limit: str, monkeypatch: pytest.MonkeyPatch, listed: list[int]
) -> None:
    asked = problem()
    monkeypatch.setattr(pricing, "MOST_UNSAMPLED", 1000)
    monkeypatch.setattr(pricing, limit, {"MOST_SETS": 1000, "KEPT_A_SECOND": 30}[limit])
    assert isinstance(pricing_of(asked, UNIT, ample), Fill)
    assert 0 < len(listed) <= len(asked.candidates) / pricing.SAMPLED + 1


def test_what_the_sample_did_not_tell_is_found_on_the_way(monkeypatch: pytest.MonkeyPatch, listed: list[int]) -> None:
    names = [f"p{n}" for n in range(pricing.SAMPLED)]
    windows = [window(f"w{n}") for n in range(5)]
    eligible = [["p0", "w0"], *([name, grants["id"]] for name in names[1:] for grants in windows)]
    asked = problem_of(instance_of(instance(None, [proposal(name) for name in names], windows, eligible)))
    monkeypatch.setattr(pricing, "MOST_SETS", 100)
    monkeypatch.setattr(pricing, "MOST_UNSAMPLED", 100)
    assert isinstance(pricing_of(asked, UNIT, ample), Fill)
    assert len(listed) > 2
    assert len(listed) < len(names)


@pytest.mark.parametrize("limit", ["MOST_LOOKED_AT", "LOOKED_AT_A_SECOND"])
def test_none_is_looked_at_where_there_are_far_too_many_or_no_time(
    limit: str, monkeypatch: pytest.MonkeyPatch, listed: list[int]
) -> None:
    monkeypatch.setattr(pricing, limit, 100)
    assert isinstance(pricing_of(problem(), UNIT, ample), Fill)
    assert not listed
