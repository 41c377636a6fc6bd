"""`cami match ...`: portfolios from a file, with the proof of how good they are."""

import json
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

if TYPE_CHECKING:
    from services.matching.portfolio.instance import Instance
    from services.matching.portfolio.plan import Answer

app = typer.Typer(
    help="Portfolios: which proposals to fund, and from which windows.", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,
)  # fmt: skip

REFUSED: Final = 2
"""Exit code when an instance is not taken."""
NO_PLAN: Final = 3
"""Exit code when no plan keeps the wishes, or none was found in time."""
LARGEST: Final = 256_000_000
"""Bytes of the largest instance that is read."""
RESERVED: Final = 0.1
"""Seconds kept for what comes after the search: the proof's end, and printing."""
LONGEST: Final = 86_400.0
THREAD: Final = "portfolio-prover"


@app.callback()
def _match() -> None:
    """Keep `optimise` a command of its own, with others to come beside it."""


@app.command()
def optimise(
    file: Annotated[str, typer.Argument(metavar="INSTANCE", help="The instance as JSON, or - for standard input.")],
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0.0, max=LONGEST, help="Seconds; the best plan until then is given.")
    ] = 30.0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same plan.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Choose proposals and grants that are worth most within the windows' rules and budgets.

    An instance that cannot be read or contradicts itself is refused with the place of the fault, and exit code 2;
    wishes that no plan keeps (must_fund, must_not_fund, at_least_one_of) are told, with exit code 3.
    """
    started = time.monotonic()
    # The solver and its libraries are only loaded when they are needed: `cami --help` stays quick.
    from services.matching.portfolio.instance import InstanceError
    from services.matching.portfolio.wishes import Unattainable, read_request

    text = _text(file)
    try:
        instance, wishes = read_request(text)
    except InstanceError as error:
        _refuse(str(error))
    from services.matching.portfolio.solve import solve

    try:
        # Reading the instance and loading the solver count: the limit is that of the command.
        before = time.monotonic() - started
        answer = solve(instance, max(0.0, time_limit - before - min(RESERVED, time_limit / 20)), seed, wishes)
    except Unattainable as error:
        if as_json:
            typer.echo(json.dumps({"grants": None, "status": error.status, "message": str(error)}, ensure_ascii=False))
        typer.secho(f"cami: {error}", fg="red", err=True)
        raise typer.Exit(NO_PLAN) from error
    answer = replace(answer, seconds=time.monotonic() - started)
    typer.echo(json.dumps(answer.as_json(instance), ensure_ascii=False) if as_json else _summary(instance, answer))
    _leave()


def _summary(instance: "Instance", answer: "Answer") -> str:
    plan = answer.plan
    greedy = "greedy finds none" if answer.greedy_value is None else f"greedy {float(answer.greedy_value):g}"
    money = sum(amount for _, _, amount in plan.grants)
    lines = [
        f"{len(plan.funded)} of {len(instance.proposals)} proposals, {len(plan.grants)} grants, ${money:,}",
        f"value {float(plan.value):g} ({greedy}), at most {answer.bound:g}",
        f"{answer.status}, gap {answer.gap:.2%}, {answer.seconds:.1f} s",
    ]
    lines += [f"{instance.proposals[p].id}\t{instance.windows[w].id}\t{amount}" for p, w, amount in plan.grants]
    return "\n".join(lines)


def _leave() -> None:
    """End at once when the proof has not noticed yet that it may stop: its library does not bear a normal exit then."""
    if any(thread.name == THREAD for thread in threading.enumerate()):
        sys.stdout.flush()
        os._exit(0)


def _text(file: str) -> bytes:
    try:
        if file == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST + 1)
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror}")
    if len(content) > LARGEST:
        _refuse(f"{file} is larger than {LARGEST // 1_000_000} MB")
    return content


def _refuse(reason: str) -> NoReturn:
    typer.secho(f"cami: {reason}", fg="red", err=True)
    raise typer.Exit(REFUSED)
