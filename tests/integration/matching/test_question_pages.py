"""The pages of questions: what to ask first, the form with its evidence, and who may answer what."""

import html
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import html5lib
import pytest
from sqlalchemy import update
from sqlmodel import select

from contracts.values import Tri
from contracts.vocabulary import codes
from contracts.windows import AmountRule, CallRule, CofinancingRule, CountryRule, IntermediaryRule
from services.chassis.service import Context
from services.matching.tables import Answer, QuestionAnswer
from tests.integration.matching.answering import findings
from tests.integration.matching.conftest import NGO, OTHER_NGO, PROPOSAL, Pages
from tests.integration.matching.events import action, hand, imported, published, submitted
from tests.integration.matching.test_pages import rows, text
from tests.support import form_post
from tests.unit.matching.build import window

TWO, THREE = UUID(int=2), UUID(int=3)
STATE = "/matching/questions/unsure/state:KGZ"
AGENCY = f"/matching/proposals/{PROPOSAL}/windows/gef-msp/questions/agency"
EUROS = f"/matching/proposals/{PROPOSAL}/windows/vague-2/questions/amount:EUR"
GOLD = f"/matching/proposals/{PROPOSAL}/windows/vague-3/questions/amount:XAU"
COFINANCING, DEADLINE = "/matching/questions/vague-2/cofinancing", "/matching/questions/vague-2/deadline"
PAIR = f"/matching/proposals/{PROPOSAL}/windows/unsure"
TOLD = {
    "sentence": "Yes, since the call of 2026.", "told_by": "Ms Example, programme officer", "told_on": "2026-11-20",
    "confidence": "high",
}  # fmt: skip


@pytest.fixture
def asked(filled: Pages) -> Pages:
    """As `filled`, with a window of which states, ceiling and agency are not known, and two more proposals."""
    hand(
        filled.service,
        published(window("unsure", name="Unsure Fund", donor_id="unsure", donor_name="Unsure Foundation",
                         countries=CountryRule(basis="list", states={"TJK": Tri.YES}))),
        published(window("vague", name="Vague Fund", donor_name="Vague Foundation",
                         amount=AmountRule(maximum_known=False), intermediary=IntermediaryRule(endorsement=Tri.NO))),
        submitted(TWO, reference="CAMI-2026-0043", organisation=OTHER_NGO),
        submitted(THREE, reference="CAMI-2026-0044", states=["TJK"]),
    )  # fmt: skip
    return filled


def answers(pages: Pages) -> list[QuestionAnswer]:
    with pages.service.read() as session:
        return list(session.exec(select(QuestionAnswer)).all())


def send(pages: Pages, page: str, to: str | None = None, **values: Any) -> Any:
    """Answer, and follow to the page that comes of it."""
    answer = form_post(pages.client, page, {**TOLD, **values}, to=to)
    return pages.client.get(answer.headers["location"]) if answer.status_code == 303 else answer


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize(
    "path",
    ["/matching/questions", "/matching/questions/answered", STATE, "/matching/questions/vague/ceiling", AGENCY,
     "/matching/actions/3.1/windows/unsure", "/matching/actions/9.1/windows/darwin", "/matching/windows/darwin"],
)  # fmt: skip
def test_every_page_is_sound_html_in_every_language(asked: Pages, path: str, language: str) -> None:
    send(asked, "/matching/questions/vague/submits", choice="no")
    asked.client.cookies.set("cami_lang", language)
    page = asked.get(path)
    html5lib.HTMLParser(strict=True).parse(page)
    assert f'<html lang="{language}"' in page
    assert " style=" not in page


def test_what_settles_most_stands_first(asked: Pages) -> None:
    page = asked.get("/matching/questions")
    assert rows(page)[0] == "Does the donor pay for work in: Kyrgyzstan?"
    words = text(page)
    assert "2 proposals ask this 2 of them ask nothing else USD 30,000 asked for 1 action, 1 of high priority" in words
    assert "What is the largest grant now?" in words


def test_filters_narrow_the_questions_and_stay_in_links(asked: Pages) -> None:
    page = asked.get("/matching/questions?rule=amount_maximum&sort=money")
    assert rows(page) == ["What is the largest grant now?"]
    assert "rule=amount_maximum" in page
    assert rows(asked.get("/matching/questions?q=kyrgyzstan")) == ["Does the donor pay for work in: Kyrgyzstan?"]
    assert "No question fits all of this" in text(asked.get("/matching/questions?q=zzz"))
    assert "rule=weather" in text(asked.get("/matching/questions?rule=weather"))


def test_an_answer_from_a_pair_leads_back_to_it_and_says_what_it_settled(asked: Pages) -> None:
    assert f'href="{STATE}?pair={PROPOSAL}"' in asked.get(PAIR)
    answer = send(asked, f"{STATE}?pair={PROPOSAL}", choice="yes", pair=str(PROPOSAL))
    assert answer.status_code == 200
    assert answer.url.path == PAIR
    words = text(answer.text)
    assert "Answered. Pairs settled: 2." in answer.text
    assert "Answered: Yes · Told by Ms Example, programme officer" in words
    assert "Yes, since the call of 2026." in words
    assert findings(asked.service, TWO, "unsure")["states"] is Tri.YES
    assert findings(asked.service, THREE, "unsure")["states"] is Tri.YES


def test_the_same_click_twice_is_one_answer(asked: Pages) -> None:
    for _ in range(2):
        assert send(asked, STATE, choice="yes").status_code == 200
    (row,) = answers(asked)
    assert (row.settled, row.answered_by, row.told_by) == (2, "Aigul Test", "Ms Example, programme officer")


@pytest.mark.parametrize(
    ("page", "values", "field", "message"),
    [
        (STATE, {"choice": ""}, "choice", "please choose one of the answers"),
        (STATE, {"choice": "amount"}, "choice", "this answer is not on the list"),
        (STATE, {"choice": "yes", "sentence": ""}, "sentence", "please fill this in"),
        (STATE, {"choice": "yes", "told_by": ""}, "told_by", "please say who told, or give a link"),
        (STATE, {"choice": "yes", "url": "javascript:alert(1)"}, "url", "begins with https"),
        (STATE, {"choice": "yes", "told_on": "2026-11-23"}, "told_on", "or an earlier day"),
        (STATE, {"choice": "yes", "told_on": "yesterday"}, "told_on", "a date that exists"),
        (STATE, {"choice": "yes", "confidence": ""}, "confidence", "please choose one of the answers"),
        ("/matching/questions/vague/ceiling", {"choice": "amount"}, "number", "give the figure"),
        ("/matching/questions/vague/ceiling", {"choice": "amount", "number": "many"}, "number", "amount"),
        ("/matching/questions/vague/ceiling", {"choice": "amount", "number": "0"}, "number", "above zero"),
        (COFINANCING, {"choice": "ratio"}, "number", "give the figure"),
        (COFINANCING, {"choice": "ratio", "number": "0.000"}, "number", "above zero"),
        (COFINANCING, {"choice": "ratio", "number": "1,125,000"}, "number", "one ratio in digits"),
        (COFINANCING, {"choice": "ratio", "number": "1:2"}, "number", "one ratio in digits"),
        (DEADLINE, {"choice": "date", "day": "2026-11-19"}, "day", "had not passed when you were told"),
        (EUROS, {"choice": "amount", "number": "18000"}, "number", "asks for about EUR"),
        (GOLD, {"choice": "amount", "number": "5"}, "number", "no planning rate is known for XAU"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_lost(
    asked: Pages, page: str, values: dict[str, str], field: str, message: str
) -> None:
    hand(
        asked.service,
        published(window("vague-2", amount=AmountRule(maximum=Decimal(13000), currency="EUR"), call=CallRule(),
                         cofinancing=CofinancingRule())),
        published(window("vague-3", amount=AmountRule(maximum=Decimal(13000), currency="XAU"))),
    )  # fmt: skip
    answer = form_post(asked.client, page, {**TOLD, "sentence": "Typed with care", **values})
    assert answer.status_code == 400
    assert f'href="#f-{field}"' in answer.text
    assert message in answer.text
    if "sentence" not in values:
        assert "Typed with care" in answer.text
    assert answers(asked) == []


def test_asked_and_still_not_known_is_kept_and_shown(asked: Pages) -> None:
    send(asked, STATE, choice="unknown", sentence="", told_by="", confidence="")
    (row,) = answers(asked)
    assert row.state == "open"
    assert "asked on 20 Nov 2026" in text(asked.get("/matching/questions"))
    assert findings(asked.service, PROPOSAL, "unsure")["states"] is Tri.UNKNOWN
    assert rows(asked.get("/matching/questions?before=before")) == ["Does the donor pay for work in: Kyrgyzstan?"]


def test_an_answer_is_taken_back_and_stays_in_the_history(asked: Pages) -> None:
    send(asked, STATE, choice="yes")
    (row,) = answers(asked)
    for notice in ("Taken back. The question is open again.", "This answer is in force no longer."):
        answer = send(asked, STATE, to=f"{STATE}/take-back", answer_id=str(row.answer_id))
        assert notice in answer.text
    assert findings(asked.service, PROPOSAL, "unsure")["states"] is Tri.UNKNOWN
    words = text(asked.get("/matching/questions/answered"))
    assert "Does the donor pay for work in: Kyrgyzstan?" in words
    assert "Taken back" in words
    assert len(answers(asked)) == 2


def test_what_the_inventory_knows_by_now_is_not_answered(asked: Pages) -> None:
    page = asked.client.get(STATE).text
    hand(asked.service, published(window("unsure", revision=2)))
    token = page.split('name="csrf" value="')[1].split('"')[0]
    answer = asked.client.post(STATE, data={"csrf": token, "choice": "yes", **TOLD, "url": "https://example.org/x"})
    assert answer.status_code == 409
    words = text(answer.text)
    assert "The inventory knows this by now, and what it says counts." in words
    assert "What you typed, which was not kept Answer Yes What was said Yes, since the call of 2026." in words
    assert "Ms Example, programme officer" in words
    assert "https://example.org/x" in words
    assert f'action="{STATE}"' not in answer.text, "there is nothing to send again"
    for choice in ("weather", "amount"):
        again = asked.client.post(STATE, data={"csrf": token, "choice": choice, **TOLD, "sentence": "Typed with care"})
        assert again.status_code == 409
        assert "Typed with care" in again.text
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert answers(asked) == []
    asked.get(STATE, 404)


def test_only_staff_answer_for_everybody(asked: Pages) -> None:
    for roles, organisation in ((("lead",), NGO), (("applicant",), NGO)):
        asked.be(*roles, organisation=organisation)
        for path in ("/matching/questions", "/matching/questions/answered", STATE):
            asked.get(path, 403)
        assert asked.client.post(STATE, data=TOLD | {"choice": "yes"}).status_code == 403
        page = asked.get(PAIR)
        assert "Does the donor pay for work in: Kyrgyzstan?" in text(page), "the owners see what is asked"
        assert STATE not in page
    assert answers(asked) == []


def test_the_lead_of_a_proposal_answers_what_its_people_know_best(asked: Pages) -> None:
    asked.be("lead", organisation=NGO)
    assert AGENCY in asked.get(f"/matching/proposals/{PROPOSAL}/windows/gef-msp")
    assert send(asked, AGENCY, choice="yes").status_code == 200
    assert findings(asked.service, PROPOSAL, "gef-msp")["intermediary"] is Tri.YES
    assert findings(asked.service, TWO, "gef-msp")["intermediary"] is Tri.UNKNOWN


def test_others_do_not_answer_for_a_proposal(asked: Pages) -> None:
    asked.be("lead", organisation=OTHER_NGO)
    asked.get(AGENCY, 404)
    asked.be("applicant", organisation=NGO)
    page = asked.get(AGENCY)
    assert "The secretariat answers this question." in text(page)
    token = asked.client.get("/matching/actions").text  # any page with a token of this session
    data = {**TOLD, "choice": "yes"}
    if 'name="csrf" value="' in token:
        data["csrf"] = token.split('name="csrf" value="')[1].split('"')[0]
    assert asked.client.post(AGENCY, data=data).status_code in (403, 404)
    assert answers(asked) == []


def test_questions_that_nobody_asks_are_not_there(asked: Pages) -> None:
    for path in (
        "/matching/questions/unsure/state:TJK", "/matching/questions/unsure/weather", "/matching/questions/no/ceiling",
        "/matching/questions/unsure/agency", f"/matching/proposals/{PROPOSAL}/windows/unsure/questions/ceiling",
        f"/matching/proposals/{PROPOSAL}/windows/no/questions/agency",
    ):  # fmt: skip
        asked.get(path, 404)


def test_an_action_and_a_window_rule_by_rule(asked: Pages) -> None:
    words = text(asked.get("/matching/actions/3.1/windows/unsure"))
    assert "Unsure Fund could perhaps pay for this: 3 yes, 1 unknown, 0 no" in words
    assert "Does the donor pay for work in: Kyrgyzstan?" in words
    assert "checked 22 Nov 2026" in words
    assert "high confidence" in words
    closed = text(asked.get("/matching/actions/3.1/windows/darwin"))
    assert "Darwin Main could not pay for this" in closed
    assert "The window is closed." in closed
    asked.be("lead", organisation=NGO)
    page = asked.get("/matching/actions/3.1/windows/unsure")
    assert STATE not in page
    asked.get("/matching/actions/3.1/windows/nothing", 404)
    asked.get("/matching/actions/99.9/windows/unsure", 404)


def test_the_page_of_an_action_says_which_windows_could_not_pay_and_why(asked: Pages) -> None:
    page = asked.get("/matching/actions/9.1")
    words = text(page)
    assert "Windows that could not pay for this 5" in words
    assert "Species: refused · 4" in words
    assert "Status, species: refused · 1" in words
    assert 'href="/matching/actions/9.1/windows/darwin"' in page


def test_the_page_of_a_window_says_which_rule_shuts_out_most(asked: Pages) -> None:
    words = text(asked.get("/matching/windows/rufford-1"))
    assert "Of 2, its rules refuse 1. “Species” shuts out the most: it alone refuses 1, of which 0 have high" in words
    closed = text(asked.get("/matching/windows/darwin"))
    assert "Of 2, its rules refuse 2. “Status” shuts out the most: it alone refuses 1, of which 1 have high" in closed


def test_a_correction_begins_with_the_answer_in_force(asked: Pages) -> None:
    send(asked, "/matching/questions/vague/ceiling", choice="amount", number="20 000")
    page = asked.get("/matching/questions/vague/ceiling")
    assert 'value="20000"' in page
    assert "Yes, since the call of 2026.</textarea>" in page
    assert "This amount: USD 20,000" in text(page)
    send(asked, "/matching/questions/vague/ceiling", choice="none")
    assert [row.choice for row in sorted(answers(asked), key=lambda row: row.answer_id)] == ["amount", "none"]


@pytest.mark.parametrize("about", ["1", "1st", "x" * 200])
def test_a_question_that_is_not_well_put_is_not_answered(asked: Pages, about: str) -> None:
    for page, bad in (("/matching/questions/vague/ceiling", f"/matching/questions/vague/ceiling:{about}"),
                      (AGENCY, f"{AGENCY}:{about}"), (AGENCY, AGENCY.replace("agency", f"amount:{about}")),
                      (STATE, f"/matching/questions/unsure/deadline:{about}"),
                      (STATE, "/matching/questions/unsure/state:")):  # fmt: skip
        asked.get(bad, 404)
        for choice in ("yes", "amount"):
            answer = form_post(asked.client, page, {**TOLD, "choice": choice, "number": "5"}, to=bad)
            assert answer.status_code == 404
    assert answers(asked) == []


def test_what_an_older_version_kept_under_a_bad_key_counts_no_more_and_pages_are_shown(asked: Pages) -> None:
    send(asked, AGENCY, choice="yes")
    (row,) = answers(asked)

    def spoil(context: Context) -> None:
        said = context.session.exec(select(Answer)).one().said
        context.session.execute(update(QuestionAnswer).values(key="agency:1"))
        context.session.execute(update(Answer).values(key="agency:1", said={**said, "about": "1"}))

    asked.service.run(spoil)
    assert "Answered" in text(asked.get("/matching/questions/answered"))
    asked.get(f"{AGENCY}:1")
    asked.get(f"/matching/proposals/{PROPOSAL}/windows/gef-msp")
    hand(asked.service, submitted(PROPOSAL, organisation=NGO, version=2))
    assert findings(asked.service, PROPOSAL, "gef-msp")["intermediary"] is Tri.UNKNOWN
    send(asked, f"{AGENCY}:1", to=f"{AGENCY}:1/take-back", answer_id=str(row.answer_id))
    with asked.service.read() as session:
        assert session.exec(select(Answer)).all() == []


@pytest.mark.parametrize(("typed", "kept"), [("1,125", "1.125"), ("1.333", "1.333"), ("0,5", "0.5"), ("2", "2")])
def test_a_ratio_is_read_as_a_ratio(asked: Pages, typed: str, kept: str) -> None:
    hand(asked.service, published(window("vague-2", cofinancing=CofinancingRule())))
    assert send(asked, COFINANCING, choice="ratio", number=typed).status_code == 200
    (row,) = answers(asked)
    assert row.number == Decimal(kept)
    assert f'value="{kept}"' in asked.get(COFINANCING)


def test_an_amount_is_told_of_one_sum_and_the_page_says_when_it_counts_no_more(asked: Pages) -> None:
    hand(asked.service, published(window("vague-2", amount=AmountRule(maximum=Decimal(13000), currency="EUR"))))
    assert send(asked, EUROS, choice="amount", number="12900").status_code == 200
    assert findings(asked.service, PROPOSAL, "vague-2")["amount_maximum"] is Tri.YES
    page = asked.get(EUROS)
    assert "In force: This amount: EUR 12,900" in text(page)
    assert 'value="12900"' in page
    hand(asked.service, submitted(PROPOSAL, organisation=NGO, version=2, requested=Decimal(30000)))
    assert findings(asked.service, PROPOSAL, "vague-2")["amount_maximum"] is Tri.NO
    page = asked.get(EUROS)
    assert "Answered: This amount: EUR 12,900 It does not count at present" in text(page)
    assert 'value="12900"' not in page
    html5lib.HTMLParser(strict=True).parse(page)


def test_a_ceiling_in_another_currency_is_shown_with_its_own_and_not_offered_again(asked: Pages) -> None:
    path = "/matching/questions/vague/ceiling"
    send(asked, path, choice="amount", number="20 000")
    hand(asked.service, published(window("vague", revision=2, amount=AmountRule(maximum_known=False, currency="KZT"))))
    page = asked.get(path)
    assert "Answered: This amount: USD 20,000 It does not count at present" in text(page)
    assert 'value="20000"' not in page
    assert "USD 20,000" in text(asked.get("/matching/questions/answered"))


def test_an_applicant_does_not_see_who_told_and_who_answered(asked: Pages) -> None:
    path = f"/matching/proposals/{PROPOSAL}/windows/gef-msp/questions/agency"
    send(asked, path, choice="yes", url="https://example.org/private")
    send(asked, path, choice="yes", sentence="They have agreed.", url="https://example.org/private")
    hidden = ("Ms Example", "Aigul Test", "https://example.org/private", "since the call of 2026", "History")
    for roles in (("coordinator",), ("lead",)):
        asked.be(*roles, organisation=NGO)
        words = asked.get(path)
        assert all(word in words for word in hidden), roles
    asked.be("applicant", organisation=NGO)
    page = asked.get(path)
    shown = page.split("<main")[1].split("</main>")[0]
    assert "They have agreed." in shown
    assert not [word for word in hidden if word in shown]
    known = IntermediaryRule(intermediary=Tri.NO, endorsement=Tri.NO)
    hand(asked.service, published(window("gef-msp", revision=2, intermediary=known)))
    page = asked.get(path)
    shown = page.split("<main")[1].split("</main>")[0]
    assert "The inventory knows this by now, and what it says counts." in shown
    assert "answer below" not in shown
    assert not [word for word in hidden if word in shown]


def test_what_is_arranged_for_one_proposal_is_asked_of_no_action(asked: Pages) -> None:
    """Every question that a page leads to has a page, and what must wait for a proposal is said without a link."""
    hand(asked.service, published(window("arranged", name="Arranged Fund", status="by_arrangement")))
    page = asked.get("/matching/actions/3.1/windows/arranged")
    assert "Would the donor consider a proposal for this?" in text(page)
    links = re.findall(r'href="(/matching/[^"]*questions/[^"?#]+)', page + asked.get("/matching/questions"))
    assert any("/windows/arranged/questions/arrangement" in link for link in links), "that of the proposal"
    for link in sorted(set(links)):
        asked.get(html.unescape(link))


def test_a_window_that_is_asked_much_is_unfolded_on_a_page_of_its_own(asked: Pages) -> None:
    """A page of twelve windows stays readable, and small, however many proposals ask something of their own."""
    states = list(codes("states"))
    much = window("much", name="Much Fund", donor_name="Much Trust", countries=CountryRule(basis="unknown"),
                  amount=AmountRule(minimum_known=False, maximum_known=False))  # fmt: skip
    more = [submitted(UUID(int=n), states=states, reference=f"CAMI-2026-00{n}") for n in (50, 51)]
    hand(asked.service, published(much), *more)
    there = len(re.findall(r'href="/matching/questions/much/', asked.get("/matching/questions")))
    page = asked.get("/matching/questions?window=much")
    everything = len(re.findall(r'href="/matching/questions/much/', page))
    assert (there, everything) == (15, len(states) + 2)
    assert f"All {everything} questions about this window" in text(asked.get("/matching/questions"))
    assert "All" not in text(page)


def test_the_actions_that_ask_stand_in_the_order_of_the_programme(asked: Pages) -> None:
    hand(asked.service, *(action(number, states=["KGZ"]) for number in ("10.2", "4.6")), imported(4))
    page = asked.get(STATE)
    found = re.findall(r'href="/matching/actions/([0-9.]+)/windows/unsure"', page)
    assert found == ["3.1", "4.6", "10.2"]
