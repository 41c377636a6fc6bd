"""Read copies: they follow the events in any order, and remember which event they came from."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from contracts.envelope import Event
from contracts.events import PairDecided, ProposalWithdrawn, WindowPublished
from services.chassis.service import Service
from services.reports import queries
from services.reports.tables import ActionRow, PairingRow, ProposalRow, VerdictRow, WindowRow
from tests.integration.reports.conftest import WINDOW, Tell, window
from tests.unit.reports.samples import (
    NOON,
    PROGRAMME,
    PROPOSAL,
    action,
    event,
    judged,
    localized,
    paired,
    proposal,
)


def withdrawn(version: int = 2) -> ProposalWithdrawn:
    return ProposalWithdrawn(
        proposal_id=PROPOSAL, reference="CAMI-2026-0042", version=version, withdrawn_at=NOON + timedelta(hours=1)
    )


def decided(stage: str, minutes: int) -> PairDecided:
    return PairDecided(
        proposal_id=PROPOSAL, window_id=WINDOW, stage=stage, decided_by="Aigul",
        decided_at=NOON + timedelta(minutes=minutes),
    )  # fmt: skip


def test_every_copy_names_its_event(tell: Tell, reports: Service) -> None:
    events = [
        event(proposal()),
        event(WindowPublished(terms=window())),
        event(action("9.2")),
        event(paired(WINDOW, ["9.2"])),
    ]
    tell(*events)
    with reports.read() as session:
        rows: list[Any] = [
            session.get(ProposalRow, PROPOSAL),
            session.get(WindowRow, WINDOW),
            session.get(ActionRow, (PROGRAMME, "9.2")),
            session.get(PairingRow, (WINDOW, PROGRAMME)),
        ]
    assert [(row.event_id, row.event_time) for row in rows] == [(e.id, e.time) for e in events]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_version_stays_whatever_comes_first(tell: Tell, reports: Service, order: tuple[int, ...]) -> None:
    events = [event(proposal(version=1, title=localized(en="Old"))), event(withdrawn(1), minutes=1),
              event(proposal(version=2, title=localized(en="New")), minutes=2)]  # fmt: skip
    tell(*(events[i] for i in order))
    with reports.read() as session:
        source = queries.proposal_source(session, PROPOSAL)
    assert source is not None
    assert (source.proposal.version, source.proposal.title.text("en")) == (2, "New")
    assert source.withdrawal is None  # it was version 1 that was taken back
    assert source.origin.event_id == events[2].id


def test_a_withdrawal_may_come_before_the_proposal(tell: Tell, reports: Service) -> None:
    tell(event(withdrawn(2), minutes=1))
    with reports.read() as session:
        assert queries.proposal_source(session, PROPOSAL) is None
        assert queries.proposal_lines(session, organisation_id=None) == []
    tell(event(proposal(version=2)))
    with reports.read() as session:
        source = queries.proposal_source(session, PROPOSAL)
        lines = queries.proposal_lines(session, organisation_id=None)
    assert source is not None
    assert source.withdrawal is not None
    assert [line.withdrawn for line in lines] == [True]


@pytest.mark.parametrize("turned", [False, True])
def test_an_older_revision_of_a_window_is_ignored(tell: Tell, reports: Service, turned: bool) -> None:
    events = [event(WindowPublished(terms=window(revision=1))),
              event(WindowPublished(terms=window(revision=2, name="Second"), changed=["name"]))]  # fmt: skip
    tell(*(reversed(events) if turned else events))
    with reports.read() as session:
        row = session.get(WindowRow, WINDOW)
    assert row is not None
    assert (row.revision, row.name) == (2, "Second")


@pytest.mark.parametrize("turned", [False, True])
def test_an_action_is_as_its_newest_event_says(tell: Tell, reports: Service, turned: bool) -> None:
    events = [event(action("9.2", "Old")), event(action("9.2", "New"), minutes=1)]
    tell(*(reversed(events) if turned else events))
    with reports.read() as session:
        row = session.get(ActionRow, (PROGRAMME, "9.2"))
    assert row is not None
    assert row.payload["title"]["versions"]["en"]["text"] == "New"


def fitting(reports: Service) -> list[tuple[int, bool]]:
    with reports.read() as session:
        source = queries.briefing_source(session, WINDOW)
    assert source is not None
    return [(one.fit, one.shortlisted) for one in source.fitting]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_judgement_replaces_all_verdicts_before_it(tell: Tell, reports: Service, order: tuple[int, ...]) -> None:
    judgements = [
        event(judged(WINDOW, 40)),
        event(judged("another", 90), minutes=1),
        event(judged(WINDOW, 70), minutes=2),
    ]
    tell(event(proposal()), event(WindowPublished(terms=window())), *(judgements[i] for i in order))
    assert fitting(reports) == [(70, False)]
    with reports.read() as session:
        assert len(session.exec(select(VerdictRow)).all()) == 1


def test_a_judgement_of_an_earlier_version_says_nothing_of_this_one(tell: Tell, reports: Service) -> None:
    tell(
        event(WindowPublished(terms=window())),
        event(judged(WINDOW, 80, version=1)),
        event(proposal(version=2), minutes=1),
    )
    assert fitting(reports) == []
    tell(event(judged(WINDOW, 60, version=2), minutes=2), event(judged(WINDOW, 80, version=1), minutes=3))
    assert fitting(reports) == [(60, False)]


@pytest.mark.parametrize(
    ("overall", "fit", "fits"), [("eligible", 50, True), ("unsure", 50, True), ("not_eligible", None, False)]
)
def test_only_what_fits_is_in_a_briefing(
    tell: Tell, reports: Service, overall: str, fit: int | None, fits: bool
) -> None:
    tell(event(proposal()), event(WindowPublished(terms=window())), event(judged(WINDOW, fit, overall=overall)))
    assert bool(fitting(reports)) is fits


@pytest.mark.parametrize("turned", [False, True])
def test_dismissed_pairs_are_left_out_and_come_back(tell: Tell, reports: Service, turned: bool) -> None:
    tell(event(proposal()), event(WindowPublished(terms=window())), event(judged(WINDOW, 50)))
    decisions: list[Event[Any]] = [event(decided("shortlisted", 1)), event(decided("dismissed", 2))]
    tell(*(reversed(decisions) if turned else decisions))
    assert fitting(reports) == []
    tell(event(decided("none", 3)))
    assert fitting(reports) == [(50, False)]
    tell(event(decided("shortlisted", 4)))
    assert fitting(reports) == [(50, True)]


def test_a_withdrawn_proposal_fits_no_window(tell: Tell, reports: Service) -> None:
    tell(
        event(proposal()),
        event(WindowPublished(terms=window())),
        event(judged(WINDOW, 50)),
        event(withdrawn(), minutes=1),
    )
    assert fitting(reports) == []


def test_the_same_event_twice_changes_nothing(tell: Tell, reports: Service) -> None:
    same = event(paired(WINDOW, ["9.2", "9.3"]))
    tell(same, same)
    with reports.read() as session:
        assert session.get(PairingRow, (WINDOW, PROGRAMME)).count == 2


@pytest.mark.parametrize("turned", [False, True])
def test_the_newer_pairing_stays(tell: Tell, reports: Service, turned: bool) -> None:
    events = [event(paired(WINDOW, ["9.2"])), event(paired(WINDOW, [], revision=2, count=0), minutes=-5)]
    tell(*(reversed(events) if turned else events))
    with reports.read() as session:
        assert session.get(PairingRow, (WINDOW, PROGRAMME)).count == 0
