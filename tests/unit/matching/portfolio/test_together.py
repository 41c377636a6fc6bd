"""Whether proposals can be funded together: against brute force, and what the proof gains by asking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.plan import step_of
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.together import Together
from tests.bench.portfolio_instances import make, styled
from tests.unit.matching.portfolio.build import Json, best_wished, instance, proposal, small_instances, window
from tests.unit.matching.portfolio.test_tree import NEAR, tree_of, value_of


def together(data: Json, *, over: bool = False) -> Together:
    return Together(problem_of(instance_of(data)), lambda: over)


@settings(max_examples=150, deadline=None)
@given(small_instances(), st.data())
def test_what_can_be_funded_together_is_found_and_what_cannot_is_known(data: Json, draw: st.DataObject) -> None:
    asked = together(data)
    problem = asked.problem
    if not len(problem.candidates):
        return
    members = frozenset(draw.draw(st.sets(st.integers(0, len(problem.candidates) - 1), min_size=1)))
    names = [data["proposals"][p]["id"] for p in problem.candidates[sorted(members)].tolist()]
    found = asked.ask(members)
    possible = best_wished({**data, "must_fund": names}) is not None
    assert (found is not None) == possible
    assert (asked.known(members) is None) == possible
    if found is not None:
        assert {p for p, _ in found} == set(problem.candidates[sorted(members)].tolist())
        brought = np.zeros(len(problem.need))
        for (p, _), amount in found.items():
            brought[p] += amount
        wanted = problem.candidates[sorted(members)]
        assert np.allclose(brought[wanted], problem.need[wanted])


def three_for_two() -> Json:
    """Three proposals, and a window that can pay any two of them."""
    return instance(proposals=[proposal(f"p{n}") for n in range(3)], windows=[window(budget=200)])


def test_a_set_that_holds_an_impossible_one_is_impossible_without_asking() -> None:
    asked = together(three_for_two())
    every = frozenset({0, 1, 2})
    assert asked.ask(every) is None
    assert asked.known(every) == every
    assert asked.known(frozenset({0, 1})) is None
    assert asked.ask(frozenset({0, 1})) is not None
    asked.over = lambda: pytest.fail("what is known is not asked")
    assert asked.ask(every) is None


def test_a_question_that_is_cut_short_stays_open() -> None:
    data = make(24, 9, "many pairs", 8, 30)
    problem = problem_of(instance_of(data))
    tree = tree_of(problem, 0.25, [])
    assert tree.run()
    (impossible,) = tree.together.impossible
    cut_short = together(data, over=True)
    assert cut_short.ask(impossible) is None
    assert cut_short.known(impossible) is None
    asked = together(data)
    assert asked.ask(impossible) is None
    assert asked.known(impossible) == impossible


@pytest.mark.parametrize(("kind", "seed", "most"), [("many pairs", 2, 30), ("many pairs", 8, 100), ("uniform", 0, 60)])
def test_few_nodes_are_needed_where_only_windows_are_open(kind: str, seed: int, most: int) -> None:
    data = styled(24, 9, kind, seed) if kind == "uniform" else make(24, 9, kind, seed, 30)
    read = instance_of(data)
    problem = problem_of(read)
    told: list[float] = []
    tree = tree_of(problem, float(step_of(read)), told)
    assert tree.run()
    assert tree.nodes <= most, "without asking it took four hundred and more"
    assert tree.found is not None
    assert value_of(read, problem, tree.found) == pytest.approx(min(told), abs=NEAR)
