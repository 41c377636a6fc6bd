"""What a person asks of a plan beside its worth: proposals that must be in it, must not, or one of several."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.matching.portfolio.instance import (
    Id,
    Instance,
    InstanceError,
    Proposal,
    instance_of,
    position_of,
    positions,
    read_json,
    show,
)  # fmt: skip


class Unattainable(ValueError):
    """No plan keeps the wishes, or none was found in time; the message says which wishes stand against each other.

    `proven` says whether it is certain that there is no such plan.
    """

    def __init__(self, message: str, *, proven: bool = True) -> None:
        super().__init__(message)
        self.proven = proven

    @property
    def status(self) -> str:
        """`unattainable` when it is proven that no plan keeps the wishes, `unattained` when none was found in time."""
        return "unattainable" if self.proven else "unattained"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Positions in the instance's proposals. A proposal that needs no grant is funded unless it must not be."""

    must: frozenset[int] = frozenset()
    must_not: frozenset[int] = frozenset()
    at_least_one: tuple[frozenset[int], ...] = ()

    def kept_by(self, funded: Collection[int]) -> bool:
        """Whether a plan that funds these proposals keeps every wish."""
        return (
            self.must.issubset(funded)
            and self.must_not.isdisjoint(funded)
            and all(not group.isdisjoint(funded) for group in self.at_least_one)
        )

    def __bool__(self) -> bool:
        return bool(self.must or self.must_not or self.at_least_one)


@dataclass(frozen=True, slots=True)
class Asked:
    """An instance in which what must not be funded cannot be, and what remains to be seen to.

    `must` and `groups` are positions of proposals that need grants; no group has a member of `must`.
    """

    instance: Instance
    must: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()


def read_request(text: str | bytes) -> tuple[Instance, Wishes]:
    """The instance in a JSON text, and the wishes beside it. Raises InstanceError, see `read_instance`."""
    data = read_json(text)
    instance = instance_of(data)
    return instance, wishes_of(data, instance)


def wishes_of(data: Mapping[str, Any], instance: Instance) -> Wishes:
    """The optional `must_fund`, `must_not_fund` (lists of proposals) and `at_least_one_of` (a list of such lists).

    Raises:
        InstanceError: one of them is no list, names an unknown proposal or one twice, or a list in `at_least_one_of`
            is empty.
    """
    known = positions("proposals", instance.proposals)
    groups = []
    for number, value in enumerate(_list(data.get("at_least_one_of", []), "at_least_one_of")):
        group = _named(value, f"at_least_one_of[{number}]", known)
        if not group:
            raise InstanceError(f"at_least_one_of[{number}]: must name a proposal")
        groups.append(group)
    return Wishes(
        _named(data.get("must_fund", []), "must_fund", known),
        _named(data.get("must_not_fund", []), "must_not_fund", known),
        tuple(groups),
    )


def asked_of(instance: Instance, wishes: Wishes) -> Asked:
    """The instance without what must not be funded, and the wishes that are not kept in any case.

    Raises:
        Unattainable: wishes contradict each other in so many words.
        IndexError: a wish is no position of a proposal.
    """
    for p in sorted(wishes.must | wishes.must_not | frozenset().union(*wishes.at_least_one)):
        if not 0 <= p < len(instance.proposals):
            raise IndexError(f"there is no proposal at position {p}")
    both = sorted(wishes.must & wishes.must_not)
    if both:
        raise Unattainable(f"{names(instance, both)}: must be funded and must not be, both at once")
    free = frozenset(p for p, one in enumerate(instance.proposals) if one.need == 0)
    groups = []
    for number, group in enumerate(wishes.at_least_one):
        left = group - wishes.must_not
        if not left:
            raise Unattainable(f"at_least_one_of[{number}]: all of {names(instance, group)} must not be funded")
        if not left & (wishes.must | free):
            groups.append(tuple(sorted(left)))
    if wishes.must_not:
        instance = _without(instance, wishes.must_not)
    return Asked(instance, tuple(sorted(wishes.must - free)), tuple(dict.fromkeys(groups)))


def names(instance: Instance, proposals: Collection[int]) -> str:
    """These proposals by their identifiers, at most five of them."""
    shown = [show(instance.proposals[p].id) for p in sorted(proposals)]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def _without(instance: Instance, left_out: frozenset[int]) -> Instance:
    """The same positions, but these proposals are worth nothing, need money and may have none."""
    proposals = tuple(
        Proposal(one.id, max(1, one.cost), 0, ()) if p in left_out else one for p, one in enumerate(instance.proposals)
    )
    eligible = tuple((p, w) for p, w in instance.eligible if p not in left_out)
    return replace(instance, proposals=proposals, eligible=eligible)


def _named(value: Any, place: str, known: Mapping[Id, int]) -> frozenset[int]:
    found: set[int] = set()
    for number, one in enumerate(_list(value, place)):
        at = f"{place}[{number}]"
        position = position_of(one, at, known, "proposal")
        if position in found:
            raise InstanceError(f"{at}: proposal {show(one)} is there twice")
        found.add(position)
    return frozenset(found)


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise InstanceError(f"{place}: must be a list, not {show(value)}")
    return value
