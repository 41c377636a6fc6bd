"""What each proposal and each window adds to a plan: the plan is made again without it, never guessed.

Neither the plan nor the other one need be proven best, so an answer is an interval. With V and B the value and the
bound of the plan, and v and b those of the one it is set against, the loss lies between V - b and B - v, never below 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.plan import Answer, plain
from services.matching.portfolio.solve import solve
from services.matching.portfolio.wishes import Unattainable, Wishes

MORE: Final = 10
"""Per cent by which a window's budget is raised, to see what its next dollars would add."""
LEAST_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Question:
    """One plan to be made again: with a changed instance or with a changed wish."""

    kind: str
    """`proposal` (without it), `forced` (with it), `closed` (a window gives nothing) or `more` (it has more)."""
    position: int
    instance: Instance
    wishes: Wishes


def margins(
    instance: Instance, wishes: Wishes, answer: Answer, seconds: float, longest: float, seed: int
) -> Iterator[dict[str, Any]]:
    """Each answer, as `{"kind", "id", "low", "high", "state", "done", "steps"}`; `state` is `ok`, or `impossible` when
    no plan is like that, or `unknown` when none was found in time. All of them together take about `seconds`, each at
    most `longest`."""
    asked = list(questions(instance, wishes, answer))
    left = seconds
    for number, question in enumerate(asked):
        share = min(longest, max(LEAST_SECONDS, left / (len(asked) - number)))
        found, took = _answered(question, answer, share, seed)
        left -= took
        things = instance.proposals if question.kind in ("proposal", "forced") else instance.windows
        yield {
            "kind": question.kind, "id": things[question.position].id, **found, "done": number + 1, "steps": len(asked),
        }  # fmt: skip


def questions(instance: Instance, wishes: Wishes, answer: Answer) -> Iterator[Question]:
    """What to make again: proposals that the plan pays for, its windows, those that it leaves out, and more money.

    A window that the plan does not use adds nothing that the plan's own gap does not cover, so it is not closed.
    """
    paid = sorted({p for p, _, _ in answer.plan.grants})
    for p in paid:
        if p not in wishes.must:
            yield Question("proposal", p, instance, replace(wishes, must_not=wishes.must_not | {p}))
    for w in sorted({w for _, w, _ in answer.plan.grants}):
        yield Question(
            "closed", w, replace(instance, eligible=tuple(pair for pair in instance.eligible if pair[1] != w)), wishes
        )
    for w, window in enumerate(instance.windows):
        richer = replace(window, budget=window.budget + window.budget * MORE // 100)
        windows = tuple(richer if number == w else one for number, one in enumerate(instance.windows))
        yield Question("more", w, replace(instance, windows=windows), wishes)
    for p in range(len(instance.proposals)):
        if p not in answer.plan.funded and p not in wishes.must_not:
            yield Question("forced", p, instance, replace(wishes, must=wishes.must | {p}))


def _answered(question: Question, answer: Answer, seconds: float, seed: int) -> tuple[dict[str, Any], float]:
    try:
        other = solve(question.instance, seconds, seed, question.wishes, answer)
    except Unattainable as error:
        return {"state": "impossible" if error.proven else "unknown"}, seconds if not error.proven else 0.0
    value, bound = float(answer.plan.value), max(answer.bound, float(answer.plan.value))
    theirs, their_bound = float(other.plan.value), max(other.bound, float(other.plan.value))
    if question.kind == "more":
        low, high = theirs - bound, their_bound - value
    else:
        low, high = value - their_bound, bound - theirs
    return {
        "state": "ok",
        "low": plain(round(max(0.0, low), 6)),
        "high": plain(round(max(0.0, high), 6)),
    }, other.seconds
