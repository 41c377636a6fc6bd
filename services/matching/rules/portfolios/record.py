"""A plan's instance and what its numbers stand for, as JSON: what a plan was made from is kept with it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from services.matching.portfolio.instance import instance_of
from services.matching.rules.portfolios.values import Basis, Candidate, LeftOut, Live, Payer, Topic

_PARTS: Final[dict[str, TypeAdapter[Any]]] = {
    "proposals": TypeAdapter(tuple[Candidate, ...]),
    "windows": TypeAdapter(tuple[Payer, ...]),
    "actions": TypeAdapter(tuple[Topic, ...]),
    "awarded": TypeAdapter(tuple[int, ...]),
    "left_out": TypeAdapter(tuple[LeftOut, ...]),
    "must": TypeAdapter(frozenset[int]),
    "must_not": TypeAdapter(frozenset[int]),
    "at_least_one": TypeAdapter(tuple[frozenset[int], ...]),
}
_PAIRS: Final[TypeAdapter[list[tuple[int, int, Basis, tuple[str, ...]]]]] = TypeAdapter(
    list[tuple[int, int, Basis, tuple[str, ...]]]
)
_PLAIN: Final = ("set_aside", "rates_day")


def request_of(live: Live) -> dict[str, Any]:
    """The instance with the wishes, as `cami match optimise` reads it."""
    instance = live.instance
    ids = [one.id for one in instance.proposals]
    request: dict[str, Any] = {
        "actions": [{"id": one.id, "weight": _number(one.weight)} for one in instance.actions],
        "proposals": [
            {"id": one.id, "cost": one.cost, "confirmed_cofinancing": one.confirmed,
             "actions": [instance.actions[action].id for action in one.actions]}
            for one in instance.proposals
        ],
        "windows": [
            {"id": one.id, "budget": one.budget, "min_grant": one.min_grant, "max_grant": one.max_grant,
             "cofinancing_ratio": _number(one.ratio)}
            for one in instance.windows
        ],
        "eligible": [[ids[p], instance.windows[w].id] for p, w in instance.eligible],
        "max_windows_per_proposal": instance.max_windows,
    }  # fmt: skip
    if live.must:
        request["must_fund"] = [ids[p] for p in sorted(live.must)]
    if live.must_not:
        request["must_not_fund"] = [ids[p] for p in sorted(live.must_not)]
    if live.at_least_one:
        request["at_least_one_of"] = [[ids[p] for p in sorted(group)] for group in live.at_least_one]
    return request


def digest_of(request: Mapping[str, Any]) -> str:
    """SHA-256 of a request: two of the same digest have the same best plans."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def record_of(live: Live) -> dict[str, Any]:
    """What every number in the request stands for."""
    record = {name: parts.dump_python(getattr(live, name), mode="json") for name, parts in _PARTS.items()}
    record |= {name: getattr(live, name) for name in _PLAIN}
    record["pairs"] = [[p, w, basis, list(unknown)] for (p, w), (basis, unknown) in live.pairs.items()]
    record["out_of_reach"] = {name: list(codes) for name, codes in live.out_of_reach.items()}
    record["own_money"] = live.own_money
    record["missing"] = sorted(str(key) for key in live.missing)
    return record


def live_from(request: Mapping[str, Any], record: Mapping[str, Any]) -> Live:
    """Read back what `request_of` and `record_of` gave."""
    parts = {name: adapter.validate_python(record[name]) for name, adapter in _PARTS.items()}
    known = {one.name for one in fields(Live)}
    parts |= {name: record[name] for name in _PLAIN if name in known}
    pairs = {(p, w): (basis, unknown) for p, w, basis, unknown in _PAIRS.validate_python(record["pairs"])}
    reach = {name: tuple(codes) for name, codes in record["out_of_reach"].items()}
    missing = frozenset(UUID(key) for key in record.get("missing", ()))
    own_money = record.get("own_money", 0)
    return Live(
        instance=instance_of(dict(request)), pairs=pairs, out_of_reach=reach, missing=missing, own_money=own_money,
        **parts,
    )  # fmt: skip


def _number(value: Any) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
