"""Today's data as an instance: every number says where it comes from, and nothing is promised twice."""

from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import combinations
from random import Random
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Tri
from contracts.windows import AmountRule, CofinancingRule
from services.matching.portfolio.instance import Action, Instance, Proposal, Window
from services.matching.rules.fit import USUAL_FROM
from services.matching.rules.portfolios import Changes, Live, NewWindow, fundable
from services.matching.rules.portfolios.coverage import unfunded
from services.matching.rules.portfolios.reach import MOST_WORK
from services.matching.words.portfolios import absent, why_not
from services.matching.words.scenarios import changes_in_words
from tests.unit.matching.build import window
from tests.unit.matching.portfolios.build import award, candidate, made, verdict
from tests.work import work_of

SIZE = frozenset({("amount_maximum", "maximum_passed")})


def test_a_proposal_asks_for_what_it_has_not_got_and_weights_follow_the_priority() -> None:
    live = made(
        [candidate(1, requested=Decimal("9999.01"), confirmed=Decimal("2000.99"), actions=("cami/1.1", "cami/3.1"))],
        [window("a")], [verdict(1, "a")],
    )  # fmt: skip
    (proposal,) = live.instance.proposals
    assert (proposal.need, proposal.confirmed, proposal.cost) == (10000, 2000, 12000)
    assert [(action.id, action.weight) for action in live.instance.actions] == [
        ("cami/1.1", Fraction(10)),
        ("cami/3.1", Fraction(1)),
    ]
    assert proposal.actions == (0, 1)


def test_a_window_gives_one_grant_at_its_maximum_in_dollars_rounded_down() -> None:
    pounds = AmountRule(minimum=Decimal(5000), maximum=Decimal(7000), currency="GBP")
    live = made([candidate(1)], [window("a", amount=pounds)], [verdict(1, "a")])
    (found,) = live.instance.windows
    assert (found.min_grant, found.max_grant, found.budget) == (6579, 9210, 9210)  # 0.76 pounds a dollar
    assert live.windows[0].assumed == "one_grant"
    assert live.windows[0].maximum is not None
    assert live.windows[0].maximum.currency == "GBP"


def test_a_grant_of_one_fixed_size_is_not_rounded_away() -> None:
    fixed = AmountRule(minimum=Decimal(40000), maximum=Decimal(40000), currency="GBP")
    live = made([candidate(1, requested=Decimal(90000))], [window("a", amount=fixed)], [verdict(1, "a")])
    assert (live.instance.windows[0].min_grant, live.instance.windows[0].max_grant) == (52631, 52631)


def least(live: Live) -> int:
    (found,) = live.instance.windows
    return found.min_grant


def test_where_a_donor_states_no_smallest_grant_grants_are_as_usual() -> None:
    large = window("a", amount=AmountRule(maximum=Decimal(2_000_000)))
    asks = candidate(1, requested=Decimal(600_000))
    live = made([asks], [large], [verdict(1, "a")])
    assert least(live) == 500_000 == int(2_000_000 * USUAL_FROM)  # as the fit reckons it
    assert live.windows[0].smallest == "usual"
    stated = made(
        [asks], [window("a", amount=AmountRule(minimum=Decimal(7), maximum=Decimal(9000)))], [verdict(1, "a")]
    )
    assert (least(stated), stated.windows[0].smallest) == (7, "stated")
    assert least(made([asks], [large], [verdict(1, "a")], least_by="share", least_share=10)) == 200_000
    assert least(made([asks], [large], [verdict(1, "a")], largest={"a": 100_000})) == 25_000
    tiny = window("a", amount=AmountRule(maximum=Decimal(800)))
    assert least(made([asks], [tiny], [verdict(1, "a")])) == 800  # never above the ceiling
    assert least(made([asks], [window("a", amount=AmountRule(maximum=Decimal(3000)))], [verdict(1, "a")])) == 1000


def test_nobody_knows_what_is_usual_where_no_largest_grant_is_stated() -> None:
    unknown = window("a", amount=AmountRule(maximum=None, maximum_known=False))
    assert least(made([candidate(1)], [unknown], [verdict(1, "a")], budgets={"a": 5_000_000})) == 1000


def test_the_last_money_of_a_window_may_be_less_than_usual() -> None:
    live = made([candidate(1), candidate(2)], [window("a")], [verdict(2, "a")], [award(1, "a", 17000)])
    assert (live.instance.windows[0].budget, least(live)) == (3000, 3000)
    spent = made([candidate(1), candidate(2)], [window("a")], [verdict(2, "a")], [award(1, "a", 19500)])
    assert [one.why for one in spent.left_out] == ["spent"]


def test_nobody_applies_for_a_few_dollars_where_an_amount_is_assumed() -> None:
    by: dict[str, Any] = {"least_by": "amount"}
    assert least(made([candidate(1)], [window("a")], [verdict(1, "a")], **by)) == 1000
    assert least(made([candidate(1)], [window("a")], [verdict(1, "a")], **by, least_grant=1)) == 1
    modest = made([candidate(1, requested=Decimal(300))], [window("a")], [verdict(1, "a")], **by)
    assert fundable(modest.instance) == {0}  # such an amount shuts nobody out


def test_who_needs_less_than_usual_is_told_so() -> None:
    large = window("a", amount=AmountRule(maximum=Decimal(2_000_000)))
    live = made([candidate(1)], [large], [verdict(1, "a")])
    (one,) = unfunded(live, ())
    assert one.reason == "unusual"
    assert "assumed to make larger grants" in why_not(one)
    (other,) = unfunded(made([candidate(1)], [large], [verdict(1, "a")], least_by="amount"), ())
    assert other.reason == "outbid"
    stated = window("a", amount=AmountRule(minimum=Decimal(500_000), maximum=Decimal(2_000_000)))
    (third,) = unfunded(made([candidate(1)], [stated], [verdict(1, "a")]), ())
    assert third.reason == "too_little"  # no assumption of ours


def test_a_made_up_window_that_states_no_smallest_grant_is_taken_as_others_are() -> None:
    silent = NewWindow("new-1", "Fund", 90_000, 0, 60_000)
    assert least(made([candidate(1)], [], [], new_windows=(silent,))) == 15_000
    assert least(made([candidate(1)], [], [], new_windows=(silent,), least_by="amount")) == 0


def test_what_was_kept_before_there_was_a_choice_means_what_it_meant() -> None:
    kept = Changes(least_grant=2500, least_by="amount").as_json()
    del kept["least_by"], kept["least_share"]
    old = Changes.from_json(kept)
    assert (old.least_by, old.least_grant) == ("amount", 2500)
    del kept["least_grant"]
    older = Changes.from_json(kept)
    assert (older.least_by, older.least_grant) == ("amount", 1000)
    assert Changes.from_json(Changes(least_by="share", least_share=10).as_json()).least_share == 10
    assert any("USD\N{NO-BREAK SPACE}1,000" in text for text in changes_in_words(older, {}, {}))
    assert changes_in_words(Changes(), {}, {}) == []


def test_a_window_without_a_known_maximum_is_left_out_unless_the_scenario_gives_a_budget() -> None:
    unknown = window("a", amount=AmountRule(maximum=None, maximum_known=False))
    assert [one.why for one in made([candidate(1)], [unknown], [verdict(1, "a")]).left_out] == ["no_maximum"]
    given = made([candidate(1)], [unknown], [verdict(1, "a")], budgets={"a": 50000})
    assert (given.instance.windows[0].budget, given.instance.windows[0].max_grant) == (50000, 50000)
    assert given.windows[0].assumed == "scenario"


def test_an_amount_that_is_not_verified_says_so() -> None:
    unverified = window("a", amount=AmountRule(maximum=Decimal(20000), maximum_known=False))
    assert made([candidate(1)], [unverified], [verdict(1, "a")]).windows[0].assumed == "one_grant_unverified"


def test_only_a_requirement_binds_the_ratio() -> None:
    for mode, ratio in (("required", Fraction(1, 2)), ("portfolio_target", Fraction(0)), ("encouraged", Fraction(0))):
        terms = window("a", cofinancing=CofinancingRule(mode=mode, ratio=Decimal("0.5"), required=Tri.YES))
        assert made([candidate(1)], [terms], [verdict(1, "a")]).instance.windows[0].ratio == ratio


def test_money_that_was_awarded_is_there_already() -> None:
    live = made(
        [candidate(1), candidate(2)], [window("a"), window("b")],
        [verdict(1, "a"), verdict(1, "b"), verdict(2, "a")], [award(1, "a", "4000.50")],
    )  # fmt: skip
    assert live.instance.proposals[0].need == 6000  # 4 000 whole dollars are there
    assert live.awarded == (4000, 0)
    assert live.instance.windows[0].budget == 20000 - 4001
    assert (0, 0) not in live.pairs
    assert (0, 1) in live.pairs
    assert (1, 0) in live.pairs


def test_a_window_that_has_awarded_all_of_it_is_spent() -> None:
    live = made([candidate(1), candidate(2)], [window("a")], [verdict(2, "a")], [award(1, "a", 20000)])
    assert [one.why for one in live.left_out] == ["spent"]


def test_what_is_awarded_in_full_needs_no_grant() -> None:
    live = made([candidate(1)], [window("a")], [], [award(1, "a", 15000)])
    assert live.instance.proposals[0].need == 0
    assert fundable(live.instance) == {0}


def test_unsure_pairs_count_only_where_they_are_asked_for() -> None:
    pair = verdict(1, "a", "unsure", unknown=("status",))
    live = made([candidate(1)], [window("a")], [pair])
    assert live.pairs[0, 0] == ("unsure", ("status",))
    assert made([candidate(1)], [window("a")], [pair], unsure=False).pairs == {}


def test_a_refusal_of_the_size_alone_leaves_room_for_a_part() -> None:
    pair = verdict(1, "a", "not_eligible", refused=SIZE)
    big = [candidate(1, requested=Decimal(30000))]
    assert made(big, [window("a")], [pair]).pairs[0, 0] == ("part", ())
    assert made(big, [window("a")], [pair], parts=False).pairs == {}
    other = verdict(1, "a", "not_eligible", refused=SIZE | {("states", "states_refused")})
    assert made(big, [window("a")], [other]).pairs == {}
    doubtful = verdict(1, "a", "not_eligible", refused=SIZE, unknown=("status",))
    assert made(big, [window("a")], [doubtful], unsure=False).pairs == {}
    nothing = verdict(1, "a", "not_eligible", refused=frozenset({("cofinancing", "cofinancing_missing")}))
    assert made(big, [window("a")], [nothing]).pairs == {}


def test_what_was_dismissed_or_declined_is_left_out_and_counted() -> None:
    live = made([candidate(1)], [window("a"), window("b")], [verdict(1, "a", set_aside=True), verdict(1, "b")])
    assert list(live.pairs) == [(0, 0)]
    assert live.windows[0].window_id == "b"
    assert live.set_aside == 1


def test_a_scenario_closes_windows_and_makes_new_ones() -> None:
    new = NewWindow("new-1", "A new fund", 50000, 1000, 25000, Decimal("0.25"), frozenset({"KGZ", "TJK"}))
    live = made(
        [candidate(1), candidate(2, states=frozenset({"MNG"})), candidate(3, states=frozenset())],
        [window("a")], [verdict(1, "a")], closed=frozenset({"a"}), new_windows=(new,),
    )  # fmt: skip
    assert [one.window_id for one in live.windows] == ["new-1"]
    assert live.windows[0].made_up
    assert live.instance.windows[0].ratio == Fraction(1, 4)
    assert live.pairs == {(0, 0): ("new", ())}
    assert ("a", "closed") in [(one.window_id, one.why) for one in live.left_out]


def test_wishes_become_positions_and_what_nobody_can_reach_is_named() -> None:
    proposals = [
        candidate(1), candidate(2, states=frozenset({"MNG"}), species=frozenset({"saiga"})),
        candidate(3, states=frozenset({"NPL"})),
    ]  # fmt: skip
    live = made(
        proposals, [window("a")], [verdict(1, "a"), verdict(3, "a")], each_state=True, each_species=True,
        must=frozenset({UUID(int=3), UUID(int=9)}), must_not=frozenset({UUID(int=2)}),
    )  # fmt: skip
    assert set(live.at_least_one) == {frozenset({0}), frozenset({2}), frozenset({0, 2})}
    assert live.out_of_reach == {"states": ("MNG",), "species": ("saiga",)}
    assert (live.must, live.must_not, live.missing) == (frozenset({2}), frozenset({1}), frozenset({UUID(int=9)}))


def test_two_windows_together_reach_what_one_cannot() -> None:
    pairs = [verdict(1, name, "not_eligible", refused=SIZE) for name in ("a", "b")]
    big = [candidate(1, requested=Decimal(35000))]
    assert fundable(made(big, [window("a"), window("b")], pairs).instance) == {0}
    assert fundable(made(big, [window("a"), window("b")], pairs, max_windows=1).instance) == frozenset()


def test_smallest_grants_can_be_too_large_together() -> None:
    """25 000 are needed; two windows of 20 000 to 20 000 overshoot, one falls short."""
    fixed = AmountRule(minimum=Decimal(20000), maximum=Decimal(20000), currency="USD")
    terms = [window(name, amount=fixed) for name in ("a", "b")]
    pairs = [verdict(1, name, "not_eligible", refused=SIZE) for name in ("a", "b")]
    assert fundable(made([candidate(1, requested=Decimal(25000))], terms, pairs).instance) == frozenset()


def test_the_order_of_the_data_does_not_matter() -> None:
    terms, proposals = [window("a"), window("b")], [candidate(1), candidate(2)]
    pairs = [verdict(number, name) for number in (1, 2) for name in ("a", "b")]
    assert made(proposals, terms, pairs) == made(proposals[::-1], terms[::-1], pairs[::-1])


def test_changes_are_kept_and_read_back() -> None:
    changes = Changes(
        closed=frozenset({"b", "a"}), new_windows=(NewWindow("new-1", "Fund", 9, 1, 5, Decimal("0.5")),),
        budgets={"c": 10}, largest={"c": 5}, must=frozenset({UUID(int=1)}), must_not=frozenset({UUID(int=2)}),
        unsure=False, each_state=True, max_windows=2,
    )  # fmt: skip
    assert Changes.from_json(changes.as_json()) == changes


def test_a_window_that_pays_for_preparation_only_is_in_no_plan_and_says_why() -> None:
    live = made(
        [candidate(1)], [window("a"), window("b")], [verdict(1, "a"), verdict(1, "b")], preparation=frozenset({"a"})
    )
    assert [one.window_id for one in live.windows] == ["b"]
    assert [(one.window_id, one.why) for one in live.left_out] == [("a", "preparation")]
    assert absent("preparation") == "It pays for preparing a project, not for the project itself."


def test_a_part_never_rests_on_money_in_kind_that_the_donor_does_not_count() -> None:
    """100 000 are asked for and as much is there in kind: half of it would seem to meet a ratio of one."""
    brought = [candidate(1, requested=Decimal(100000), confirmed=Decimal(100000), in_kind=Decimal(100000))]
    cash = [candidate(1, requested=Decimal(100000), confirmed=Decimal(60000))]
    pair = verdict(1, "a", "not_eligible", refused=frozenset({("cofinancing", "cofinancing_short")}))

    def asks(in_kind: Tri) -> Any:
        rule = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES, counts_in_kind=in_kind)
        return window("a", cofinancing=rule)

    assert made(brought, [asks(Tri.NO)], [pair]).pairs == {}
    assert made(brought, [asks(Tri.UNKNOWN)], [pair]).pairs == {(0, 0): ("part", ("cofinancing",))}
    assert made(brought, [asks(Tri.UNKNOWN)], [pair], unsure=False).pairs == {}
    assert made(brought, [asks(Tri.YES)], [pair]).pairs == {(0, 0): ("part", ())}
    assert made(cash, [asks(Tri.NO)], [pair]).pairs == {(0, 0): ("part", ())}


def alone(need: int, offers: list[tuple[int, int]], most_windows: int) -> Instance:
    windows = tuple(Window(str(n), most, least, most, Fraction(0)) for n, (least, most) in enumerate(offers))
    return Instance(
        (Action("a", Fraction(1)),), (Proposal("p", need, 0, (0,)),), windows,
        tuple((0, n) for n in range(len(offers))), most_windows,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_what_windows_add_up_to_is_told_as_by_trying_them_all(seed: int) -> None:
    chance = Random(seed)
    for _ in range(20):
        offers = []
        for _ in range(chance.randint(1, 6)):
            least = chance.randint(1, 12)
            offers.append((least, least + chance.choice((0, 0, 1, 5))))
        need, most = chance.randint(1, 40), chance.randint(1, 4)
        tried = any(
            sum(least for least, _ in some) <= need <= sum(top for _, top in some)
            for size in range(1, most + 1)
            for some in combinations(offers, size)
        )
        assert (fundable(alone(need, offers, most)) == {0}) is tried


@pytest.mark.parametrize(
    "offers",
    [
        [(1000 + 2 * n, 1000 + 2 * n) for n in range(60)],  # even sums, an odd need: no combination does it
        [(2 * (7**n % 10007) + 2, 2 * (7**n % 10007) + 2) for n in range(60)],
    ],
)
def test_windows_of_fixed_sizes_are_soon_looked_through(offers: list[tuple[int, int]]) -> None:
    assert work_of(partial(fundable, alone(12345, offers, 12))) < 4 * MOST_WORK


def test_windows_whose_smallest_grants_are_too_large_together_are_not_tried() -> None:
    assert fundable(alone(1500, [(1000, 1400)] * 60, 20)) == frozenset()


def test_a_proposal_that_is_gone_is_not_named_by_its_number() -> None:
    gone = UUID(int=9)
    changes = Changes(must=frozenset({UUID(int=1), gone}), must_not=frozenset({UUID(int=8)}))
    texts = changes_in_words(changes, {}, {str(UUID(int=1)): "CAMI-2026-0001"})
    assert texts == [
        "Must be funded: CAMI-2026-0001; a proposal that is not submitted any more.",
        "Must not be funded: a proposal that is not submitted any more.",
    ]
