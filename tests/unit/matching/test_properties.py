"""What must hold for any window and any proposal."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Money, Tri
from contracts.windows import (
    AmountRule,
    ApplicantRule,
    CallRule,
    CofinancingRule,
    CountryRule,
    DurationRule,
    IntermediaryRule,
    SpeciesRule,
    WindowTerms,
)
from services.matching.rules import (
    ActionFacts,
    Judgement,
    PreparedWindow,
    ProposalFacts,
    Ranked,
    apportion,
    judge,
    positions,
)
from services.matching.rules.facts import AddressedAction, Cofinancing, Partner
from tests.unit.matching.build import RATES, TODAY, WEIGHTS, action, window

STATES, SPECIES = ["AFG", "KAZ", "KGZ", "MNG"], ["argali", "saiga", "snow_leopard", "urial"]
THEMES = ["climate_change", "community_conservation", "ecotourism", "livelihoods"]
KINDS = ["ngo_local", "government", "research"]
PRIORITIES = ["high", "high_medium", "medium", "medium_low", "low", None]
ORDER = {"not_eligible": 0, "unsure": 1, "eligible": 2}

tri = st.sampled_from(list(Tri))
amounts = st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False)
maybe_amount = st.none() | amounts
currencies = st.sampled_from(["USD", "GBP", "EUR", "XAU"])
maybe_day = st.none() | st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400))


def some(codes: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(codes), unique=True)


wild_windows = st.builds(
    WindowTerms,
    window_id=st.just("w"), revision=st.just(1), donor_id=st.just("d"), donor_name=st.just("D"), name=st.just("N"),
    kind=st.just("foundation"),
    status=st.sampled_from(["open", "recurring", "opens_later", "by_arrangement", "suspended", "closed", "unknown"]),
    amount=st.builds(AmountRule, minimum=maybe_amount, maximum=maybe_amount, currency=currencies,
                     maximum_known=st.booleans(), minimum_known=st.booleans()),
    duration=st.builds(DurationRule, minimum=st.none() | st.integers(1, 60), maximum=st.none() | st.integers(1, 200)),
    applicants=st.builds(ApplicantRule, kinds=some(KINDS), uncertain=some(KINDS), known=st.booleans()),
    countries=st.builds(CountryRule, basis=st.just("list"), states=st.dictionaries(st.sampled_from(STATES), tri)),
    species=st.builds(SpeciesRule, basis=st.just("list"), species=st.dictionaries(st.sampled_from(SPECIES), tri),
                      others=tri, preferred=some(SPECIES)),
    themes=some(THEMES),
    cofinancing=st.builds(
        CofinancingRule, mode=st.sampled_from(["none", "encouraged", "required", "portfolio_target", "unknown"]),
        ratio=st.none() | st.decimals(min_value=0, max_value=10, places=1), required=tri, counts_in_kind=tri),
    intermediary=st.builds(IntermediaryRule, intermediary=tri, endorsement=tri),
    call=st.builds(CallRule, cycle=st.sampled_from(["rolling", "annual", "irregular", "negotiated", "none", "unknown"]),
                   opens=maybe_day, deadline=maybe_day, last_deadline=maybe_day, deadline_certain=st.booleans()),
)  # fmt: skip
RULED = (
    "status", "amount", "duration", "applicants", "countries", "species", "themes", "cofinancing",
    "intermediary", "call",
)  # fmt: skip
OPEN = window(
    amount=AmountRule(), applicants=ApplicantRule(kinds=KINDS), species=SpeciesRule(basis="any"), themes=THEMES,
    countries=CountryRule(basis="list", states=dict.fromkeys(STATES, Tri.YES)),
)  # fmt: skip
# All rules at random nearly always hold a refusal; so some of them at random upon a window that takes nearly anything.
windows = wild_windows | st.builds(
    lambda wild, fields: OPEN.model_copy(update={name: getattr(wild, name) for name in fields}),
    wild_windows, st.frozensets(st.sampled_from(RULED), max_size=4),
)  # fmt: skip
addressed = st.builds(
    AddressedAction, st.sampled_from(["1.1", "2.4", "31.5"]), st.sampled_from(PRIORITIES), some(THEMES).map(frozenset)
)
dollars = amounts.map(lambda amount: (Money(amount=amount, currency="USD"), amount))
some_partners = st.frozensets(
    st.builds(Partner, st.sampled_from("XYZ"), st.sampled_from(KINDS), st.booleans()), max_size=3
)
proposals = st.builds(
    lambda asked, **other: ProposalFacts(requested=asked[0], requested_usd=asked[1], **other),
    asked=dollars, applicant_kind=st.sampled_from(KINDS), states=some(STATES).map(frozenset),
    species=some(SPECIES).map(frozenset), themes=some(THEMES).map(frozenset),
    actions=st.frozensets(addressed, max_size=3), duration_months=st.integers(1, 120),
    starts=st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    cofinancing=st.builds(Cofinancing, amounts, amounts, amounts, amounts),
    partners=some_partners,
)  # fmt: skip


def judged(facts: ProposalFacts, terms: WindowTerms) -> Judgement:
    return judge(facts, terms, today=TODAY, rates=RATES, weights=WEIGHTS)


@given(proposals, windows)
def test_counts_and_verdict_follow_from_the_findings(facts: ProposalFacts, terms: WindowTerms) -> None:
    result = judged(facts, terms)
    assert result.yes + result.unknown + result.no == len(result.findings) == 12
    expected = "not_eligible" if result.no else "unsure" if result.unknown else "eligible"
    assert result.overall == expected
    assert all(found.question for found in result.findings if found.verdict is Tri.UNKNOWN)
    assert not any(found.question for found in result.findings if found.verdict is Tri.NO)


@given(proposals, windows)
def test_parts_add_up_and_keep_within_their_weights(facts: ProposalFacts, terms: WindowTerms) -> None:
    result = judged(facts, terms)
    assert (result.fit is None) == (result.overall == "not_eligible") == (result.parts == ())
    if result.fit is not None:
        assert sum(part.points for part in result.parts) == result.fit <= 100
        assert all(0 <= part.points <= part.most == WEIGHTS.proposal[part.part] for part in result.parts)


@given(st.lists(st.integers(0, 25_000), max_size=9))
def test_apportioned_points_are_the_rounded_total(thousandths: list[int]) -> None:
    points = apportion(thousandths)
    assert sum(points) == (sum(thousandths) + 500) // 1000
    assert all(value // 1000 <= point <= -(-value // 1000) for value, point in zip(thousandths, points, strict=True))


def settled(terms: WindowTerms) -> list[WindowTerms]:
    """`terms` with each of its unknown facts, one at a time, turned into a yes (for who else must act: into a no)."""
    better = []
    for code, answer in terms.countries.states.items():
        if answer is Tri.UNKNOWN:
            countries = terms.countries.model_copy(update={"states": {**terms.countries.states, code: Tri.YES}})
            better.append(terms.model_copy(update={"countries": countries}))
    for code, answer in terms.species.species.items():
        if answer is Tri.UNKNOWN:
            species = terms.species.model_copy(update={"species": {**terms.species.species, code: Tri.YES}})
            better.append(terms.model_copy(update={"species": species}))
    if terms.species.others is Tri.UNKNOWN:
        better.append(terms.model_copy(update={"species": terms.species.model_copy(update={"others": Tri.YES})}))
    for kind in terms.applicants.uncertain:
        kinds = [*terms.applicants.kinds, kind]
        better.append(terms.model_copy(update={"applicants": terms.applicants.model_copy(update={"kinds": kinds})}))
    for who in ("intermediary", "endorsement"):
        if getattr(terms.intermediary, who) is Tri.UNKNOWN:
            other = terms.intermediary.model_copy(update={who: Tri.NO})
            better.append(terms.model_copy(update={"intermediary": other}))
    if terms.cofinancing.counts_in_kind is Tri.UNKNOWN:
        counting = terms.cofinancing.model_copy(update={"counts_in_kind": Tri.YES})
        better.append(terms.model_copy(update={"cofinancing": counting}))
    if terms.status == "unknown":
        better.append(terms.model_copy(update={"status": "open"}))
    return better


@given(proposals, windows)
def test_an_unknown_that_turns_out_well_never_lowers_the_verdict(facts: ProposalFacts, terms: WindowTerms) -> None:
    before = ORDER[judged(facts, terms).overall]
    for better in settled(terms):
        # A window known to be open has calls that end; only the status rule itself is then held to this.
        if better.status != terms.status and terms.call.deadline is not None:
            continue
        assert ORDER[judged(facts, better).overall] >= before


@given(proposals, windows)
def test_confirming_cofinancing_never_lowers_the_verdict(facts: ProposalFacts, terms: WindowTerms) -> None:
    have = facts.cofinancing
    letters = Cofinancing(have.confirmed_cash + have.indicative_cash, have.confirmed_in_kind + have.indicative_in_kind)
    before, after = judged(facts, terms), judged(replace(facts, cofinancing=letters), terms)
    assert ORDER[after.overall] >= ORDER[before.overall]


@given(proposals, windows, st.randoms(use_true_random=False))
def test_no_list_has_an_order_that_matters(facts: ProposalFacts, terms: WindowTerms, random: object) -> None:
    def shuffled(values: list[str]) -> list[str]:
        return sorted(values, key=lambda _: random.random())  # type: ignore[attr-defined]

    other = terms.model_copy(update={
        "themes": shuffled(terms.themes),
        "applicants": terms.applicants.model_copy(update={"kinds": shuffled(terms.applicants.kinds)}),
        "species": terms.species.model_copy(update={
            "preferred": shuffled(terms.species.preferred),
            "species": {code: terms.species.species[code] for code in shuffled(list(terms.species.species))},
        }),
    })  # fmt: skip
    assert judged(facts, other) == judged(facts, terms)


@given(windows, some(STATES), some(SPECIES), some(THEMES), st.sampled_from(PRIORITIES))
def test_an_action_is_payable_only_without_a_no(
    terms: WindowTerms, states: list[str], species: list[str], themes: list[str], priority: str | None
) -> None:
    facts: ActionFacts = action(
        states=frozenset(states), species=frozenset(species), themes=frozenset(themes), priority=priority
    )
    verdict = PreparedWindow(terms, today=TODAY, weights=WEIGHTS).judge(facts)
    assert sum(verdict.parts) == verdict.fit
    assert all(0 <= part <= most for part, most in zip(verdict.parts, WEIGHTS.action.values(), strict=True))
    if verdict.could_pay:
        assert verdict.overall is not Tri.NO


@given(st.lists(
    st.builds(Ranked, st.text("abcdef", min_size=1), st.sampled_from(["eligible", "unsure", "not_eligible"]),
              st.none() | st.integers(0, 100), st.integers(0, 12)), unique_by=lambda pair: pair.window_id,
))  # fmt: skip
def test_a_ranking_puts_no_worse_verdict_before_a_better_one(pairs: list[Ranked]) -> None:
    places = positions(pairs)
    assert sorted(places.values()) == list(range(1, len(pairs) + 1))
    in_order = sorted(pairs, key=lambda pair: places[pair.window_id])
    verdicts = [ORDER[pair.overall] for pair in in_order]
    assert verdicts == sorted(verdicts, reverse=True)
