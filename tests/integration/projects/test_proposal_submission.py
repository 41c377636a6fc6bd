"""Submission: only when complete, only by the lead, once, and with all that others need to know."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from contracts.envelope import new_id
from contracts.events import ProposalSubmitted, ProposalWithdrawn
from services.chassis import money
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.integration.projects.proposal_desk import FILLED, TEXTS, Desk, desk_of


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def test_a_complete_proposal_is_submitted_once_with_everything_in_it(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    assert "Ready to submit" in desk.client.get(f"{url}/check").text
    data = {name: value for name, value in desk.hidden(f"{url}/check").items() if name in ("csrf", "version")}
    answers = [desk.client.post(f"{url}/submit", data=data) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [url, url]
    (said,) = desk.events()
    assert isinstance(said, ProposalSubmitted)
    assert (str(said.proposal_id), said.version, said.submitted_by) == (url.rsplit("/", 1)[1], 1, "Aigul Test")
    assert (said.organisation.organisation_id, said.organisation.name) == (desk.organisation, "Steppe Trust")
    assert [said.title.text("en"), said.results.text("en")] == [TEXTS["title"], TEXTS["results"]]
    assert [action.action_id for action in said.actions] == ["1.1", "2.1"]
    assert said.themes == ["policy_and_law", "connectivity"]
    assert (said.species, said.states, said.duration_months) == (["saiga"], ["KAZ", "UZB"], 24)
    dollars = money.convert(Decimal("1000.50"), "USD", "EUR").amount
    assert said.total.amount == Decimal("10000") + dollars
    assert said.total.currency == said.requested.currency == "EUR"
    assert said.requested.amount == said.total.amount - Decimal("870")
    assert said.total_usd == sum(line.usd for line in said.budget)
    assert said.requested_usd == said.total_usd - said.cofinancing_usd
    assert (said.rates_date, said.rates_source) == (money.shipped_rates().date, money.shipped_rates().source)


def test_a_proposal_with_gaps_is_refused_and_every_gap_is_named(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    version = desk.hidden(f"{url}/check")
    desk.save(f"{url}/dates", {"starts": "2027-01-01", "ends": "2026-01-01"})
    answer = desk.client.post(f"{url}/submit", data=version)
    assert answer.status_code == 409
    assert f'href="{url}/dates#f-ends"' in answer.text
    assert "The project ends before it starts" in answer.text
    assert desk.events() == []
    assert desk.json(url)["status"] == "draft"


def test_without_the_organisations_profile_it_waits_and_says_so(desk: Desk) -> None:
    other = new_id()
    desk.sign_in("lead", organisation=other)
    url = desk.start()
    desk.complete(url)
    assert "Your organisation’s profile has not arrived here yet" in desk.client.get(f"{url}/check").text
    csrf = desk.hidden(url)["csrf"]
    assert desk.client.post(f"{url}/submit", data={"csrf": csrf, "version": "1"}).status_code == 409
    desk.register(organisation=other)
    assert desk.submit(url).status_code == 303


def test_a_newer_profile_is_kept_and_an_older_one_ignored(desk: Desk) -> None:
    desk.register(revision=3, name="Steppe Trust and Partners")
    desk.register(revision=2, name="Old name")
    url = desk.start()
    desk.complete(url)
    desk.submit(url)
    assert desk.events()[0].organisation.name == "Steppe Trust and Partners"


def test_only_the_lead_submits_and_withdraws(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    csrf = desk.hidden(url)["csrf"]
    desk.sign_in("applicant")
    shown = desk.client.get(f"{url}/check").text
    assert "Only the lead of your organisation can submit" in shown
    csrf = desk.hidden(url)["csrf"]
    assert desk.client.post(f"{url}/submit", data={"csrf": csrf, "version": "1"}).status_code == 403
    assert desk.client.post(f"{url}/withdraw", data={"csrf": csrf, "version": "1"}).status_code == 403
    assert desk.events() == []


def test_withdrawn_changed_and_submitted_again_is_version_2(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    first = {name: value for name, value in desk.hidden(f"{url}/check").items() if name in ("csrf", "version")}
    desk.submit(url)
    withdrawal = {name: value for name, value in desk.hidden(url).items() if name in ("csrf", "version")}
    data = {**withdrawal, "reason": "The reviewer asked for a map"}
    for _ in range(2):
        assert desk.client.post(f"{url}/withdraw", data=data).headers["location"] == url
    assert desk.json(url)["status"] == "withdrawn"
    # A tab that still shows the first check page must not submit what is being changed.
    assert desk.client.post(f"{url}/submit", data=first).status_code == 303
    assert desk.json(url)["status"] == "withdrawn"
    desk.save(f"{url}/summary", {**FILLED["summary"], "title-en": "Saiga corridors, with a map"})
    assert "What changed since version 1" in desk.client.get(f"{url}/check").text
    assert desk.submit(url).status_code == 303
    one, taken_back, two = desk.events()
    assert isinstance(taken_back, ProposalWithdrawn)
    assert (taken_back.version, taken_back.reason) == (1, "The reviewer asked for a map")
    assert (one.version, two.version, two.reference) == (1, 2, one.reference)
    assert two.title.text("en") == "Saiga corridors, with a map"
    assert [line.line_id for line in two.budget] == [line.line_id for line in one.budget]
    changes = desk.client.get(f"{url}/versions/2/changes").text
    assert "with a map</ins>" in changes
    assert "Our title" in desk.client.get(f"{url}/versions/1").text
    assert desk.client.get(f"{url}/versions/3").status_code == 404
    assert desk.client.get(f"{url}/versions/1/changes").status_code == 404


def test_a_reason_that_is_too_long_is_named_and_kept(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    desk.submit(url)
    data = {name: value for name, value in desk.hidden(url).items() if name in ("csrf", "version")}
    answer = desk.client.post(f"{url}/withdraw", data={**data, "reason": "because " * 500})
    assert answer.status_code == 400
    assert "because because" in answer.text
    assert desk.json(url)["status"] == "submitted"


def test_a_submitted_proposal_cannot_be_deleted(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    desk.submit(url)
    csrf = desk.hidden(url)["csrf"]
    assert desk.client.post(f"{url}/delete", data={"csrf": csrf}).headers["location"] == url
    assert desk.json(url)["status"] == "submitted"
