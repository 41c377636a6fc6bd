"""Studies as they stand, and what a study is made of."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from contracts.values import Tri
from contracts.windows import SpeciesRule
from services.matching.commands.studies import (
    MORE,
    NEW_MONEY,
    STEERING_SECONDS,
    UNLOCK_SECONDS,
    Steer,
    StudyKind,
    Unlock,
)
from services.matching.handlers.terms import all_terms
from services.matching.queries.current import Current, current_to
from services.matching.queries.portfolios import awards, live
from services.matching.queries.pursuits import pursuits
from services.matching.rules.portfolios import Changes, Live, ceiling, in_usd
from services.matching.rules.portfolios.effort import APPLICATION, effort_of
from services.matching.rules.portfolios.record import record_of, request_of
from services.matching.shipped import rates
from services.matching.tables import Study
from services.matching.tables.portfolios import UNFINISHED

SHOWN: Final = 10
"""How many former studies a page lists."""


def anything_waits(session: Session) -> bool:
    """Whether there is a study to be made, or one that may have been left behind."""
    return session.exec(select(Study.study_id).where(col(Study.state).in_(UNFINISHED)).limit(1)).first() is not None


def study(session: Session, study_id: UUID, kind: StudyKind) -> Study | None:
    """One study of a kind, or None."""
    found = session.get(Study, study_id)
    return found if found is not None and found.kind == kind else None


def latest(session: Session, kind: StudyKind, *, donor: str | None = None) -> Sequence[Study]:
    """The newest studies of a kind, newest first; of one donor if it is named."""
    query = select(Study).where(col(Study.kind) == kind).order_by(col(Study.asked_at).desc(), col(Study.study_id))
    if donor is not None:
        named = col(Study.asked)["donor"].as_string()
        query = query.where(named == donor)
    return session.exec(query.limit(SHOWN)).all()


def donors(session: Session) -> list[tuple[str, str]]:
    """(id, name) of every donor that has a window, by name."""
    found = {terms.donor_id: terms.donor_name for terms in all_terms(session)}
    return sorted(found.items(), key=lambda one: one[1].casefold())


def preferred_of(session: Session, donor: str) -> list[str]:
    """The species that the terms of each of a donor's windows prefer; where they prefer none, the only ones they pay
    for."""
    rules = [terms.species for terms in all_terms(session) if terms.donor_id == donor]
    return sorted({code for rule in rules for code in rule.preferred or _only(rule)})


def _only(rule: SpeciesRule) -> set[str]:
    """The species that a list names while it shuts all others out: what a donor wants, said without the word.

    A rule that goes by the Red List says nothing of the kind: its species are worked out from their categories, and
    the donor may know none of them.
    """
    if rule.basis != "list" or rule.others is not Tri.NO:
        return set()
    return {code for code, answer in rule.species.items() if answer is Tri.YES}


def job_of(session: Session, asked: Study) -> tuple[dict[str, Any], dict[str, Any], Current | None]:
    """(what the process is given, what every number in it stands for, the event that both are current to)."""
    make = _unlock if asked.kind == "unlock" else _steering
    job, record = make(session, asked.asked)
    return job, record, current_to(session)


def _unlock(session: Session, asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    command = Unlock.from_json(asked)
    today = live(session)
    wanted = [
        one.id
        for one, known in zip(today.instance.proposals, today.proposals, strict=True)
        if one.need and command.takes(known.states, known.species)
    ]
    if command.donor:
        options = _by_windows(session, command, set(wanted))
    else:
        money = {"id": NEW_MONEY, "min_grant": 1, "max_grant": None, "cofinancing_ratio": 0}
        free = {"for": "", "window": money, "eligible": wanted, "effort": [APPLICATION] * len(wanted)}
        options = [free] if wanted else []
    job = {
        "kind": "unlock", "request": request_of(today), "effort": effort_of(today), "options": options,
        "amount": command.amount, "more": list(MORE), "seconds": UNLOCK_SECONDS,
    }  # fmt: skip
    return job, record_of(today)


def _by_windows(session: Session, command: Unlock, wanted: set[Any]) -> list[dict[str, Any]]:
    """The money as a call of its own, by the rules of each of the donor's windows that some proposal fits."""
    rich = _with_budgets(session, command.donor, command.amount)
    request, options = request_of(rich), []
    pairs = list(zip(request["eligible"], effort_of(rich), strict=True))
    for window, payer in zip(request["windows"], rich.windows, strict=True):
        takers = {p: work for (p, w), work in pairs if w == window["id"] and p in wanted}
        if payer.donor_id != command.donor or not takers:
            continue
        largest = window["max_grant"] if payer.maximum is not None else None
        money = {**window, "id": NEW_MONEY, "max_grant": largest, "min_grant": max(1, window["min_grant"])}
        options.append(
            {"for": window["id"], "window": money, "eligible": list(takers), "effort": list(takers.values())}
        )
    return options


def _with_budgets(session: Session, donor: str, amount: int) -> Live:
    """Today's instance in which each of the donor's windows can give `amount`, whatever it has granted already.

    A window that states no largest grant can give it all to one. One whose largest grant cannot be told in US dollars
    stays as it is.
    """
    own = [terms for terms in all_terms(session) if terms.donor_id == donor]
    silent = {terms.window_id: amount for terms in own if terms.amount.maximum is None}
    told = silent.keys() | {
        terms.window_id
        for terms in own
        if terms.amount.maximum is not None
        and in_usd(terms.amount.maximum, terms.amount.currency, rates(), ROUND_FLOOR) is not None
    }
    given: defaultdict[str, Decimal] = defaultdict(Decimal)
    for award in awards(pursuits(session)):
        given[award.window_id] += award.amount
    budgets = {window_id: amount + ceiling(given[window_id]) for window_id in sorted(told)}
    return live(session, Changes(budgets=budgets, largest=silent))


def _steering(session: Session, asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    command = Steer.from_json(asked)
    today = (
        live(session)
        if command.budget is None
        else _with_budgets(session, command.donor, command.budget)
    )  # fmt: skip
    species = {str(one.proposal_id): sorted(one.species) for one in today.proposals}
    job = {
        "kind": "steering", "request": request_of(today), "effort": effort_of(today), "species": species,
        "preferred": sorted(command.preferred),
        "paying": [payer.window_id for payer in today.windows if payer.donor_id == command.donor],
        "others": command.others, "seconds": STEERING_SECONDS,
    }  # fmt: skip
    return job, record_of(today)
