"""A round: people work, faults happen, all comes to rest, and the checker looks. Many rounds make a report."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.checker import Checker
from tests.faults.engines import Engines
from tests.faults.findings import Findings
from tests.faults.mischief import EVERYWHERE, MORE_POINTS, ON_FILES, ON_SERVERS, POINT_SECONDS, Fault, Planted
from tests.faults.people import Team
from tests.faults.world import world_on


@dataclass
class Round:
    """What one round was, and what came of it."""

    engines: str
    seed: int
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    not_reached: Counter[str] = field(default_factory=Counter)
    """Places that were armed and not come to before the time was up."""
    forms_saved: int = 0
    forms_refused: int = 0
    proposals: int = 0
    unexpected_ends: int = 0
    """Processes that ended by themselves and were started again."""
    findings: Findings = field(default_factory=Findings)


def kinds(engines: str) -> Sequence[Fault]:
    """Every kind of fault for these engines."""
    return (*EVERYWHERE, *(ON_FILES if engines == "embedded" else ON_SERVERS))


def play(
    folder: Path, opened: AbstractContextManager[Engines], seed: int, *, most_seconds: float = 0.0,
    say: Callable[[str], None] = lambda _text: None,
) -> Round:  # fmt: skip
    """Play a round: every kind of fault once in an order that `seed` gives, then more until the time is up.

    Raises AssertionError when the world does not come to rest.
    """
    chance = random.Random(seed)
    started = time.monotonic()
    with opened as engines, world_on(folder, engines) as world:
        told = Round(engines.name, seed)
        team, planted = Team(world, chance.getrandbits(32)), Planted()
        team.begin()
        try:
            for fault in _schedule(engines.name, chance, started + most_seconds):
                begun = time.monotonic()
                came = fault.do(world, chance, planted)
                told.faults[fault.kind] += came
                say(f"  {time.monotonic() - started:6.1f} s  {fault.kind} ({time.monotonic() - begun:.1f} s)")
                if team.failures:
                    break
                world.pause(chance.random())
            for name in world.parts:
                world.disarm(name, POINT_SECONDS)
            told.faults += Counter({f"{name} ends at {point}": n for (name, point), n in world.reached.items()})
            told.not_reached = Counter({f"{name} at {point}": n for (name, point), n in world.not_reached.items()})
        finally:
            try:
                team.finish()
            except BaseException as error:
                error.add_note(world.said())
                raise
        checker = Checker(world, team.saved, planted)
        checker.rest()
        told.findings = checker.check()
        told.forms_saved, told.forms_refused = team.saved.forms, team.saved.refused
        told.proposals = len(team.saved.cofinancing)
        told.unexpected_ends = sum(len(part.ends) for part in world.parts.values())
        if not told.findings.clean:
            say(world.said())
    told.seconds = time.monotonic() - started
    return told


def _schedule(engines: str, chance: random.Random, until: float) -> Sequence[Fault]:
    return _Endless(engines, chance, until)  # type: ignore[return-value]


class _Endless:
    """Every kind once, shuffled; then any, until the time is up."""

    def __init__(self, engines: str, chance: random.Random, until: float) -> None:
        self._first = list(kinds(engines))
        chance.shuffle(self._first)
        self._all = [*self._first, *MORE_POINTS]
        self._chance, self._until = chance, until

    def __iter__(self) -> Any:
        yield from self._first
        while time.monotonic() < self._until:
            yield self._chance.choice(self._all)


def report(rounds: Sequence[Round]) -> dict[str, Any]:
    """The report as data."""
    faults = sum((one.faults for one in rounds), Counter())
    checked = sum((one.findings.checked for one in rounds), Counter())
    return {
        "runs": len(rounds), "faults": sum(faults.values()), "faults_by_kind": dict(sorted(faults.items())),
        "losses": sum(len(one.findings.losses) for one in rounds),
        "duplicates": sum(len(one.findings.duplicates) for one in rounds),
        "differences": sum(len(one.findings.differences) for one in rounds),
        "forms_saved": sum(one.forms_saved for one in rounds),
        "proposals": sum(one.proposals for one in rounds),
        "repeats_dropped": sum(one.findings.repeats_dropped for one in rounds),
        "checked": dict(sorted(checked.items())), "rounds": [_plain(one) for one in rounds],
    }  # fmt: skip


def _plain(one: Round) -> dict[str, Any]:
    return {**vars(one), "findings": vars(one.findings), "seconds": round(one.seconds, 1)}


def write(rounds: Sequence[Round], path: Path) -> dict[str, Any]:
    """Write the report to `path` as JSON, and answer it."""
    told = report(rounds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    return told


def table(told: dict[str, Any]) -> str:
    """The report for people."""
    rows = [(kind, str(count)) for kind, count in told["faults_by_kind"].items()]
    rows += [("", ""), ("Faults in all", str(told["faults"])), ("Runs", str(told["runs"]))]
    rows += [("Forms that were answered with “saved”", str(told["forms_saved"]))]
    rows += [("Proposals submitted", str(told["proposals"]))]
    rows += [("Things checked", str(sum(told["checked"].values())))]
    rows += [("Messages that came twice and were dropped", str(told["repeats_dropped"]))]
    rows += [("Losses", str(told["losses"])), ("Duplicates", str(told["duplicates"]))]
    rows += [("Copies or sums that differ", str(told["differences"]))]
    width = max(len(kind) for kind, _count in rows)
    return "\n".join(f"{kind:<{width}}  {count:>7}".rstrip() for kind, count in rows)
