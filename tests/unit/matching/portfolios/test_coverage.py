"""What a plan covers and what it leaves out, with the reason."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.matching.rules.portfolios import Live
from services.matching.rules.portfolios.coverage import coverage, positions, resting, unfunded
from services.matching.rules.portfolios.record import digest_of, live_from, record_of, request_of
from services.matching.rules.portfolios.seen import Margin
from services.matching.words.portfolios import at_most, interval
from tests.unit.matching.build import window
from tests.unit.matching.portfolios.build import candidate, made, verdict

SIZE = frozenset({("amount_maximum", "maximum_passed")})


def mixed() -> Live:
    return made(
        [
            candidate(1), candidate(2, actions=("cami/1.1", "cami/2.1"), states=frozenset({"MNG", "KGZ"})),
            candidate(3), candidate(4, requested=Decimal(90000)), candidate(5),
        ],
        [window("a"), window("b")],
        [verdict(1, "a"), verdict(2, "b", "unsure", unknown=("status",)), verdict(4, "a", "not_eligible", refused=SIZE),
         verdict(4, "b", "not_eligible", refused=SIZE), verdict(5, "a")],
        must=frozenset({UUID(int=9)}), must_not=frozenset({UUID(int=5)}),
    )  # fmt: skip


def test_what_a_plan_covers() -> None:
    found = coverage(mixed(), {0, 1}, [(0, 0, 10000), (1, 1, 10000)])
    assert found.value == Fraction(10) + Fraction(5) + Fraction(6)
    assert (found.funded, found.dollars, found.windows) == (2, 20000, 2)
    assert found.actions == {"high": 1, "medium": 1}
    assert found.states == {"KGZ": 2, "MNG": 1}
    assert found.species == {"snow_leopard": 2}


def test_why_a_proposal_is_left_out() -> None:
    found = {one.position: (one.reason, one.missing) for one in unfunded(mixed(), {1})}
    assert found == {0: ("outbid", 0), 2: ("no_window", 0), 3: ("too_little", 50000), 4: ("not_wanted", 0)}


def test_a_plan_names_the_answers_that_it_rests_on() -> None:
    (one,) = resting(mixed(), [(0, 0, 10000), (1, 1, 10000)])
    assert (one.grant, one.unknown) == ((1, 1, 10000), ("status",))


def test_grants_are_told_by_id_and_read_by_position() -> None:
    live = mixed()
    assert positions(live, [[str(UUID(int=2)), "b", 10000]]) == ((1, 1, 10000),)


def test_what_a_plan_was_made_from_is_read_back_whole() -> None:
    live = mixed()
    request = request_of(live)
    assert live_from(request, record_of(live)) == live
    assert digest_of(request) == digest_of(request_of(mixed()))
    assert digest_of(request) != digest_of(request_of(made([candidate(1)], [window("a")], [verdict(1, "a")])))


def test_a_proof_never_promises_more_than_it_proves() -> None:
    assert at_most(0.00823) == "0.9%"
    assert at_most(0.008) == "0.8%"
    assert at_most(1e-9) == "0.1%"
    assert interval(Margin("closed", 0, "ok", 3.0, 4.5)) == "3–4.5"
    assert interval(Margin("closed", 0, "ok", 3.0, 3.0)) == "3"
