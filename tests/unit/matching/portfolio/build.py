"""Small instances for the tests, and what the best plan is worth by trying every whole dollar."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]


def action(identifier: str = "a", weight: float = 4) -> Json:
    return {"id": identifier, "weight": weight}


def proposal(identifier: str = "p", cost: int = 100, confirmed: int = 0, actions: tuple[str, ...] = ("a",)) -> Json:
    return {"id": identifier, "cost": cost, "confirmed_cofinancing": confirmed, "actions": list(actions)}


def window(identifier: str = "w", budget: int = 100, least: int = 0, most: int = 100, ratio: float = 0) -> Json:
    return {"id": identifier, "budget": budget, "min_grant": least, "max_grant": most, "cofinancing_ratio": ratio}


def instance(
    actions: list[Json] | None = None, proposals: list[Json] | None = None, windows: list[Json] | None = None,
    eligible: list[list[str]] | None = None, most: int = 3,
) -> Json:  # fmt: skip
    """An instance; every pair is eligible unless `eligible` says which are."""
    proposals = [proposal()] if proposals is None else proposals
    windows = [window()] if windows is None else windows
    every = [[p["id"], w["id"]] for p in proposals for w in windows]
    return {
        "actions": [action()] if actions is None else actions, "proposals": proposals, "windows": windows,
        "eligible": every if eligible is None else eligible, "max_windows_per_proposal": most,
    }  # fmt: skip


@st.composite
def small_instances(draw: st.DrawFn) -> Json:
    """Up to five proposals, three windows and four actions, with little money."""
    weights = draw(st.lists(st.sampled_from([0, 1, 2, 3, 8, 0.5, 2.7]), max_size=4))
    actions = [action(f"a{n}", weight) for n, weight in enumerate(weights)]
    names = [row["id"] for row in actions]
    proposals = []
    for n in range(draw(st.integers(0, 5))):
        cost = draw(st.integers(0, 12))
        addressed = draw(st.sets(st.sampled_from(names))) if names else set()
        proposals.append(proposal(f"p{n}", cost, draw(st.sampled_from([0, 0, 0, 1, 4, 12])), tuple(sorted(addressed))))
    windows = []
    for n in range(draw(st.integers(0, 3))):
        least = draw(st.integers(0, 4))
        most, ratio = least + draw(st.integers(0, 8)), draw(st.sampled_from([0, 0, 0.1, 0.5, 1, 2]))
        windows.append(window(f"w{n}", draw(st.integers(0, 14)), least, most, ratio))
    every = [[p["id"], w["id"]] for p in proposals for w in windows]
    eligible = [pair for pair in every if draw(st.integers(0, 3))]
    return instance(actions, proposals, windows, eligible, draw(st.sampled_from([0, 1, 2, 3, 3])))


def best_value(data: Json) -> Fraction:
    """The value of the best plan: each way to fund each proposal in whole dollars is tried."""
    proposals, windows = data["proposals"], data["windows"]
    ways = [list(_ways(data, row)) for row in proposals]

    @cache
    def best(at: int, left: tuple[int, ...], counts: tuple[int, ...]) -> Fraction:
        if at == len(proposals):
            return sum(
                (_worth(row["weight"], count) for row, count in zip(data["actions"], counts, strict=True)), _NONE
            )
        found = best(at + 1, left, counts)
        more = tuple(
            min(3, count + (row["id"] in proposals[at]["actions"]))
            for row, count in zip(data["actions"], counts, strict=True)
        )
        for way in ways[at]:
            after = tuple(have - given for have, given in zip(left, way, strict=True))
            if min(after, default=0) >= 0:
                found = max(found, best(at + 1, after, more))
        return found

    return best(0, tuple(row["budget"] for row in windows), (0,) * len(data["actions"]))


_NONE = Fraction(0)


def _worth(weight: float, count: int) -> Fraction:
    return sum((Fraction(str(weight)) / 2**turn for turn in range(count)), _NONE)


def _ways(data: Json, row: Json) -> Iterator[tuple[int, ...]]:
    """The amounts from every window that fund the proposal."""
    need = max(0, row["cost"] - row["confirmed_cofinancing"])

    def amounts(at: int, rest: int, used: int) -> Iterator[tuple[int, ...]]:
        if at == len(data["windows"]):
            if rest == 0:
                yield ()
            return
        for tail in amounts(at + 1, rest, used):
            yield (0, *tail)
        one = data["windows"][at]
        if [row["id"], one["id"]] not in data["eligible"] or used == data["max_windows_per_proposal"]:
            return
        for amount in range(max(1, one["min_grant"]), min(one["max_grant"], rest) + 1):
            if amount * (1 + Fraction(str(one["cofinancing_ratio"]))) <= row["cost"]:
                for tail in amounts(at + 1, rest - amount, used + 1):
                    yield (amount, *tail)

    yield from amounts(0, need, 0)
