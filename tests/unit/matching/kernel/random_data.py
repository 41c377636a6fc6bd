"""Random proposals and windows: near every limit, in several currencies, and some that fit into no column."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

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
from services.matching.rules import ProposalFacts, Rates
from services.matching.rules.answers import Setting
from services.matching.rules.facts import Cofinancing
from services.matching.rules.questions import settled
from services.matching.rules.settled import Question, Told
from tests.unit.matching.build import TODAY, proposal, window

KINDS = ["ngo_local", "government", "research", "individual"]
STATES = ["AFG", "KAZ", "KGZ", "MNG", "TJK"]
SPECIES = ["argali", "saiga", "snow_leopard", "urial"]
THEMES = ["climate_change", "community_conservation", "ecotourism", "livelihoods"]
CURRENCIES = ["USD", "GBP", "EUR", "UZS", "XAU"]
UNITS = {"USD": "1", "GBP": "0.76", "EUR": "0.87", "UZS": "12650.3"}

tri = st.sampled_from(list(Tri))
round_amounts = st.sampled_from([Decimal(text) for text in (
    "0", "0.01", "0.05", "900", "899.99", "900.01", "1000", "999.99", "1000.01", "1100", "1099.99", "1100.01",
    "1184.21", "1447.37", "500", "500.01", "499.99", "2000", "1315.79", "1149.43", "1264.37", "1034.48", "12650300",
)])  # fmt: skip
amounts = round_amounts | st.decimals(0, 3000, places=2) | st.decimals(-10, 10**9, places=2)
strange_amounts = st.sampled_from([Decimal("1000.005"), Decimal(10**15), Decimal("1E+13"), Decimal("0.1") / 3])
limits = st.none() | round_amounts | st.decimals(-100, 3000, places=3) | strange_amounts
ratios = st.sampled_from([Decimal(text) for text in ("0", "0.5", "1", "1.00", "0.3333", "7", "2.5", "1E+1")])
strange_ratios = st.sampled_from([Decimal("-1"), Decimal(1) / 3, Decimal("123456.7")])
maybe_months = st.none() | st.integers(10, 14)
maybe_day = st.none() | st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))


def some(codes: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(codes), unique=True)


def rates(units: dict[str, str]) -> Rates:
    return Rates({currency: Decimal(text) for currency, text in units.items()}, date(2026, 11, 1))


wild_settings = st.builds(
    Setting, st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=40)),
    st.sampled_from([rates(UNITS), rates(UNITS | {"EUR": "0", "GBP": "0.7612345678901234567"})]),
)  # fmt: skip


def settings_of_windows(count: int) -> st.SearchStrategy[list[Setting]]:
    return st.lists(wild_settings, min_size=count, max_size=count)


fields: dict[str, st.SearchStrategy[object]] = {
    "status": st.sampled_from(
        ["open", "recurring", "opens_later", "by_arrangement", "suspended", "closed", "not_for_us", "unknown", "new"]),
    "amount": st.builds(AmountRule, minimum=limits, maximum=limits, currency=st.sampled_from(CURRENCIES),
                        maximum_known=st.booleans(), minimum_known=st.booleans()),
    "duration": st.builds(DurationRule, minimum=maybe_months, maximum=maybe_months),
    "applicants": st.builds(ApplicantRule, kinds=some(KINDS), uncertain=some([*KINDS, "bank"]), known=st.booleans()),
    "countries": st.builds(CountryRule, basis=st.just("list"),
                           states=st.dictionaries(st.sampled_from([*STATES, "FRA"]), tri)),
    "species": st.builds(SpeciesRule, basis=st.just("list"), others=tri,
                         species=st.dictionaries(st.sampled_from([*SPECIES, "kulan"]), tri)),
    "themes": some([*THEMES, "law"]),
    "cofinancing": st.builds(
        CofinancingRule, mode=st.sampled_from(["none", "encouraged", "required", "portfolio_target", "unknown"]),
        ratio=st.none() | ratios | strange_ratios, required=tri, counts_in_kind=tri),
    "intermediary": st.builds(IntermediaryRule, intermediary=tri, endorsement=tri),
    "call": st.builds(CallRule, deadline_certain=st.booleans(), opens=maybe_day, deadline=maybe_day,
                      last_deadline=maybe_day, cycle=st.sampled_from(
                          ["rolling", "annual", "several_a_year", "irregular", "by_invitation", "none", "unknown"])),
}  # fmt: skip
OPEN = window(
    amount=AmountRule(), applicants=ApplicantRule(kinds=KINDS), species=SpeciesRule(basis="any"), themes=THEMES,
    countries=CountryRule(basis="list", states=dict.fromkeys(STATES, Tri.YES)),
)  # fmt: skip
# All rules at random nearly always hold a refusal: so a few of them at random, on a window that takes nearly anything.
wild_windows = st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=10).flatmap(
    lambda names: st.fixed_dictionaries({name: fields[name] for name in names})
).map(lambda changed: OPEN.model_copy(update=changed))  # fmt: skip


def with_themes_told(terms: WindowTerms, themes: list[str]) -> WindowTerms:
    """`terms` after somebody has said yes to each of the themes that they do not name."""
    return settled(terms, [Told(Question(terms.window_id, "theme", theme), "yes") for theme in themes])


told_windows = st.builds(
    with_themes_told,
    st.builds(lambda terms, known: terms if known else terms.model_copy(update={"themes": []}),
              wild_windows, st.booleans()),
    some([*THEMES, "law"]),
)  # fmt: skip
some_windows: st.SearchStrategy[list[WindowTerms]] = st.lists(
    st.one_of(wild_windows, wild_windows, told_windows), max_size=4
)

money = round_amounts | amounts | st.just(Decimal(0))
odd_money = money | strange_amounts
wild_proposals = st.builds(
    lambda amount, currency, **other: proposal(requested=Money(amount=amount, currency=currency), **other),
    amount=money, currency=st.sampled_from([*CURRENCIES[:3], "CHF"]), requested_usd=money,
    applicant_kind=st.sampled_from(KINDS), states=some(STATES).map(frozenset), species=some(SPECIES).map(frozenset),
    themes=some(THEMES).map(frozenset), duration_months=st.integers(9, 15),
    cofinancing=st.builds(Cofinancing, money, money, money, money),
    rounding=st.integers(0, 4).map(lambda lines: lines * Decimal("0.005")),
)  # fmt: skip
strange_proposals = st.one_of(
    st.builds(lambda facts, usd: replace(facts, requested_usd=usd), wild_proposals, strange_amounts),
    st.builds(lambda facts, cash: replace(facts, cofinancing=Cofinancing(cash)), wild_proposals, strange_amounts),
    st.builds(lambda facts: replace(facts, duration_months=10**30), wild_proposals),
    st.builds(lambda facts: replace(facts, rounding=Decimal("0.001")), wild_proposals),
    st.builds(lambda facts, had: replace(facts, agency_agreed=had, endorsed=not had), wild_proposals, st.booleans()),
)  # fmt: skip
some_proposals: st.SearchStrategy[list[ProposalFacts]] = st.lists(
    st.one_of(wild_proposals, wild_proposals, wild_proposals, strange_proposals), max_size=7
)
