"""The terms of a funding window as the donor inventory publishes them.

Every rule is data with its evidence. A value that is not known is None, or `unknown`, never a guess.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from contracts.values import Code, Currency, Evidence, LocalizedText, StateCode, Tri, Value


class AmountRule(Value):
    """Size of one grant, in `currency`. None: the donor states no limit that we know of."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    currency: Currency = "USD"
    maximum_known: bool = True
    """False when the ceiling exists but its present value is not verified: exceeding it is unknown, not no. With
    `maximum` None: nothing is known of the ceiling, so that every amount is unknown."""
    minimum_known: bool = True
    """False when the floor's present value is not verified: falling below it is unknown, not no."""
    evidence: Evidence = Evidence()


class DurationRule(Value):
    """Length of a project in months. None: not stated."""

    minimum: int | None = None
    maximum: int | None = None
    evidence: Evidence = Evidence()


class ApplicantRule(Value):
    """Who may apply. A kind that is in neither list may not."""

    kinds: list[Code] = Field(default_factory=list)
    uncertain: list[Code] = Field(default_factory=list)
    known: bool = True
    """False when nothing is known of who may apply: every kind is then unknown."""
    evidence: Evidence = Evidence()


class CountryRule(Value):
    """Where the money may be spent. States that are not in `states` are unknown."""

    basis: Code
    """The class of countries the donor names, e.g. `dac_oda`, `gef_recipient`, `list`, `world`."""
    states: dict[StateCode, Tri] = Field(default_factory=dict)
    evidence: Evidence = Evidence()


class SpeciesRule(Value):
    """Which species the window is for. `preference` prefers the listed ones but shuts none out."""

    basis: Code
    """`any`, `list`, `red_list`, `preference` and so on."""
    species: dict[Code, Tri] = Field(default_factory=dict)
    others: Tri = Tri.YES
    """Answer for a species that is not in `species`."""
    preferred: list[Code] = Field(default_factory=list)
    red_list: list[str] = Field(default_factory=list)
    """IUCN Red List categories that the donor names, if it goes by them."""
    evidence: Evidence = Evidence()


class CofinancingRule(Value):
    """What must be brought beside the grant. `ratio` is co-financing divided by the grant."""

    mode: Literal["none", "encouraged", "required", "portfolio_target", "unknown"] = "unknown"
    ratio: Decimal | None = None
    """For `required`: the least ratio of one project; None when required without a stated ratio. For
    `portfolio_target`: the donor's ambition over all its projects, which warns and never refuses."""
    required: Tri = Tri.UNKNOWN
    """Whether some co-financing must be shown at all, whatever its ratio. Unknown where a donor expects it."""
    counts_in_kind: Tri = Tri.UNKNOWN
    evidence: Evidence = Evidence()


class IntermediaryRule(Value):
    """Whether somebody else must submit or endorse."""

    intermediary: Tri = Tri.UNKNOWN
    """Yes: an accredited body has to submit on the applicant's behalf."""
    endorsement: Tri = Tri.UNKNOWN
    """Yes: a focal point or other authority has to endorse."""
    who: str = ""
    evidence: Evidence = Evidence()


class CallRule(Value):
    """When one may apply."""

    cycle: Code = "unknown"
    opens: date | None = None
    deadline: date | None = None
    """The last day of the call that is open or comes next, in the funder's time zone."""
    deadline_certain: bool = True
    """False when `deadline` follows from the donor's usual cycle and is not announced."""
    last_deadline: date | None = None
    """The last day of the latest call that is known to be over."""
    zone: str = "UTC"
    """IANA name of the funder's time zone."""
    note: str = ""
    evidence: Evidence = Evidence()


class WindowTerms(Value):
    """All that is known of one funding window at one revision."""

    window_id: Code
    revision: int = Field(ge=1)
    donor_id: Code
    donor_name: str
    name: str
    kind: Code
    """multilateral, trust_fund, bilateral, foundation, private_sector, national."""
    fund: Code | None = None
    """`gef` for windows of the Global Environment Facility, whatever body runs them."""
    status: Code
    status_evidence: Evidence = Evidence()
    summary: LocalizedText = LocalizedText()
    amount: AmountRule = AmountRule()
    duration: DurationRule = DurationRule()
    applicants: ApplicantRule = ApplicantRule()
    countries: CountryRule
    species: SpeciesRule
    themes: list[Code] = Field(default_factory=list)
    theme_words: list[str] = Field(default_factory=list)
    """The donor's own words for its themes."""
    cofinancing: CofinancingRule = CofinancingRule()
    intermediary: IntermediaryRule = IntermediaryRule()
    call: CallRule = CallRule()
    url: str = ""
    sources: list[Evidence] = Field(default_factory=list)
    confidence: Literal["high", "medium", "low", "unknown"] = "unknown"
    checked: date | None = None
    check_again: date | None = None
    unverified: str = ""
    notes: str = ""
