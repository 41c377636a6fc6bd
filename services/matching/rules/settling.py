"""What each kind of answer changes in the terms of a window. Whether it may is for `questions` to say."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.settled import Settled, Told


def applied(told: Told, terms: WindowTerms) -> Settled:
    """`terms` with an answer that fits them."""
    before = terms if isinstance(terms, Settled) else Settled(**dict(terms))
    return before.model_copy(update={"applied": (*before.applied, told), **_CHANGES[told.question.ask](told, before)})


Changed = dict[str, Any]


def _opening(told: Told, terms: Settled) -> Changed:
    status = {"open": "open", "date": "opens_later", "closed": "closed"}[told.choice]
    changed: Changed = {"status": status}
    if told.choice == "date":
        changed["call"] = terms.call.model_copy(update={"opens": told.day})
    return changed


def _deadline(told: Told, terms: Settled) -> Changed:
    if told.choice == "date":
        return {"call": terms.call.model_copy(update={"deadline": told.day, "deadline_certain": True})}
    verdict = Tri.YES if told.choice == "any_time" else Tri.NO
    return {"told": terms.told | {told.question.key: verdict}}


def _kept(told: Told, terms: Settled) -> Changed:
    """An answer that no field holds."""
    return {"told": terms.told | {told.question.key: _tri(told)}}


def _kind(told: Told, terms: Settled) -> Changed:
    rule, kind = terms.applicants, told.question.about
    if told.choice == "no":
        return _kept(told, terms)
    uncertain = [one for one in rule.uncertain if one != kind]
    return {"applicants": rule.model_copy(update={"kinds": [*rule.kinds, kind], "uncertain": uncertain})}


def _theme(told: Told, terms: Settled) -> Changed:
    return {"themes": [*terms.themes, told.question.about]} if told.choice == "yes" else _kept(told, terms)


def _codes(field: str, inner: str) -> Callable[[Told, Settled], Changed]:
    def change(told: Told, terms: Settled) -> Changed:
        rule = getattr(terms, field)
        return {field: rule.model_copy(update={inner: getattr(rule, inner) | {told.question.about: _tri(told)}})}

    return change


def _limit(name: str) -> Callable[[Told, Settled], Changed]:
    def change(told: Told, terms: Settled) -> Changed:
        limit = told.number if told.choice == "amount" else None
        return {"amount": terms.amount.model_copy(update={name: limit, f"{name}_known": True})}

    return change


def _cofinancing(told: Told, terms: Settled) -> Changed:
    changed: Changed = {"required": Tri.NO if told.choice == "none" else Tri.YES}
    if terms.cofinancing.mode == "unknown":
        changed["mode"] = "none" if told.choice == "none" else "required"
        changed["ratio"] = told.number if told.choice == "ratio" else None
    return {"cofinancing": terms.cofinancing.model_copy(update=changed)}


def _in_kind(told: Told, terms: Settled) -> Changed:
    return {"cofinancing": terms.cofinancing.model_copy(update={"counts_in_kind": _tri(told)})}


def _submits(told: Told, terms: Settled) -> Changed:
    """The question is whether the applicant may apply directly: a yes means that nobody else has to submit."""
    direct = Tri.NO if told.choice == "yes" else Tri.YES
    return {"intermediary": terms.intermediary.model_copy(update={"intermediary": direct})}


def _endorses(told: Told, terms: Settled) -> Changed:
    return {"intermediary": terms.intermediary.model_copy(update={"endorsement": _tri(told)})}


def _nothing(_told: Told, _terms: Settled) -> Changed:
    """A fact of the proposal, not of the window: `facts_told`."""
    return {}


def _tri(told: Told) -> Tri:
    return Tri.YES if told.choice == "yes" else Tri.NO


_CHANGES: Final[Mapping[str, Callable[[Told, Settled], Changed]]] = {
    "opening": _opening, "arrangement": _kept, "deadline": _deadline, "invited": _kept, "parent": _kept,
    "kind": _kind, "state": _codes("countries", "states"), "species": _codes("species", "species"), "theme": _theme,
    "floor": _limit("minimum"), "ceiling": _limit("maximum"), "amount": _nothing, "cofinancing": _cofinancing,
    "in_kind": _in_kind, "submits": _submits, "agency": _nothing, "endorses": _endorses, "endorsed": _nothing,
}  # fmt: skip
