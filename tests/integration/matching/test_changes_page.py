"""What the pages say would make a proposal fit."""

from decimal import Decimal

import html5lib
import pytest

from contracts.envelope import new_id
from contracts.events import Partner
from contracts.values import Tri
from contracts.windows import AmountRule, ApplicantRule, CountryRule, DurationRule, IntermediaryRule
from services.matching.tables import ProposalCopy
from tests.integration.matching.conftest import NGO, PROPOSAL, Pages
from tests.integration.matching.events import hand, published, submitted
from tests.integration.matching.test_pages import RANKING, RUFFORD, text
from tests.unit.matching.build import window

CHANGES = f"{RANKING}/windows/big"
BIG = window(
    "big", name="Big Grant", amount=AmountRule(minimum=Decimal(50000)), applicants=ApplicantRule(kinds=["government"]),
    intermediary=IntermediaryRule(intermediary=Tri.NO, endorsement=Tri.YES, who="The focal point"),
)  # fmt: skip


def test_a_refusal_says_what_would_turn_it(filled: Pages) -> None:
    hand(filled.service, published(BIG))
    page = text(filled.get(CHANGES))
    assert "With these changes no rule refuses. Still to be answered: endorsement." in page
    assert "Ask for USD 50,000 instead of USD 15,000. Plan work worth USD 35,000 more" in page
    assert "Let a partner lead that is one of these: Government body." in page
    rest = page[page.index("For a yes on every rule, all of these:") :]
    assert "Obtain the endorsement of the focal point or authority." in rest


def test_each_change_says_its_cost_and_the_page_says_the_verdict(filled: Pages) -> None:
    hand(filled.service, published(BIG))
    page = text(filled.get(CHANGES))
    assert "Cost USD 35,000 more to plan" in page
    assert "Cost another organisation leads, a partner to find" in page
    first, rest = page.split("For a yes on every rule, all of these:")
    assert "The verdict would then be: Needs an answer" in first
    assert "endorsement" in first[first.index("Needs an answer") :].lower()
    assert "Cost 1 letter to obtain" in rest
    assert "The verdict would then be: May fund this" in rest


PARTNERS = [
    Partner(line_id=new_id(), name="Naryn State Reserve", applicant_kind="government", country="KGZ", lead="agreed"),
    Partner(line_id=new_id(), name="Institute of Zoology", applicant_kind="research", country="KGZ"),
    Partner(line_id=new_id(), name="Ministry of Nature", applicant_kind="government", country="KGZ", lead="no"),
]


def test_a_partner_is_named_where_it_would_open_windows(filled: Pages) -> None:
    governmental, scientific = ApplicantRule(kinds=["government"]), ApplicantRule(kinds=["research"])
    hand(
        filled.service,
        published(window("g1", applicants=governmental)), published(window("g2", applicants=governmental)),
        published(window("r1", applicants=scientific)),
        submitted(PROPOSAL, organisation=NGO, version=2, partners=PARTNERS),
    )  # fmt: skip
    page = text(filled.get(RANKING))
    assert "2 more windows open if your partner Naryn State Reserve leads Cost another organisation leads" in page
    assert "1 more window opens if your partner Institute of Zoology leads" in page
    assert "Ministry of Nature" not in page, "it will not lead"
    assert "if a partner of this kind leads" not in page
    pair = text(filled.get(f"{RANKING}/windows/g1"))
    assert "Let your partner Naryn State Reserve lead. This is agreed already." in pair
    assert "Ministry of Nature" not in pair
    pair = text(filled.get(f"{RANKING}/windows/r1"))
    assert "Let your partner Institute of Zoology lead. This still has to be agreed." in pair


def test_a_proposal_kept_before_partners_were_told_is_judged_and_shown(filled: Pages) -> None:
    with filled.service.work() as context:
        copy = context.session.get(ProposalCopy, PROPOSAL)
        assert copy is not None
        copy.payload = {name: value for name, value in copy.payload.items() if name != "partners"}
        context.session.add(copy)
    hand(filled.service, published(window("g1", applicants=ApplicantRule(kinds=["government"]))))
    assert "1 more window opens if a partner of this kind leads: Government body" in text(filled.get(RANKING))


def test_a_yes_within_reach_is_called_a_yes(filled: Pages) -> None:
    hand(filled.service, published(window("short", duration=DurationRule(maximum=6))))
    page = text(filled.get(f"{RANKING}/windows/short"))
    assert "With these changes, every rule says yes: Plan for 6 months of work: shorter by 6. Cost 6 months" in page
    assert "For a yes on every rule" not in page


def test_where_nothing_helps_the_reason_is_said(filled: Pages) -> None:
    page = text(filled.get(f"{RANKING}/windows/darwin"))
    assert "Nothing would help, because no change to the proposal settles this: The window is closed." in page
    assert "smallest set of changes" not in page


def test_a_window_that_does_not_refuse_needs_no_changes(filled: Pages) -> None:
    assert "What would make this fit" not in text(filled.get(RUFFORD))


def test_the_ranking_counts_what_one_change_would_open(filled: Pages) -> None:
    assert "No single change would open another window." in text(filled.get(RANKING))
    governmental = ApplicantRule(kinds=["government"])
    hand(
        filled.service,
        published(window("g1", applicants=governmental)), published(window("g2", applicants=governmental)),
        published(window("s1", countries=CountryRule(basis="list", states={"KGZ": Tri.YES, "TJK": Tri.NO}))),
        published(window("d1", duration=DurationRule(minimum=24))),
    )  # fmt: skip
    page = text(filled.get(RANKING))
    lead = page.index("2 more windows open if a partner of this kind leads: Government body")
    assert lead < page.index("1 more window opens if you plan for 24 months of work")
    assert "leave out the work in" not in page
    hand(filled.service, submitted(PROPOSAL, organisation=NGO, version=2, states=["KGZ", "TJK"]))
    assert "1 more window opens if you leave out the work in: Tajikistan" in text(filled.get(RANKING))


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize("path", [CHANGES, RANKING, f"{RANKING}/windows/darwin"])
def test_pages_with_changes_are_sound_in_every_language(filled: Pages, path: str, language: str) -> None:
    hand(filled.service, published(BIG), published(window("short", duration=DurationRule(maximum=6))))
    filled.client.cookies.set("cami_lang", language)
    page = filled.get(path)
    html5lib.HTMLParser(strict=True).parse(page)
    assert ("What would make" in page or "What one change" in page) == (language == "en")
