"""The page of blended packages."""

import re
from decimal import Decimal
from uuid import UUID

import html5lib
import pytest

from contracts.values import Tri
from contracts.windows import AmountRule, CallRule, CofinancingRule
from tests.integration.matching.conftest import NGO, OTHER_NGO, PROPOSAL, Pages
from tests.integration.matching.events import hand, published, submitted, withdrawn
from tests.integration.matching.test_pages import RANKING, text
from tests.support import form_post
from tests.unit.matching.build import window

PACKAGES = f"{RANKING}/packages"
MATCH = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES, counts_in_kind=Tri.NO)


@pytest.fixture
def blended(pages: Pages) -> Pages:
    """A proposal for 15 000 dollars that has 5 000, and windows that only together pay for it."""
    hand(
        pages.service,
        published(window("alpha", donor_id="a", name="Alpha Grant", donor_name="Alpha",
                         amount=AmountRule(maximum=Decimal(9000)))),
        published(window("beta", donor_id="b", name="Beta Grant", donor_name="Beta", status="unknown",
                         amount=AmountRule(maximum=Decimal(8000)), call=CallRule(cycle="rolling"))),
        published(window("gamma", donor_id="c", name="Gamma Grant", donor_name="Gamma", cofinancing=MATCH,
                         amount=AmountRule(maximum=Decimal(10000)))),
        submitted(PROPOSAL, organisation=NGO),
    )  # fmt: skip
    return pages


def heads(page: str) -> list[str]:
    return [
        " ".join(re.sub(r"<[^>]+>", " ", head).split()) for head in re.findall(r'id="package-\d+">(.*?)</h2>', page)
    ]


def test_the_sets_that_pay_for_all_of_it_stand_best_first_in_the_order_to_approach_them(blended: Pages) -> None:
    page = blended.get(PACKAGES)
    words = text(page)
    assert heads(page) == ["1 Alpha Grant + Gamma Grant", "2 Beta Grant + Gamma Grant", "3 Alpha Grant + Beta Grant"]
    first = words[words.index("1 Alpha Grant") : words.index("2 Beta Grant")]
    assert "No answer is open" in first
    assert "Its letter is needed for: Gamma Grant." in first
    assert re.search(r"wants to see USD [\d,]+ of co-financing beyond .* Bring the letters of: Alpha Grant\.", first)
    second = words[words.index("2 Beta Grant") : words.index("3 Alpha Grant")]
    assert "1 answer is open" in second
    assert "Beta Grant: Is the window open now?" in second
    assert "Whole cost USD 20,000" in words
    assert page.count('<svg class="stack-bar"') == 3
    assert f'href="{RANKING}/windows/alpha"' in page
    assert "Current to 22 Nov 2026" in words


def test_the_amounts_of_a_package_make_the_whole_cost(blended: Pages) -> None:
    page = blended.get(f"{PACKAGES}?joint=yes&sure=yes")
    assert len(heads(page)) == 1
    dollars = [int(one.replace(",", "")) for one in re.findall(r'<span class="number">USD\xa0([\d,]+)</span>', page)]
    assert dollars[:-1]
    assert sum(dollars[:-1]) == dollars[-1] == 20_000


def test_packages_are_filtered_and_windows_left_out(blended: Pages) -> None:
    assert heads(blended.get(f"{PACKAGES}?without=alpha")) == ["1 Beta Grant + Gamma Grant"]
    page = blended.get(f"{PACKAGES}?without=alpha&without=beta")
    assert "No set of windows pays for all of it" in text(page)
    assert "The most that these windows can give together is USD 10,000 of USD 15,000: Gamma Grant" in text(page)
    assert "Short by USD 5,000. Raise your own contribution to USD 10,000. Gamma Grant" in text(page)
    one = text(blended.get(f"{PACKAGES}?most=1"))
    assert "No set of windows pays for all of it" in one
    none = text(blended.get(f"{PACKAGES}?without=alpha&sure=yes"))
    assert "No package is like this" in none
    odd = text(blended.get(f"{PACKAGES}?most=9&sure=x&without=nobody&page=-1"))
    assert "was not understood and has been left out" in odd


def test_what_is_dismissed_takes_no_part_and_its_people_are_not_told(blended: Pages) -> None:
    pair = f"{RANKING}/windows/alpha"
    form_post(blended.client, pair, {"stage": "dismissed", "reason": "Between us"}, to=f"{pair}/decision")
    page = blended.get(PACKAGES)
    assert heads(page) == ["1 Beta Grant + Gamma Grant"]
    assert "Left out, because dismissed or declined:" in page
    blended.be("lead", organisation=NGO)
    theirs = blended.get(PACKAGES)
    assert len(heads(theirs)) == 3
    assert "ismissed" not in theirs


def test_hoped_for_money_is_named_and_nothing_to_find_is_said(blended: Pages) -> None:
    line = submitted(PROPOSAL, organisation=NGO).cofinancing[0].model_copy(update={"status": "indicative"})
    hand(blended.service, submitted(PROPOSAL, organisation=NGO, version=2, cofinancing=[line]))
    words = text(blended.get(PACKAGES))
    assert "Every package counts on the co-financing that is only indicative: USD 5,000." in words
    hand(blended.service, submitted(PROPOSAL, organisation=NGO, version=3, requested=Decimal(0)))
    assert "Nothing is left to be found" in text(blended.get(PACKAGES))
    hand(blended.service, withdrawn(submitted(PROPOSAL, organisation=NGO, version=3)))
    assert "has been withdrawn by its organisation" in text(blended.get(PACKAGES))


def test_without_windows_the_page_says_so(pages: Pages) -> None:
    hand(pages.service, published(window("shut", status="closed")), submitted(PROPOSAL, organisation=NGO))
    assert "No window could take part at present" in text(pages.get(PACKAGES))
    hand(pages.service, published(window("vast", amount=AmountRule(minimum=Decimal(50000)))))
    assert "Each window that could take part gives larger grants than this proposal needs" in text(pages.get(PACKAGES))


def test_others_do_not_see_it_and_the_ranking_leads_to_it(blended: Pages) -> None:
    assert f'href="{PACKAGES}"' in blended.get(RANKING)
    blended.be("applicant", organisation=OTHER_NGO)
    blended.get(PACKAGES, 404)
    blended.get(f"/matching/proposals/{UUID(int=5)}/packages", 404)
    blended.client.cookies.clear()
    assert blended.client.get(PACKAGES).status_code in (303, 401)


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize("query", ["", "?without=alpha&without=beta", "?sure=yes", "?joint=yes&most=4"])
def test_the_page_is_sound_in_every_language(blended: Pages, language: str, query: str) -> None:
    blended.client.cookies.set("cami_lang", language)
    page = blended.get(PACKAGES + query)
    html5lib.HTMLParser(strict=True).parse(page)
    assert ("Still to be found" in page) == (language == "en")
