"""Parts of a problem solved near the plan that is known or freely, and two searches that go on from the better plan."""

from random import Random

import numpy as np
import pytest

from services.matching.portfolio.abreast import STRETCH, Abreast, Kind, Side
from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.dive import Dives
from services.matching.portfolio.greedy import build, dollars
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.model import model_of
from services.matching.portfolio.neighbourhood import EASY, Search
from services.matching.portfolio.parts import Parts, Relaxation, agreed
from services.matching.portfolio.plan import plan_of
from services.matching.portfolio.pricing import Sets
from services.matching.portfolio.problem import problem_of
from tests.bench.portfolio_instances import KINDS, make
from tests.unit.matching.portfolio.build import Json, action, instance, proposal, window

UNIT = 1000.0


def ample() -> float:
    return 60.0


def over() -> float:
    return 0.0


def better_first() -> Json:
    """Money for one of two: the one with the smaller number addresses less."""
    return instance(
        [action("a", 1), action("b", 8)], [proposal("p", 100, 0, ("a",)), proposal("q", 100, 0, ("b",))], [window()]
    )


def parts(data: Json, grants: list[tuple[int, int, int]]) -> Parts:
    read = instance_of(data)
    return Parts(read, problem_of(read), plan_of(read, grants), 0.25)


def search(data: Json, seed: int = 0) -> Search:
    read = instance_of(data)
    problem = problem_of(read)
    return Search(read, problem, plan_of(read, build(problem, dollars(problem))), seed, 0.25)


def side(data: Json, seed: int = 0) -> Side:
    one = search(data, seed)
    pricer = Pricer(one.problem, UNIT, ample)
    pricer.start(one.plan.grants)
    pricer.run()
    one.favoured = one.flags(pricer.pairs(used=False))
    assert isinstance(pricer.pricing, Sets)
    return Side(one, Dives(one.problem, pricer.pricing, UNIT, np.ones(len(one.problem.pairs), dtype=bool)))


def test_a_part_is_solved_from_a_worse_plan() -> None:
    one = parts(better_first(), [(0, 0, 100)])
    assert one.plan.value == 1
    assert one.solve(model_of(one.problem), {}, ample)[0]
    assert one.plan.value == 8
    assert not one.solve(model_of(one.problem), {}, ample)[0], "there is no better one"


def test_what_is_kept_stays_as_the_plan_has_it() -> None:
    one = parts(better_first(), [(0, 0, 100)])
    model = model_of(one.problem)
    assert not one.solve_kept(model, lambda start: np.ones(len(model.y) + len(model.z), dtype=bool), ample)
    assert one.plan.grants == ((0, 0, 100),)
    assert one.solve_kept(model, lambda start: np.zeros(len(model.y) + len(model.z), dtype=bool), ample)
    assert one.plan.grants == ((1, 0, 100),)


def test_no_time_changes_nothing() -> None:
    one = search(make(40, 18, "tight", 3))
    before = one.plan
    assert not one.near(over)
    assert not one.solve(model_of(one.problem), {}, over)[0]
    assert one.plan is before


def test_the_relaxation_agrees_with_the_plan_where_both_choose_alike() -> None:
    one = parts(better_first(), [(1, 0, 100)])
    model = model_of(one.problem)
    start = np.array(model.values({(1, 0): 100}))
    relaxed = Relaxation(model).solve(Random(0), ample)
    assert relaxed is not None
    assert agreed(model, start, relaxed).all()
    assert not agreed(model, np.array(model.values({(0, 0): 100})), relaxed).any()


def test_a_relaxation_ends_when_time_is_up_and_goes_on_when_there_is_more() -> None:
    relaxation = Relaxation(model_of(search(make(60, 25, "uniform", 1)).problem))
    assert relaxation.solve(Random(5), over) is None
    assert relaxation.solve(Random(5), ample) is not None


def test_luck_moves_the_relaxation_and_costs_little_from_where_it_was() -> None:
    one = search(make(60, 25, "uniform", 1))
    relaxation, luck = Relaxation(model_of(one.problem)), Random(5)
    found: list[bytes] = []
    work: list[int] = []
    for _ in range(6):
        columns = relaxation.solve(luck, ample)
        assert columns is not None
        found.append(np.round(columns[relaxation.model.z], 6).tobytes())
        work.append(relaxation.work - sum(work))
    assert len(set(found)) > 1
    assert max(work[1:]) < work[0]


@pytest.mark.parametrize("kind", KINDS)
def test_looking_near_the_plan_makes_it_better_and_never_worse(kind: str) -> None:
    one = search(make(60, 25, kind, 2))
    one.favoured |= True
    greedy = value = one.plan.value
    for _ in range(4):
        better = one.near(ample)
        assert better == (one.plan.value > value)
        value = one.plan.value
    assert value >= greedy
    if kind == "tight":
        assert value > greedy


def test_only_so_many_proposals_are_open_at_once() -> None:
    one = search(make(60, 25, "tight", 2))
    one.nearby = 5.0
    many = len(one.problem.candidates)
    owner = np.concatenate([np.arange(many), np.searchsorted(one.problem.candidates, one.problem.pairs.proposal)])
    nothing, everything = np.zeros(len(owner), dtype=bool), np.ones(len(owner), dtype=bool)
    for same in (nothing, everything):
        closed = one._closed(one.problem, same)
        assert len(np.unique(owner[~closed])) == 5


def test_two_searches_go_on_from_the_better_plan_and_know_the_other() -> None:
    data = make(60, 25, "tight", 2)
    both = Abreast(side(data, 0), side(data, 1))
    before = both.first.search.plan.value
    assert both.round(ample)
    one, two = both.first.search, both.second.search
    assert one.plan is two.plan
    assert one.plan.value > before
    assert one.beside is two.beside
    assert one.beside.value <= one.plan.value


def apart() -> Json:
    """Two proposals that have nothing in common."""
    return instance(
        [action("a", 1), action("b", 8)],
        [proposal("p", 100, 0, ("a",)), proposal("q", 100, 0, ("b",))],
        [window("v"), window("w")],
        [["p", "v"], ["q", "w"]],
    )


def test_what_both_searches_found_is_put_together() -> None:
    both = Abreast(side(apart(), 0), side(apart(), 1))
    one, two = both.first.search, both.second.search
    before = plan_of(one.instance, [])
    one.plan, two.plan = plan_of(one.instance, [(0, 0, 100)]), plan_of(one.instance, [(1, 1, 100)])
    both.meet(before, ample)
    assert one.plan is two.plan
    assert one.plan.grants == ((0, 0, 100), (1, 1, 100))
    assert one.beside.grants == ((0, 0, 100),)


def test_nothing_is_put_together_where_one_alone_got_better_or_time_is_up() -> None:
    for before, clock in (([(0, 0, 100)], ample), ([], over)):
        both = Abreast(side(apart(), 0), side(apart(), 1))
        one, two = both.first.search, both.second.search
        one.plan, two.plan = plan_of(one.instance, [(0, 0, 100)]), plan_of(one.instance, [(1, 1, 100)])
        steps = one.steps
        both.meet(plan_of(one.instance, before), clock)
        assert one.steps == steps
        assert one.plan.grants == two.plan.grants == ((1, 1, 100),)


@pytest.mark.parametrize(("proposals", "scale"), [(60, 1), (400, 1), (1200, 4), (2400, 5)])
def test_steps_may_be_harder_where_there_are_more_proposals(proposals: int, scale: int) -> None:
    grants = [window(f"w{n}", 100) for n in range(3)]
    one = search(instance([action()], [proposal(f"p{n}", 100) for n in range(proposals)], grants))
    assert one.scale == scale


def test_what_was_easy_on_a_small_problem_is_easier_on_a_large_one() -> None:
    grown = []
    for many in (60, 2400):
        one = search(make(many, 25, "uniform", 2))
        before, one.work = one.size[True], EASY + 1
        one._adapt(narrow=True, whole=True)
        grown.append(one.size[True] / before)
    assert grown == pytest.approx([1.05, 1.25])


def test_searches_side_by_side_take_the_same_way_every_time() -> None:
    data = make(60, 25, "very tight", 2)

    def after(rounds: int) -> list[tuple[tuple[tuple[int, int, int], ...], int]]:
        both = Abreast(side(data, 0), side(data, 1))
        found = []
        for _ in range(rounds):
            both.round(ample)
            found.append((both.first.search.plan.grants, both.second.search.worked))
        return found

    assert after(3) == after(3)


def test_a_stretch_ends_when_its_work_is_done() -> None:
    one = side(make(60, 25, "uniform", 2))
    one.stretch(ample)
    assert one.search.worked >= STRETCH
    worked = one.search.worked
    one.stretch(over)
    assert one.search.worked == worked


def test_kinds_of_search_take_turns_when_they_bring_nothing() -> None:
    one = side(better_first())
    kinds = set()
    for _ in range(400):
        kinds.add(one.kind)
        if len(kinds) == len(Kind):
            break
        one.turn(ample)
    assert kinds == set(Kind)
