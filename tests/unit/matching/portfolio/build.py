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


@st.composite
def wished_instances(draw: st.DrawFn) -> Json:
    """Small instances with wishes, which may contradict each other or ask for more than there is money for."""
    data = draw(small_instances())
    names = [row["id"] for row in data["proposals"]]
    if not names:
        return data
    some = st.lists(st.sampled_from(names), unique=True, max_size=2)
    group = st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=3)
    return {
        **data, "must_fund": draw(some), "must_not_fund": draw(some),
        "at_least_one_of": draw(st.lists(group, max_size=2)),
    }  # fmt: skip


def best_value(data: Json) -> Fraction:
    """The value of the best plan of an instance without wishes."""
    best = best_wished(data)
    assert best is not None
    return best


def best_wished(data: Json) -> Fraction | None:
    """The value of the best plan that keeps the wishes; None when there is none.

    Each way to fund each proposal in whole dollars is tried.
    """
    proposals, windows = data["proposals"], data["windows"]
    ways = [list(_ways(data, row)) for row in proposals]
    must, must_not = data.get("must_fund", []), data.get("must_not_fund", [])
    groups = frozenset(frozenset(group) for group in data.get("at_least_one_of", []))

    @cache
    def best(
        at: int, left: tuple[int, ...], counts: tuple[int, ...], missing: frozenset[frozenset[str]]
    ) -> Fraction | None:
        if at == len(proposals):
            return (
                None
                if missing
                else sum(
                    (_worth(row["weight"], count) for row, count in zip(data["actions"], counts, strict=True)), _NONE
                )
            )
        name = proposals[at]["id"]
        found = None if name in must else best(at + 1, left, counts, missing)
        if name in must_not:
            return found
        more = tuple(
            min(3, count + (row["id"] in proposals[at]["actions"]))
            for row, count in zip(data["actions"], counts, strict=True)
        )
        for way in ways[at]:
            after = tuple(have - given for have, given in zip(left, way, strict=True))
            if min(after, default=0) >= 0:
                value = best(at + 1, after, more, frozenset(group for group in missing if name not in group))
                found = value if found is None or (value is not None and value > found) else found
        return found

    return best(0, tuple(row["budget"] for row in windows), (0,) * len(data["actions"]), groups)


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
