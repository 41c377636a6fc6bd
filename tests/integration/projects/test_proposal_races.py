"""Many at once: one draft per form, one reference per draft, one event per submission, one winner per revision."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.commands.proposals import Actor, SaveSection, StartProposal, SubmitProposal
from services.projects.handlers import proposals as handlers
from services.projects.tables.proposals import ProposalRow
from services.projects.values.proposals import Dates
from tests.integration.projects.proposal_desk import Desk, desk_of

AT_ONCE = 8


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def all_at_once(desk: Desk, function: Callable[..., object]) -> list[object]:
    """Run `function(context)` in many threads, each in a transaction of its own."""

    def one(number: int) -> object:
        try:
            return desk.service.run(lambda context: function(context, number))
        except handlers.SectionChanged as clash:
            return clash

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def actor(desk: Desk) -> Actor:
    return Actor(new_id(), desk.organisation, "Aigul Test", lead=True)


def test_one_form_starts_one_draft_and_each_draft_has_its_reference(desk: Desk) -> None:
    proposal_id = new_id()
    same = all_at_once(desk, lambda context, _: handlers.start_proposal(
        context, StartProposal(actor(desk), proposal_id, "en")).reference)  # fmt: skip
    assert len(set(same)) == 1
    others = all_at_once(desk, lambda context, _: handlers.start_proposal(
        context, StartProposal(actor(desk), new_id(), "en")).reference)  # fmt: skip
    assert len({*same, *others}) == AT_ONCE + 1


def test_a_proposal_submitted_many_times_at_once_is_submitted_once(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    command = SubmitProposal(actor(desk), UUID(url.rsplit("/", 1)[1]), 1)
    all_at_once(desk, lambda context, _: handlers.submit_proposal(context, command).version)
    assert len(desk.events()) == 1


def test_of_many_who_save_the_same_revision_one_wins_and_the_others_are_told(desk: Desk) -> None:
    proposal_id = UUID(desk.start().rsplit("/", 1)[1])
    answers = [Dates(date(2027, 1, number + 1), None) for number in range(AT_ONCE)]
    found = all_at_once(desk, lambda context, number: handlers.save_section(
        context, SaveSection(actor(desk), proposal_id, 0, answers[number])))  # fmt: skip
    assert sum(isinstance(one, handlers.Saved) for one in found) == 1
    with desk.service.read() as session:
        row = session.get(ProposalRow, proposal_id)
        assert row is not None
        assert row.saved["dates"]["revision"] == 1
