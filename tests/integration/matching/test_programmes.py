"""Programmes that change: what a later revision drops is gone, and what comes late, or out of order, does no harm."""

import pytest
from sqlmodel import select

from contracts.events import ActionPublished, Payload, ProgrammeImported, WindowPairedWithActions
from services.chassis.service import Service
from services.matching.tables import ActionCopy, ActionPair, ProgrammeCopy
from tests.integration.matching.events import PROGRAMME, action, hand, imported, published
from tests.support import outbox_of
from tests.unit.matching.build import window

KEPT, OTHER, DROPPED, FRESH = "3.1", "9.1", "10.1", "11.1"


def at(revision: int, action_id: str, *states: str) -> ActionPublished:
    return action(action_id, revision=revision, states=list(states or ["KGZ"]))


def complete(revision: int, *action_ids: str) -> ProgrammeImported:
    return imported(len(action_ids)).model_copy(update={"revision": revision, "action_ids": list(action_ids)})


def known(service: Service) -> dict[str, tuple[int, list[str]]]:
    """Action id -> (its revision, its states)."""
    with service.read() as session:
        return {row.action_id: (row.revision, row.payload["states"]) for row in session.exec(select(ActionCopy))}


def paired(service: Service) -> set[str]:
    with service.read() as session:
        return set(session.exec(select(ActionPair.action_id)))


def told(service: Service) -> int:
    return sum(isinstance(event.data, WindowPairedWithActions) for event in outbox_of(service))


@pytest.fixture
def first(matching: Service) -> Service:
    """The service with two windows and the first revision of a programme."""
    actions = [at(1, KEPT), at(1, OTHER), at(1, DROPPED)]
    windows = [published(window("a")), published(window("b"))]
    hand(matching, *windows, *actions, complete(1, KEPT, OTHER, DROPPED))
    assert paired(matching) == {KEPT, OTHER, DROPPED}
    return matching


def test_an_action_that_the_programme_drops_is_forgotten_with_its_pairs(first: Service) -> None:
    hand(first, at(2, FRESH), complete(2, KEPT, OTHER, FRESH))
    assert set(known(first)) == paired(first) == {KEPT, OTHER, FRESH}


def test_what_is_handed_in_again_late_neither_returns_nor_replaces_anything(first: Service) -> None:
    hand(first, at(2, KEPT, "MNG"), complete(2, KEPT, OTHER))
    hand(first, at(1, DROPPED), at(1, KEPT), complete(1, KEPT, OTHER, DROPPED))
    assert known(first) == {KEPT: (2, ["MNG"]), OTHER: (1, ["KGZ"])}
    assert paired(first) == {KEPT, OTHER}
    with first.read() as session:
        assert session.exec(select(ProgrammeCopy.revision)).one() == 2


SECOND: tuple[Payload, ...] = (at(2, KEPT, "MNG"), at(2, FRESH), complete(2, KEPT, OTHER, FRESH))


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1), (2, 1, 0)])
def test_a_revision_may_arrive_in_any_order(first: Service, order: tuple[int, ...]) -> None:
    hand(first, *(SECOND[place] for place in order))
    assert known(first) == {KEPT: (2, ["MNG"]), OTHER: (1, ["KGZ"]), FRESH: (2, ["KGZ"])}
    assert paired(first) == {KEPT, OTHER, FRESH}


def test_an_action_of_the_next_revision_outlives_late_news_of_this_one(matching: Service) -> None:
    hand(matching, published(window("a")), at(1, KEPT), at(2, FRESH), complete(1, KEPT), complete(2, KEPT, FRESH))
    assert set(known(matching)) == paired(matching) == {KEPT, FRESH}


def test_a_revision_that_changes_many_actions_is_paired_once(first: Service) -> None:
    before = told(first)
    changed = [at(2, one, "MNG") for one in (KEPT, OTHER, DROPPED)]
    hand(first, *changed)
    assert told(first) == before
    hand(first, complete(2, KEPT, OTHER, DROPPED))
    assert told(first) == before + 2  # once for each window


def test_a_writer_that_knows_no_revisions_is_still_understood(matching: Service) -> None:
    hand(matching, published(window("a")), action(KEPT), action(OTHER), imported(2))
    hand(matching, action(KEPT, states=["MNG"]))
    assert known(matching)[KEPT] == (0, ["MNG"])
    assert paired(matching) == {KEPT, OTHER}
    with matching.read() as session:
        assert session.exec(select(ProgrammeCopy.programme_id)).one() == PROGRAMME
