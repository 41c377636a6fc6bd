"""Studies of a donor's money: asked for once, made in a process of their own, taken up again after a crash."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from contracts.envelope import new_id
from contracts.windows import AmountRule
from services.chassis.service import Service
from services.matching.commands.studies import NEW_MONEY, AskStudy, Steer, StudyKind, Unlock
from services.matching.handlers import studies
from services.matching.planning.researcher import Researcher
from services.matching.queries.studies import preferred_of
from services.matching.rules.portfolios.record import live_from
from services.matching.rules.steering import Curve, curve_of
from services.matching.rules.unlocked import Unlocked, unlocked
from services.matching.tables import Study
from tests.integration.matching.events import NOW, action, hand, imported, published, submitted
from tests.integration.matching.pursuing import move
from tests.unit.matching.build import window

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def stocked(matching: Service) -> Service:
    """Three proposals for 15 000 dollars, each with 5 000 of its own, and a donor with money for one of them."""
    hand(
        matching,
        published(window("small", donor_id="a", donor_name="Donor A", amount=AmountRule(maximum=Decimal(16000)))),
        action("3.1"), action("9.1", "low", species=["saiga"]), imported(2),
        *(submitted(key, reference=f"CAMI-2026-000{key.int}", **more) for key, more in (
            (FIRST, {}), (SECOND, {"species": ["snow_leopard", "argali"]}),
            (THIRD, {"states": ["TJK"], "species": ["snow_leopard", "urial"]}),
        )),
    )  # fmt: skip
    return matching


def ask(service: Service, kind: StudyKind, asked: Unlock | Steer, once: UUID | None = None) -> UUID:
    with service.work() as context:
        return studies.ask_study(context, AskStudy(once or new_id(), kind, asked.as_json(), "Somebody"))


def row(service: Service, study_id: UUID) -> Study:
    with service.read() as session:
        found = session.get(Study, study_id)
        assert found is not None
        session.expunge(found)
        return found


def made(service: Service, kind: StudyKind, asked: Unlock | Steer) -> Study:
    """A study that was made to its end, by a researcher of our own."""
    service.extras.close()
    study_id = ask(service, kind, asked)
    assert Researcher(service).turn()
    found = row(service, study_id)
    assert (found.state, found.error, found.detail) == ("done", "", "")
    return found


def seen(study: Study) -> tuple[Any, Any]:
    assert study.job is not None
    assert study.record is not None
    assert study.result is not None
    return live_from(study.job["request"], study.record), study.result


def unlock(service: Service, asked: Unlock) -> Unlocked:
    live, result = seen(made(service, "unlock", asked))
    return unlocked(live, result, NEW_MONEY)


def steer(service: Service, asked: Steer) -> Curve:
    return curve_of(*seen(made(service, "steering", asked)))


def test_money_without_rules_unlocks_what_nobody_else_can_pay_for(stocked: Service) -> None:
    found = unlock(stocked, Unlock(15000))
    assert [one.money for one in found.gained] == [15000]
    assert not found.given_up
    assert (found.used, found.confirmed) == (15000, 5000)
    assert found.leverage == Decimal(5000) / 15000
    assert [one.amount for one in found.additions] == [15000, 65000, 115000, 265000]
    assert all(one.proven for one in found.additions)
    values = [one.value for one in found.additions]
    assert values == sorted(values)
    assert values[0] > 0


def test_money_with_preferences_goes_where_it_is_wanted(stocked: Service) -> None:
    found = unlock(stocked, Unlock(15000, states=frozenset({"TJK"})))
    assert {one.proposal.proposal_id for one in found.gained if one.money} <= {THIRD}
    nothing = unlock(stocked, Unlock(15000, species=frozenset({"wild_camel"})))
    assert (nothing.gained, nothing.additions) == ((), ())


def test_a_donors_rules_bind_its_money(stocked: Service) -> None:
    hand(stocked, published(window("tiny", donor_id="c", donor_name="C", amount=AmountRule(maximum=Decimal(9000)))))
    found = unlock(stocked, Unlock(15000, donor="c"))
    assert [(one.window_id, one.best) for one in found.tried] == [("tiny", True)]
    assert found.used <= 15000
    assert all(one.money <= 9000 for one in found.gained)
    assert unlock(stocked, Unlock(15000, donor="nobody")).tried == ()


def test_a_donor_that_states_no_largest_grant_gives_the_amount_in_question(stocked: Service) -> None:
    free = AmountRule(maximum=None, maximum_known=False)
    hand(stocked, published(window("free", donor_id="d", donor_name="D", amount=free)))
    found = unlock(stocked, Unlock(15000, donor="d"))
    assert [one.window_id for one in found.tried] == ["free"]
    assert found.used == 15000


def grant(service: Service, window_id: str, amount: int) -> None:
    """The donor has granted the first proposal an amount."""
    move(service, FIRST, "submitted", amount, window_id=window_id)
    move(service, FIRST, "awarded", amount, window_id=window_id, day=NOW.date(), reason="So they wrote")


def test_what_a_donor_has_granted_already_is_not_taken_off_its_new_money(stocked: Service) -> None:
    free = AmountRule(maximum=None, maximum_known=False)
    hand(stocked, published(window("free", donor_id="d", donor_name="D", amount=free)))
    grant(stocked, "small", 16000)
    grant(stocked, "free", 20000)
    for donor, window_id in (("a", "small"), ("d", "free")):
        found = unlock(stocked, Unlock(15000, donor=donor))
        assert [one.window_id for one in found.tried] == [window_id]
        assert found.used == 15000
        curve = steer(stocked, Steer(donor, frozenset({"snow_leopard"}), budget=15000))
        assert [point.spent for point in curve.points] == [15000]


def test_a_largest_grant_in_an_unknown_currency_is_not_replaced_by_the_budget(stocked: Service) -> None:
    foreign = AmountRule(maximum=Decimal(9000), currency="XTS")
    hand(stocked, published(window("foreign", donor_id="e", donor_name="E", amount=foreign)))
    assert unlock(stocked, Unlock(15000, donor="e")).tried == ()
    assert steer(stocked, Steer("e", frozenset({"snow_leopard"}), budget=15000)).reach == 0


def test_the_curve_of_a_donor_ends_with_the_species_that_its_money_can_carry(stocked: Service) -> None:
    found = steer(stocked, Steer("a", frozenset({"snow_leopard"})))
    assert found.reach == 3
    assert found.others == ("argali", "urial")
    (point,) = found.points  # money for one: of equal value for the snow leopard, one that carries another species
    assert point.carried in (("argali",), ("urial",))
    assert point.proven
    assert found.advised is None
    richer = steer(stocked, Steer("a", frozenset({"snow_leopard"}), budget=45000))
    assert [set(one.carried) for one in richer.points] == [{"argali", "urial"}]
    assert len(richer.points[0].funded) == 3
    assert sum(paid.amount for one in richer.points[0].funded for paid in one.grants) == richer.points[0].spent == 45000


def test_the_preferred_species_are_those_of_the_terms(stocked: Service) -> None:
    rule = window("x").species.model_copy(update={"preferred": ["saiga"]})
    hand(stocked, published(window("small", revision=2, donor_id="a", donor_name="Donor A", species=rule)))
    with stocked.read() as session:
        assert preferred_of(session, "a") == ["saiga"]
        assert preferred_of(session, "b") == []


def test_the_same_form_asks_once(matching: Service) -> None:
    once = new_id()
    assert ask(matching, "unlock", Unlock(1), once) == ask(matching, "unlock", Unlock(1), once)
    with matching.read() as session:
        assert len(session.exec(select(Study)).all()) == 1


def test_what_a_crash_leaves_behind_is_taken_up_by_one_and_given_up_at_last(matching: Service) -> None:
    matching.extras.close()
    study_id = ask(matching, "unlock", Unlock(1))
    tokens = []
    for attempt in range(3):
        matching.clock = lambda attempt=attempt: NOW + timedelta(minutes=attempt)  # type: ignore[misc]
        with matching.work() as context:
            found = studies.take_next(context)
        assert found is not None
        assert found.attempts == attempt + 1
        tokens.append(found.taken)
        with matching.work() as context:
            assert studies.take_next(context) is None  # somebody works at it
    with matching.work() as context:
        assert not studies.finish(context, study_id, tokens[0], {})  # another has taken it up since
    matching.clock = lambda: NOW + timedelta(minutes=9)
    with matching.work() as context:
        assert studies.take_next(context) is None
    assert (row(matching, study_id).state, row(matching, study_id).error) == ("failed", "interrupted")


def test_a_study_that_is_put_back_waits_again(matching: Service) -> None:
    matching.extras.close()
    study_id = ask(matching, "unlock", Unlock(1))
    for counts, attempts in ((False, 0), (True, 1)):
        with matching.work() as context:
            found = studies.take_next(context)
            assert found is not None
            assert found.taken is not None
            assert studies.put_back(context, study_id, found.taken, counts=counts)
        assert (row(matching, study_id).state, row(matching, study_id).attempts) == ("queued", attempts)
