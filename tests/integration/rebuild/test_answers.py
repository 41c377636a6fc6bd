"""Answers come and go between events: what is judged is what a judgement from nothing says, and a rebuild agrees."""

import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from contracts.values import Tri
from contracts.windows import CallRule, CountryRule, IntermediaryRule, SpeciesRule
from services.chassis.bus import Bus
from services.chassis.errors import CamiError, Conflict
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.matching.component import COMPONENT
from services.matching.handlers.answers import answer_in_force
from services.matching.handlers.judging import facts_from, setting_for
from services.matching.handlers.terms import all_terms, answers_for, for_pair
from services.matching.rules.eligibility import findings
from services.matching.rules.settled import OPEN, Question
from services.matching.tables import Answer, Pair, ProposalCopy
from tests.conftest import MakeService
from tests.integration.matching.answering import answer, take_back
from tests.integration.matching.events import action, imported, published, submitted, withdrawn
from tests.integration.rebuild.life import PROPOSALS, Life
from tests.unit.matching.build import window

WINDOWS = ("alpha", "beta")
STATES = ("KGZ", "TJK", "MNG")


def revised(rng: random.Random, window_id: str, revision: int) -> Any:
    """A window that knows some things, and others not."""
    return published(
        window(
            window_id, revision=revision, status=rng.choice(["recurring", "unknown", "opens_later"]),
            countries=CountryRule(basis="list", states={
                state: rng.choice(list(Tri)) for state in STATES if rng.random() < 0.6
            }),
            species=SpeciesRule(basis="list", species={}, others=rng.choice(list(Tri))),
            call=CallRule(cycle=rng.choice(["annual", "unknown"]), last_deadline=date(2026, 1, 31)),
            intermediary=IntermediaryRule(intermediary=rng.choice(list(Tri)), endorsement=rng.choice(list(Tri))),
        )
    )  # fmt: skip


def somebody_answers(rng: random.Random, service: Service) -> None:
    window_id = rng.choice(WINDOWS)
    question, choices, figures = rng.choice([
        (Question(window_id, "state", rng.choice(STATES)), ("yes", "no", OPEN), {}),
        (Question(window_id, "species", "snow_leopard"), ("yes", "no"), {}),
        (Question(window_id, "opening"), ("open", "closed"), {}),
        (Question(window_id, "deadline"), ("date",), {"day": f"2027-0{rng.randint(1, 9)}-15"}),
        (Question(window_id, "submits"), ("yes", "no"), {}),
        (Question(window_id, "agency", proposal_id=rng.choice(PROPOSALS)), ("yes", OPEN), {}),
    ])  # fmt: skip
    with service.read() as session:
        in_force = answer_in_force(session, question)
    if in_force is not None and rng.random() < 0.4:
        take_back(service, question)
        return
    try:
        answer(service, question, rng.choice(choices), **figures)
    except Conflict:
        pass  # the inventory knows it, or the proposal is withdrawn: then nobody answers
    except CamiError as error:
        assert "agency" in str(error), "a pair that is not there yet"  # noqa: PT017


@pytest.mark.parametrize("seed", range(4))
def test_answers_between_events(make_service: MakeService, bus: Bus, seed: int) -> None:
    rng = random.Random(seed)
    life = Life(make_service(COMPONENT, poll_seconds=0.02), bus)
    life.say(*(revised(rng, name, 1) for name in WINDOWS), action("3.1"), action("9.2", "low"), imported(2))
    life.hear()
    life.say(*(submitted(one, states=rng.sample(STATES, 2)) for one in PROPOSALS))
    life.hear()
    versions = dict.fromkeys(PROPOSALS, 1)
    revisions = dict.fromkeys(WINDOWS, 1)
    for _ in range(12):
        move = rng.random()
        if move < 0.7:
            somebody_answers(rng, life.service)
        elif move < 0.85:
            name = rng.choice(WINDOWS)
            revisions[name] += 1
            life.say(revised(rng, name, revisions[name]))
            life.hear()
        else:
            one = rng.choice(PROPOSALS)
            if rng.random() < 0.5:
                life.say(withdrawn(submitted(one), version=versions[one]))
            versions[one] += 1
            life.say(submitted(one, version=versions[one], states=rng.sample(STATES, 2)))
            life.hear()
    holds_what_a_fresh_judgement_says(life)
    before = life.rows()
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, report
    with life.service.db.write() as session:
        for row in session.exec(select(Answer)).all():
            session.delete(row)
        for pair in session.exec(select(Pair)).all():
            session.delete(pair)
    rebuild(life.service, life.bus)
    assert life.rows() == before


def holds_what_a_fresh_judgement_says(life: Life) -> None:
    with life.service.read() as session:
        live = session.exec(
            select(ProposalCopy).where(col(ProposalCopy.version) > col(ProposalCopy.withdrawn_version))
        ).all()
        assert live
        for proposal in live:
            told = answers_for(session, proposal.proposal_id)
            for window_terms in all_terms(session):
                facts, terms = for_pair(facts_from(proposal), window_terms, told)
                fresh = [one.as_json() for one in findings(facts, terms, setting_for(terms, life.now))]
                pair = session.get(Pair, (UUID(str(proposal.proposal_id)), terms.window_id))
                assert pair is not None
                assert pair.findings == fresh
