"""The process that computes one plan: `python -m services.matching.planning.process`.

It reads one line of JSON from standard input and writes lines of JSON to standard output, each with one key that says
what it is. It ends as soon as its standard input is closed: when whoever started it is gone, nobody waits for the plan.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from services.matching.planning.margins import margins
from services.matching.planning.tidy import tidied
from services.matching.portfolio.greedy import build, dollars
from services.matching.portfolio.instance import Instance, InstanceError, instance_of
from services.matching.portfolio.plan import Answer, Plan, plain, plan_of
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.wishes import Unattainable, wishes_of

TIDY_SECONDS: Final = 4.0
"""For splitting the money into few grants, once the proposals are chosen."""
REFERENCE_SECONDS: Final = 10.0
"""For the best that today's pursuits could become; far fewer pairs than the plan's."""


def results(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is found out about the job, one thing at a time.

    The job holds `request` (see `read_request`), `pursued` (pairs of positions), `effort` (what a grant is in work, for
    each eligible pair in order), `time_limit` (seconds), `seed` and `margin_seconds` (for all of the margins together).
    The plan comes last but for the margins, so that everything that it is measured by is there with it.
    """
    request = job["request"]
    try:
        instance = instance_of(request)
        wishes = wishes_of(request, instance)
    except InstanceError as error:
        yield {"error": {"code": "refused", "detail": str(error)}}
        return
    effort = dict(zip(instance.eligible, job["effort"], strict=True))
    greedy = _greedy(instance)
    pursuits = _of_pursuits(instance, [(p, w) for p, w in job["pursued"]], job["time_limit"], job["seed"])
    try:
        answer = solve(instance, job["time_limit"], job["seed"], wishes)
    except Unattainable as error:
        yield {"error": {"code": error.status, "detail": str(error)}}
        return
    plan = tidied(instance, answer.plan, effort, min(job["time_limit"], TIDY_SECONDS), job["seed"])
    answer = replace(answer, plan=plan)
    yield {
        "plan": {
            "answer": answer.as_json(instance) | {"funded": _ids(instance, answer.plan)},
            "others": {
                "greedy": _told(instance, greedy),
                "pursuits": _told(instance, pursuits.plan) | {"bound": plain(pursuits.bound)},
            },
        }
    }
    for found in margins(instance, wishes, answer, job["margin_seconds"], job["time_limit"], job["seed"]):
        yield {"margin": found}
    yield {"end": True}


def _greedy(instance: Instance) -> Plan:
    """What a ranking by value for the dollar would fund. It knows nothing of wishes."""
    problem = problem_of(instance)
    return plan_of(instance, build(problem, dollars(problem)))


def _of_pursuits(instance: Instance, pairs: Sequence[tuple[int, int]], time_limit: float, seed: int) -> Answer:
    """The best plan on the pairs that are pursued now: what today's pursuits could become, if all went well."""
    return solve(replace(instance, eligible=tuple(pairs)), min(time_limit, REFERENCE_SECONDS), seed)


def _told(instance: Instance, plan: Plan) -> dict[str, Any]:
    return {
        "grants": [[instance.proposals[p].id, instance.windows[w].id, amount] for p, w, amount in plan.grants],
        "funded": _ids(instance, plan), "value": plain(plan.value),
    }  # fmt: skip


def _ids(instance: Instance, plan: Plan) -> list[Any]:
    return [instance.proposals[p].id for p in sorted(plan.funded)]


def watch(ended: Callable[[], None]) -> None:
    """Call `ended` when standard input is closed."""

    def wait() -> None:
        while sys.stdin.buffer.read(1):
            pass
        ended()

    threading.Thread(target=wait, name="watch", daemon=True).start()


def main() -> None:
    """Read the job, tell what is found, and leave at once: the solver's library may still have threads at work."""
    job = json.loads(sys.stdin.buffer.readline())
    watch(lambda: os._exit(1))
    started = time.monotonic()
    for found in results(job):
        sys.stdout.write(json.dumps(found | {"seconds": round(time.monotonic() - started, 3)}) + "\n")
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
