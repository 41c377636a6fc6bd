"""A first plan that keeps the wishes, or which of them stand against each other; and what is left of an older plan."""

from collections.abc import Callable, Sequence
from typing import Final

import highspy
import numpy as np

from services.matching.portfolio.greedy import build, dollars, smallest_first
from services.matching.portfolio.model import interrupt_when, limits_of, model_of, quiet
from services.matching.portfolio.plan import Grant
from services.matching.portfolio.problem import Ints, Problem, part_of
from services.matching.portfolio.settle import settle
from services.matching.portfolio.wishes import Asked, Unattainable, names

Wish = tuple[int, ...]
"""Proposals of which one must be funded."""
BLAMING: Final = 2.0
"""Seconds that may be spent on finding out which wishes stand against each other."""
LEAST: Final = 0.2


def keepable(asked: Asked, problem: Problem) -> bool:
    """Whether each wish has a proposal that some window could pay."""
    return len(problem.forced) == len(asked.must) and all(len(group) for group in problem.groups)


def attain(asked: Asked, problem: Problem, seconds_left: Callable[[], float]) -> list[Grant]:
    """The grants of a plan that keeps the wishes.

    Raises:
        Unattainable: there is none, or none was found in time.
    """
    wishes: list[Wish] = [*((p,) for p in asked.must), *asked.groups]
    for wish in wishes:
        if not np.isin(wish, problem.candidates).any():
            raise Unattainable(_alone(asked, wish))
    found = build(problem, dollars(problem), smallest_first)
    if problem.kept_by(frozenset(p for p, _, _ in found)):
        return found
    kept, certain = _keep(problem, wishes, seconds_left)
    if kept:
        return build(problem, dollars(problem), given=kept)
    if not certain:
        raise Unattainable("no plan that keeps all the wishes was found within the time limit", proven=False)
    until = seconds_left() - min(BLAMING, max(LEAST, seconds_left()))
    raise Unattainable(_blame(asked, problem, wishes, lambda: seconds_left() - until))


def possible(problem: Problem, grants: Sequence[Grant]) -> list[Grant]:
    """Of these grants, those of proposals that can keep all of theirs in this problem, what must be funded first.

    Where money is short, proposals that add most for their dollars keep theirs.
    """
    pairs = problem.pairs
    rows = zip(
        pairs.proposal.tolist(), pairs.window.tolist(), pairs.low.tolist(), pairs.high.tolist(), strict=True
    )  # fmt: skip
    limits = {(p, w): (low, high) for p, w, low, high in rows}
    of_proposal: dict[int, list[Grant]] = {}
    for grant in grants:
        of_proposal.setdefault(grant[0], []).append(grant)
    wished = {*problem.forced.tolist(), *(p for group in problem.groups for p in group.tolist())}

    def first(p: int) -> tuple[bool, float, int]:
        worth = sum(float(problem.weights[action]) for action in problem.actions[p])
        return (p not in wished, -worth / max(1, int(problem.need[p])), p)

    # Room for what must be funded and is not in the older plan is made by leaving others out.
    missing = [p for p in problem.forced.tolist() if p not in of_proposal]
    left = problem.budget.tolist()
    found: list[Grant] = []
    if missing:
        bare = part_of(
            problem, np.isin(pairs.proposal, missing), problem.budget, problem.counts, np.array(missing, dtype=np.int64)
        )
        found = build(bare, dollars(bare))
        for _, w, amount in found:
            left[w] -= amount
    done = {p for p, _, _ in found}
    for p in sorted(set(of_proposal) - done, key=first):
        own = of_proposal[p]
        fits = all(
            (q, w) in limits and limits[q, w][0] <= amount <= limits[q, w][1] and amount <= left[w]
            for q, w, amount in own
        )
        whole = len({w for _, w, _ in own}) == len(own) <= problem.most
        if fits and whole and sum(amount for _, _, amount in own) == problem.need[p]:
            found += own
            for _, w, amount in own:
                left[w] -= amount
    return found


def _keep(problem: Problem, wishes: Sequence[Wish], seconds_left: Callable[[], float]) -> tuple[list[Grant], bool]:
    """Grants that keep these wishes; and, when there are none, whether that is certain."""
    members = np.unique(np.array([p for wish in wishes for p in wish], dtype=np.int64))
    forced: Ints = np.array(sorted(wish[0] for wish in wishes if len(wish) == 1), dtype=np.int64)
    groups = [np.array(wish, dtype=np.int64) for wish in wishes if len(wish) > 1]
    keep = np.isin(problem.pairs.proposal, members)
    part = part_of(problem, keep, problem.budget, problem.counts, forced, groups)
    if not np.isin(forced, part.candidates).all() or not all(len(group) for group in part.groups):
        return [], True
    model = model_of(part)
    highs = quiet(seconds_left())
    highs.setOptionValue("mip_rel_gap", 0.1)
    highs.passModel(model.lp)
    interrupt_when(highs, lambda: seconds_left() <= 0)
    if seconds_left() <= 0:
        return [], False
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return [], True
    values = np.array(highs.getSolution().col_value)
    if not len(values) or abs(highs.getInfo().objective_function_value) > 1e30:
        return [], False
    needs = {p: int(problem.need[p]) for p in part.candidates.tolist()}
    grants = settle(model.wanted(values), limits_of(model.problem.pairs), needs, part.budget.tolist())
    return (grants, True) if part.kept_by(frozenset(p for p, _, _ in grants)) else ([], False)


def _blame(asked: Asked, problem: Problem, wishes: Sequence[Wish], seconds_left: Callable[[], float]) -> str:
    """Why not: one wish that cannot be kept by itself, or a few that cannot be kept together."""
    against = list(wishes)
    for wish in wishes:
        fewer = [other for other in against if other != wish]
        kept, certain = _keep(problem, fewer, seconds_left) if fewer else ([], False)
        if not kept and certain and fewer:
            against = fewer
        if seconds_left() <= 0:
            break
    if len(against) == 1:
        return _alone(asked, against[0])
    musts = [wish[0] for wish in against if len(wish) == 1]
    parts = [f"{names(asked.instance, musts)} must be funded"] if musts else []
    parts += [f"one of {names(asked.instance, wish)} must be funded" for wish in against if len(wish) > 1]
    return f"the windows' money and limits do not allow all of this together: {'; '.join(parts)}"


def _alone(asked: Asked, wish: Wish) -> str:
    """The message for a wish that nothing can keep."""
    if len(wish) == 1:
        return f"{names(asked.instance, wish)}: must be funded, but no windows open to it can pay what it needs"
    return f"none of {names(asked.instance, wish)} can be funded: no windows open to them can pay what they need"
