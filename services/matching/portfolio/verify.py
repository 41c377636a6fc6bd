"""An independent check of an answer: it shares no code with the solver and reads the plain JSON objects."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

TOLERANCE: Final = 1e-4
"""The largest gap of an optimum whose value is in steps too small for floating point; otherwise the gap is 0."""


def faults(instance: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Every rule that the answer breaks, in words; nothing when it is right.

    Both are what the JSON says: an instance that was read without fault, and what `cami match optimise` printed. A
    proposal that must not be funded counts nothing, even if it needs no grant.
    """
    found: list[str] = []
    proposals = {row["id"]: row for row in instance["proposals"]}
    windows = {row["id"]: row for row in instance["windows"]}
    allowed = {(p, w) for p, w in instance["eligible"]}
    received: dict[Any, list[int]] = {name: [] for name in proposals}
    spent: dict[Any, int] = dict.fromkeys(windows, 0)
    seen: set[tuple[Any, Any]] = set()
    for p, w, amount in answer["grants"]:
        if p not in proposals or w not in windows:
            found.append(f"a grant names {p} and {w}, and one of them does not exist")
            continue
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            found.append(f"the grant from {w} to {p} is {amount}: no whole dollars")
            continue
        found += _grant_faults(proposals[p], windows[w], amount)
        if (p, w) not in allowed:
            found.append(f"{p} is not eligible for {w}")
        if (p, w) in seen:
            found.append(f"{w} gives to {p} twice")
        seen.add((p, w))
        received[p].append(amount)
        spent[w] += amount
    for name, window in windows.items():
        if spent[name] > window["budget"]:
            found.append(f"{name} spends {spent[name]} of {window['budget']}")
    funded = []
    for name, proposal in proposals.items():
        short = max(0, proposal["cost"] - proposal["confirmed_cofinancing"])
        if received[name] and sum(received[name]) != short:
            found.append(f"{name} needs {short} and receives {sum(received[name])}")
        if len(received[name]) > instance["max_windows_per_proposal"]:
            found.append(f"{name} has {len(received[name])} grants")
        if received[name] or (short == 0 and name not in instance.get("must_not_fund", ())):
            funded.append(proposal)
    found += _wish_faults(instance, {proposal["id"] for proposal in funded})
    return found + _figure_faults(answer, _value(instance["actions"], funded))


def _grant_faults(proposal: Mapping[str, Any], window: Mapping[str, Any], amount: int) -> list[str]:
    found = []
    pair = f"the grant from {window['id']} to {proposal['id']}"
    if amount < window["min_grant"]:
        found.append(f"{pair} is {amount}, less than {window['min_grant']}")
    if amount > window["max_grant"]:
        found.append(f"{pair} is {amount}, more than {window['max_grant']}")
    if amount * (1 + _exact(window["cofinancing_ratio"])) > proposal["cost"]:
        found.append(f"{pair} is {amount}: too little co-financing in {proposal['cost']}")
    return found


def _wish_faults(instance: Mapping[str, Any], funded: set[Any]) -> list[str]:
    found = [f"{name} must be funded and is not" for name in instance.get("must_fund", ()) if name not in funded]
    found += [f"{name} must not be funded and is" for name in instance.get("must_not_fund", ()) if name in funded]
    for group in instance.get("at_least_one_of", ()):
        if funded.isdisjoint(group):
            found.append(f"none of {', '.join(map(str, group))} is funded")
    return found


def _value(actions: Sequence[Mapping[str, Any]], funded: Sequence[Mapping[str, Any]]) -> Fraction:
    total = Fraction(0)
    for action in actions:
        times = sum(action["id"] in proposal["actions"] for proposal in funded)
        for factor in (Fraction(1), Fraction(1, 2), Fraction(1, 4))[:times]:
            total += _exact(action["weight"]) * factor
    return total


def _figure_faults(answer: Mapping[str, Any], value: Fraction) -> list[str]:
    found = []
    near = 1e-9 * max(1.0, float(value))
    if abs(answer["value"] - value) > near:
        found.append(f"the value is {float(value)}, not {answer['value']}")
    if answer["bound"] < value - Fraction(near):
        found.append(f"the bound {answer['bound']} is below the value {float(value)}")
    greedy = answer["greedy_value"]
    if greedy is not None and greedy > answer["value"] + near:
        found.append(f"greedy is worth {greedy}, more than {answer['value']}")
    bound = answer["bound"]
    if abs(answer["gap"] - (max(0.0, (bound - answer["value"]) / bound) if bound else 0.0)) > 1e-9:
        found.append(f"the gap {answer['gap']} is not that of {answer['value']} and {bound}")
    if answer["status"] == "optimal" and answer["gap"] > TOLERANCE:
        found.append(f"the status is optimal, the gap {answer['gap']}")
    return found


def _exact(value: int | float | Decimal) -> Fraction:
    """The decimal number as it is written: 0.1 is one tenth."""
    return Fraction(str(value))
