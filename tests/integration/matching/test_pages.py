"""The pages: what a coordinator reads and decides."""

import html
import re
from datetime import UTC, date, datetime

import html5lib
import pytest

from contracts.values import Tri
from contracts.windows import CallRule, SpeciesRule
from tests.integration.matching.conftest import PROPOSAL, Pages
from tests.integration.matching.events import hand, published, submitted, withdrawn
from tests.support import form_post
from tests.unit.matching.build import window

RANKING = f"/matching/proposals/{PROPOSAL}"
RUFFORD = f"{RANKING}/windows/rufford-1"
EVERY_PAGE = [
    "/matching", RANKING, RUFFORD, f"{RANKING}/windows/gef-msp", f"{RANKING}/windows/darwin", "/matching/windows",
    "/matching/windows/gef-msp", "/matching/actions", "/matching/actions/3.1", "/matching/actions/9.1",
]  # fmt: skip


def rows(page: str) -> list[str]:
    """The names in a list, in its order."""
    return re.findall(r"data-row-link[^>]*>([^<]+)</a>", page)


def text(page: str) -> str:
    """The words of a page's main part, on one line."""
    main = re.search(r"<main.*?</main>", page, re.S)
    assert main
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main.group())).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_is_sound_html_in_every_language(filled: Pages, path: str, language: str) -> None:
    filled.client.cookies.set("cami_lang", language)
    page = filled.get(path)
    html5lib.HTMLParser(strict=True).parse(page)
    assert f'<html lang="{language}"' in page
    assert " style=" not in page


def test_an_empty_desk_says_what_to_do_next(pages: Pages) -> None:
    assert "No proposal has been submitted yet" in text(pages.get("/matching"))
    assert "No window is here yet" in text(pages.get("/matching/windows"))
    assert "No Programme of Work is here yet" in text(pages.get("/matching/actions"))


def test_the_desk_lists_proposals_with_what_their_rankings_come_to(filled: Pages) -> None:
    page = text(filled.get("/matching"))
    assert "CAMI-2026-0042 · Ala-Too Nature Trust" in page
    assert "USD 15,000 1 window may fund this 1 needs an answer Best fit 96" in page
    assert "31 Jan 2027" in page


def test_a_withdrawn_proposal_leaves_the_desk_and_keeps_its_page(filled: Pages) -> None:
    hand(filled.service, withdrawn(submitted(PROPOSAL)))
    assert "No proposal has been submitted yet" in text(filled.get("/matching"))
    assert "has been withdrawn by its organisation" in text(filled.get(RANKING))


def test_the_ranking_is_best_first_and_says_what_it_is_current_to(filled: Pages) -> None:
    source = filled.get(RANKING)
    assert 'of the proposal. <span class="event-id">' in source, "a space before what comes next"
    page = text(source)
    places = [page.index(name) for name in ("Rufford Small Grant", "Medium-sized project", "Darwin Main")]
    assert places == sorted(places)
    assert "12 yes, 0 unknown, 0 no" in page
    assert "11 yes, 1 unknown, 0 no" in page
    assert "Current to 22 Nov 2026, 09:00 UTC ." in page
    assert "Last news: version 1 of the proposal." in page


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("kind=multilateral", {"Medium-sized project"}),
        ("fund=gef", {"Medium-sized project"}),
        ("overall=eligible&overall=not_eligible", {"Rufford Small Grant", "Darwin Main"}),
        ("stage=shortlisted", set()),
        ("q=darwin", {"Darwin Main"}),
        ("sort=name", {"Rufford Small Grant", "Medium-sized project", "Darwin Main"}),
    ],
)
def test_the_ranking_is_filtered(filled: Pages, query: str, kept: set[str]) -> None:
    page = filled.get(f"{RANKING}?{query}")
    shown = set(rows(page))
    assert shown == kept
    assert "was not understood" not in page


@pytest.mark.parametrize("path", ["/matching", RANKING, "/matching/windows", "/matching/windows/gef-msp",
                                  "/matching/actions", "/matching/actions/3.1"])  # fmt: skip
@pytest.mark.parametrize(
    "query", ["kind=x&fund=x&overall=x&stage=x&state=x&species=x&group=x&use=x&priority=x&window=x&sort=x&programme=x",
              "page=-1", "page=x", "page=99999999999999999999", "q=%25%27%22", "state=%F0%9F%A6%8C", "q=" + "a" * 3000],
)  # fmt: skip
def test_filter_values_that_nobody_offers_never_break_a_page(filled: Pages, path: str, query: str) -> None:
    page = filled.get(f"{path}?{query}")
    if query.startswith("kind") and path in ("/matching", RANKING):
        assert "was not understood and has been left out" in page


def test_a_pair_is_a_sentence_a_fit_that_adds_up_and_every_rule(filled: Pages) -> None:
    page = filled.get(f"{RANKING}/windows/gef-msp")
    words = text(page)
    assert "Medium-sized project may fund this: 11 yes, 1 unknown, 0 no" in words
    assert page.count('class="rule rule--') == 12
    assert "An accredited body has to submit on the applicant’s behalf." in words
    assert "A GEF Agency submits" in words
    assert "To be asked: Has the body that submits agreed to do so?" in words
    assert 'href="https://example.org/grants"' in page
    assert "Applications are taken all year." in words
    points = [int(found) for found in re.findall(r"<b>(\d+)</b> <span class=\"muted\">of \d+", page)]
    assert sum(points[:-1]) == points[-1]
    assert len(points) == 9


def test_a_changed_window_says_since_when_and_why(filled: Pages) -> None:
    hand(filled.service, published(window("rufford-1", revision=2, name="Rufford Small Grant", status="closed")))
    for path in (RANKING, RUFFORD):
        words = text(filled.get(path))
        assert "Until 22 Nov 2026, 09:00 UTC : “May fund this”, place 1. The window has changed." in words
        assert "The window is closed." in words
    assert "Last news: window Rufford Small Grant, revision 2." in text(filled.get(RANKING))


def test_a_deadline_that_passes_is_noticed_by_the_next_page(filled: Pages) -> None:
    filled.service.clock = lambda: datetime(2027, 2, 1, 0, 1, tzinfo=UTC)
    filled.be("coordinator")
    words = text(filled.get(RANKING))
    assert "place 1. Time has passed. The last known deadline was 31 Jan 2027" in words
    assert "Last news: the calendar." in words


def test_a_date_that_is_only_usual_is_shown_as_expected(filled: Pages) -> None:
    call = CallRule(cycle="annual", deadline=date(2027, 3, 31), deadline_certain=False)
    hand(filled.service, published(window("rufford-1", revision=2, call=call)))
    for path in ("/matching", RANKING, RUFFORD, "/matching/windows", "/matching/windows/rufford-1"):
        assert re.search(r"31 Mar 2027 in 4 months \(expected\)", text(filled.get(path))), path


def test_shortlisting_twice_is_one_decision(filled: Pages) -> None:
    for _ in range(2):
        response = form_post(filled.client, RUFFORD, {"stage": "shortlisted", "reason": ""}, to=f"{RUFFORD}/decision")
        assert (response.status_code, response.headers["location"]) == (303, RUFFORD)
    page = text(filled.get(RUFFORD))
    assert "Shortlisted. CAMI" not in page
    assert "Shortlisted Aigul Test, 22 Nov 2026" in page
    assert "History" not in page
    assert "1 shortlisted" in text(filled.get("/matching"))


def test_dismissing_needs_a_reason_and_keeps_what_was_typed(filled: Pages) -> None:
    refused = form_post(filled.client, RUFFORD, {"stage": "dismissed", "reason": "   "}, to=f"{RUFFORD}/decision")
    assert refused.status_code == 400
    assert 'href="#f-reason"' in refused.text
    assert "please say why you dismiss this window" in text(refused.text)
    long = form_post(filled.client, RUFFORD, {"stage": "dismissed", "reason": "x" * 1001}, to=f"{RUFFORD}/decision")
    assert long.status_code == 400
    assert "x" * 1001 in long.text


def test_a_dismissed_pair_stays_dismissed_and_says_that_its_verdict_changed(filled: Pages) -> None:
    form_post(filled.client, RUFFORD, {"stage": "dismissed", "reason": "Too <small>"}, to=f"{RUFFORD}/decision")
    hand(filled.service, published(window("rufford-1", revision=2, status="by_arrangement")))
    words = text(filled.get(RUFFORD))
    assert "Too <small>" in words
    assert "The verdict has changed since this was decided. It was then: “May fund this”." in words
    ranking = filled.get(RANKING)
    assert "verdict changed since" in ranking
    assert rows(ranking) == ["Medium-sized project", "Darwin Main", "Small Grant"]
    form_post(filled.client, RUFFORD, {"stage": "none", "reason": "Too <small>"}, to=f"{RUFFORD}/decision")
    words = text(filled.get(RUFFORD))
    assert "It was then" not in words
    assert "Decision taken back" not in words
    assert "Taken back · Aigul Test" in words


@pytest.mark.parametrize("data", [{}, {"stage": "awarded"}])
def test_a_broken_decision_is_answered_not_crashed(filled: Pages, data: dict[str, str]) -> None:
    response = form_post(filled.client, RUFFORD, data, to=f"{RUFFORD}/decision")
    assert response.status_code == 400


def test_windows_are_grouped_by_kind_with_what_they_could_pay_for(filled: Pages) -> None:
    words = text(filled.get("/matching/windows"))
    assert words.index("Global Environment Facility 1") < words.index("Bilateral donor 1") < words.index("Foundation 1")
    only = filled.get("/matching/windows?group=gef")
    assert rows(only) == ["Medium-sized project"]
    nothing = filled.get("/matching/windows?use=nothing")
    assert rows(nothing) == ["Darwin Main"]


def test_a_window_lists_its_actions_and_the_proposals_that_fit(filled: Pages) -> None:
    hand(filled.service, published(window("any", name="Any species", species=SpeciesRule(basis="any", others=Tri.YES))))
    words = text(filled.get("/matching/windows/any"))
    assert words.index("Herders who guard snow leopards") < words.index("Action 3.1") < words.index("Action 9.1")


def test_an_action_lists_its_windows_by_kind(filled: Pages) -> None:
    words = text(filled.get("/matching/actions/3.1"))
    assert "2 windows could pay for this" in words
    assert words.index("Global Environment Facility") < words.index("Foundation")
    assert "No window could pay for this at present" in text(filled.get("/matching/actions/9.1"))
    orphans = filled.get("/matching/actions?window=none")
    assert rows(orphans) == ["Action 9.1"]
