"""The process that makes one study: `python -m services.matching.planning.study`.

It reads one line of JSON, writes lines of JSON (how far it is, at last what it found), and ends when its standard
input does.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from services.matching.planning.process import TIDY_SECONDS, watch
from services.matching.planning.tidy import tidied
from services.matching.portfolio.instance import Instance, InstanceError, instance_of
from services.matching.portfolio.plan import Answer, Grant, Plan, plain, plan_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.steering import Steering
from services.matching.portfolio.verify import faults

SEED: Final = 0
BASE_TIMES: Final = 3
"""So many times as long may the plan without the money take: all others are measured by it."""
Found = dict[str, Any]


class Wrong(RuntimeError):
    """A plan that the independent check finds wrong."""


def results(job: Mapping[str, Any]) -> Iterator[Found]:
    """`{"done", "steps"}` as it goes on, then `{"result"}`, or `{"error": {"code", "detail"}}`."""
    try:
        yield from {"unlock": unlock, "steering": steering}[job["kind"]](job)
    except (InstanceError, Wrong) as error:
        yield {"error": {"code": "refused" if isinstance(error, InstanceError) else "wrong", "detail": str(error)}}


def unlock(job: Mapping[str, Any]) -> Iterator[Found]:
    """The best plan without the money, with it by each of the donor's windows, and with more of it by the best one.

    The money is a call of its own, under the rules of the window whose they are: it comes on top of what that window is
    reckoned to give anyway. Plans that are told are tidied as portfolios are: few grants, few open answers.
    """
    request, seconds = job["request"], job["seconds"]
    instance = instance_of(request)
    options = job["options"]
    steps = 1 + len(options) + (len(job["more"]) + 1 if options else 0)
    base = solve(instance, BASE_TIMES * seconds, SEED)
    done = 1
    yield {"done": done, "steps": steps}
    tried: list[Answer] = []
    for option in options:
        tried.append(_with(request, option, job["amount"], seconds, base.plan))
        base = _no_worse(instance, base, tried[-1])
        done += 1
        yield {"done": done, "steps": steps}
    best = max(range(len(tried)), key=lambda at: (tried[at].plan.value, -at), default=None)
    points: list[tuple[int, Answer]] = []
    if best is not None:
        points.append((job["amount"], tried[best]))
        for more in job["more"]:
            points.append(
                (job["amount"] + more,
                 _with(request, options[best], job["amount"] + more, seconds, points[-1][1].plan))
            )  # fmt: skip
            base = _no_worse(instance, base, points[-1][1])
            done += 1
            yield {"done": done, "steps": steps}
        if base.gap:
            base = _closer(base, solve(instance, seconds, SEED, start=base.plan))
        yield {"done": steps, "steps": steps}
    tried = [_at_least(answer, base) for answer in tried]
    told = [
        {"amount": amount,
         **_told(_request(request, options[best or 0], amount), _at_least(answer, base),
                 _effort(job, options[best or 0]), seconds)}
        for amount, answer in points
    ]  # fmt: skip
    values = [
        {"for": option["for"], "value": plain(answer.plan.value), "bound": plain(answer.bound)}
        for option, answer in zip(options, tried, strict=True)
    ]
    without = _told(request, base, _effort(job), seconds)
    yield {"result": {"base": without, "options": values, "best": best, "points": told}}


def _no_worse(instance: Instance, base: Answer, other: Answer) -> Answer:
    """The plan without the money; or, if that is better, what a plan with it does without using any of it.

    A search that was stopped in time may find by chance, on its second try, what no money was needed for: the money
    must not be praised for that.
    """
    money = len(instance.windows)
    paid = {p for p, w, _ in other.plan.grants if w == money}
    rest = plan_of(instance, [grant for grant in other.plan.grants if grant[0] not in paid])
    return replace(base, plan=rest, status=_status(rest, base.bound)) if rest.value > base.plan.value else base


def _closer(one: Answer, other: Answer) -> Answer:
    """The better plan of two searches for the same, and the lower bound."""
    plan = max(one.plan, other.plan, key=lambda plan: plan.value)
    bound = min(one.bound, other.bound)
    return replace(one, plan=plan, bound=bound, status=_status(plan, bound))


def _at_least(answer: Answer, base: Answer) -> Answer:
    """With more money one can do at least what one can do without it."""
    if answer.plan.value >= base.plan.value:
        return answer
    return replace(answer, plan=base.plan, bound=max(answer.bound, float(base.plan.value)), status="time_limit")


def _status(plan: Plan, bound: float) -> str:
    return "optimal" if bound <= float(plan.value) else "time_limit"


def _request(request: Mapping[str, Any], option: Mapping[str, Any], amount: int) -> dict[str, Any]:
    window = option["window"]
    most = amount if window["max_grant"] is None else min(amount, window["max_grant"])
    added = {**window, "budget": amount, "max_grant": most}
    return {
        **request, "windows": [*request["windows"], added],
        "eligible": [*request["eligible"], *([p, window["id"]] for p in option["eligible"])],
    }  # fmt: skip


def _with(
    request: Mapping[str, Any], option: Mapping[str, Any], amount: int, seconds: float, start: Plan
) -> Answer:  # fmt: skip
    return solve(instance_of(_request(request, option, amount)), seconds, SEED, start=start)


def _effort(job: Mapping[str, Any], option: Mapping[str, Any] | None = None) -> list[float]:
    """What a grant is in work, for each eligible pair of the request of today or, with an option, of `_request`."""
    return [*job["effort"], *(option["effort"] if option is not None else ())]


def _by_pair(request: Mapping[str, Any], instance: Instance, work: Sequence[float]) -> dict[tuple[int, int], float]:
    """The same by positions in the instance, which has an order of its own."""
    at = {one.id: number for number, one in enumerate(instance.proposals)}
    to = {one.id: number for number, one in enumerate(instance.windows)}
    return {(at[p], to[w]): one for (p, w), one in zip(request["eligible"], work, strict=True)}


def _told(request: Mapping[str, Any], answer: Answer, work: Sequence[float], seconds: float) -> Found:
    instance = instance_of(dict(request))
    plan = tidied(instance, answer.plan, _by_pair(request, instance, work), min(seconds, TIDY_SECONDS), SEED)
    answer = replace(answer, plan=plan)
    told = answer.as_json(instance)
    if wrong := faults(request, told):
        raise Wrong("; ".join(wrong)[:1000])
    return told | {"funded": [instance.proposals[p].id for p in sorted(answer.plan.funded)]}


def steering(job: Mapping[str, Any]) -> Iterator[Found]:
    """Every point of the trade-off, its grants tidied as those of portfolios are."""
    instance = instance_of(job["request"])
    effort = _by_pair(job["request"], instance, job["effort"])
    paying = frozenset(at for at, window in enumerate(instance.windows) if window.id in job["paying"])
    if not job["others"]:
        instance = replace(instance, eligible=tuple(pair for pair in instance.eligible if pair[1] in paying))
    species = [job["species"].get(proposal.id, []) for proposal in instance.proposals]
    asked = Steering(instance, species, job["preferred"], paying)
    steps = len(asked.others) + 1
    points: list[Found] = []
    for point in asked.curve(job["seconds"]):
        plan = tidied(
            instance, plan_of(instance, point.grants), effort, min(job["seconds"], TIDY_SECONDS), SEED, paying
        )  # fmt: skip
        _check(job["request"], instance, plan.grants, paying)
        points.append(
            {
                "funded": [instance.proposals[p].id for p in point.funded],
                "grants": [[instance.proposals[p].id, instance.windows[w].id, amount] for p, w, amount in plan.grants],
                "value": plain(point.value), "value_in_all": plain(point.value_in_all),
                "carried": list(point.carried), "proven": point.proven,
            }
        )  # fmt: skip
        yield {"done": len(point.carried) + 1, "steps": steps}
    yield {"result": {"points": points, "others": asked.others, "reach": len(asked.proposals)}}


def _check(
    request: Mapping[str, Any], instance: Instance, grants: tuple[Grant, ...], paying: frozenset[int]
) -> None:  # fmt: skip
    if strangers := {p for p, _, _ in grants} - {p for p, w, _ in grants if w in paying}:
        raise Wrong(
            "; ".join(f"{instance.proposals[p].id} has no grant of the donor" for p in sorted(strangers))[:1000]
        )
    told = [[instance.proposals[p].id, instance.windows[w].id, amount] for p, w, amount in grants]
    figures = {"value": 0, "bound": 0, "gap": 0, "greedy_value": 0, "status": "feasible"}
    wrong = [
        one for one in faults(request, {"grants": told, **figures}) if not one.startswith(("the value", "the bound"))
    ]
    if wrong:
        raise Wrong("; ".join(wrong)[:1000])


def main() -> None:
    """Read the job, tell what is found, and leave at once: the solver's library may still have threads at work."""
    job = json.loads(sys.stdin.buffer.readline())
    watch(lambda: os._exit(1))
    for found in results(job):
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
