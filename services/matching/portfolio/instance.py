"""An instance: what could be paid for, by whom, and what it is worth. Read from JSON and checked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

Id = str | int
"""What the file calls a thing; given back as it came."""
MOST_MONEY: Final = 10**12
"""US dollars: more than this in one amount is a slip."""
MOST_NUMBER: Final = 10**9
MOST_DECIMALS: Final = 30
MOST_GRANTS_EACH: Final = 1000


class InstanceError(ValueError):
    """The instance cannot be read or contradicts itself; the message names the place, such as `windows[3].budget`."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something worth doing. `weight` is what the first funded proposal that addresses it counts."""

    id: Id
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Proposal:
    """Money is whole US dollars; `actions` are positions in the instance's actions."""

    id: Id
    cost: int
    confirmed: int
    actions: tuple[int, ...]

    @property
    def need(self) -> int:
        """Dollars that grants must bring; 0 when what is confirmed covers the cost."""
        return max(0, self.cost - self.confirmed)


@dataclass(frozen=True, slots=True)
class Window:
    """`ratio` is the co-financing that a dollar of grant calls for."""

    id: Id
    budget: int
    min_grant: int
    max_grant: int
    ratio: Fraction


@dataclass(frozen=True, slots=True)
class Instance:
    """Eligible pairs are positions (proposal, window), sorted."""

    actions: tuple[Action, ...]
    proposals: tuple[Proposal, ...]
    windows: tuple[Window, ...]
    eligible: tuple[tuple[int, int], ...]
    max_windows: int


def read_instance(text: str | bytes) -> Instance:
    """The instance in a JSON text.

    Raises:
        InstanceError: it is no JSON, a key is missing, a value is of the wrong kind or out of range, an identifier is
            unknown or there twice, or a window's smallest grant is larger than its largest.
    """
    return instance_of(read_json(text))


def read_json(text: str | bytes) -> Any:
    """What a JSON text says, decimals as they are written. Raises InstanceError when it is no JSON."""
    try:
        # NaN and Infinity are no JSON, yet some programs write them. They are read, so that the field that holds one
        # can be named: none takes them.
        return json.loads(text, parse_float=Decimal, parse_constant=float)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise InstanceError(f"this is not JSON: {error}") from error


def instance_of(data: Any) -> Instance:
    """The instance in JSON's own objects. Raises InstanceError, see `read_instance`."""
    if not isinstance(data, dict):
        raise InstanceError(f"the instance must be an object, not {_kind(data)}")
    actions = tuple(_each(data, "actions", _action))
    of_action = positions("actions", actions)
    proposals = tuple(_each(data, "proposals", lambda row, at: _proposal(row, at, of_action)))
    windows = tuple(_each(data, "windows", _window))
    eligible = _eligible(data, positions("proposals", proposals), positions("windows", windows))
    most = _whole(data, "", "max_windows_per_proposal", MOST_GRANTS_EACH)
    return Instance(actions, proposals, windows, eligible, most)


def _action(row: Mapping[str, Any], at: str) -> Action:
    return Action(_id(_get(row, at, "id"), f"{at}.id"), _number(row, at, "weight"))


def _proposal(row: Mapping[str, Any], at: str, known: Mapping[Id, int]) -> Proposal:
    cost, confirmed = _whole(row, at, "cost"), _whole(row, at, "confirmed_cofinancing")
    addressed: list[int] = []
    for number, value in enumerate(_list(row, at, "actions")):
        place = f"{at}.actions[{number}]"
        position = position_of(value, place, known, "action")
        if position in addressed:
            raise InstanceError(f"{place}: action {show(value)} is there twice")
        addressed.append(position)
    return Proposal(_id(_get(row, at, "id"), f"{at}.id"), cost, confirmed, tuple(addressed))


def _window(row: Mapping[str, Any], at: str) -> Window:
    smallest, largest = _whole(row, at, "min_grant"), _whole(row, at, "max_grant")
    if smallest > largest:
        raise InstanceError(f"{at}.min_grant: {smallest} is more than max_grant, {largest}: no grant could be right")
    identifier, budget = _id(_get(row, at, "id"), f"{at}.id"), _whole(row, at, "budget")
    return Window(identifier, budget, smallest, largest, _number(row, at, "cofinancing_ratio"))


def _eligible(
    data: Mapping[str, Any], proposals: Mapping[Id, int], windows: Mapping[Id, int]
) -> tuple[tuple[int, int], ...]:
    found: set[tuple[int, int]] = set()
    for number, row in enumerate(_list(data, "", "eligible")):
        at = f"eligible[{number}]"
        if not isinstance(row, list) or len(row) != 2:
            raise InstanceError(f"{at}: must be a pair [proposal, window], not {show(row)}")
        pair = (
            position_of(row[0], f"{at}[0]", proposals, "proposal"),
            position_of(row[1], f"{at}[1]", windows, "window"),
        )
        if pair in found:
            raise InstanceError(f"{at}: the pair {show(row[0])}, {show(row[1])} is there twice")
        found.add(pair)
    return tuple(sorted(found))


def _each(data: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any], str], Any]) -> list[Any]:
    found = []
    for number, row in enumerate(_list(data, "", key)):
        at = f"{key}[{number}]"
        if not isinstance(row, dict):
            raise InstanceError(f"{at}: must be an object, not {_kind(row)}")
        found.append(read(row, at))
    return found


def positions(key: str, things: Sequence[Any]) -> dict[Id, int]:
    """Where each identifier is in this list. Raises InstanceError when one is there twice."""
    found: dict[Id, int] = {}
    for number, thing in enumerate(things):
        if thing.id in found:
            raise InstanceError(f"{key}[{number}].id: {show(thing.id)} is already the id of {key}[{found[thing.id]}]")
        found[thing.id] = number
    return found


def _get(row: Mapping[str, Any], at: str, key: str) -> Any:
    if key not in row:
        raise InstanceError(f"{_place(at, key)}: is missing")
    return row[key]


def _list(row: Mapping[str, Any], at: str, key: str) -> list[Any]:
    value = _get(row, at, key)
    if not isinstance(value, list):
        raise InstanceError(f"{_place(at, key)}: must be a list, not {_kind(value)}")
    return value


def _id(value: Any, place: str) -> Id:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise InstanceError(f"{place}: must be a text or a whole number, not {show(value)}")
    return value


def position_of(value: Any, place: str, known: Mapping[Id, int], what: str) -> int:
    """Where the thing with this identifier is. Raises InstanceError when there is none."""
    position = known.get(_id(value, place))
    if position is None:
        raise InstanceError(f"{place}: there is no {what} {show(value)}")
    return position


def _whole(row: Mapping[str, Any], at: str, key: str, most: int = MOST_MONEY) -> int:
    value, place = _get(row, at, key), _place(at, key)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InstanceError(f"{place}: must be a whole number, not {show(value)}")
    if not 0 <= value <= most:
        raise InstanceError(f"{place}: {show(value)} is not between 0 and {most}")
    if value != int(value):
        raise InstanceError(f"{place}: must be a whole number, not {show(value)}")
    return int(value)


def _number(row: Mapping[str, Any], at: str, key: str) -> Fraction:
    value, place = _get(row, at, key), _place(at, key)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InstanceError(f"{place}: must be a number, not {show(value)}")
    if not 0 <= value <= MOST_NUMBER:
        raise InstanceError(f"{place}: {show(value)} is not between 0 and {MOST_NUMBER}")
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DECIMALS:
        raise InstanceError(f"{place}: has more than {MOST_DECIMALS} decimals")
    return Fraction(exact)


def _place(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "yes or no", type(None): "nothing"}
    return kinds.get(type(value), "a number")


def show(value: Any) -> str:
    """A value as a message shows it: short."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
