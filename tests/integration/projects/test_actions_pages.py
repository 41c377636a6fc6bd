"""The pages on actions: search, filters, one action, the programme; whatever stands in the address."""

import re
from collections.abc import Callable
from html import unescape

import html5lib
import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.catalogue import read_facts
from services.projects.commands.programmes import ImportProgramme
from services.projects.component import COMPONENT
from services.projects.handlers.programmes import import_programme
from services.projects.programme import parse_programme
from tests.conftest import MakeClient, MakeService
from tests.support import sign_in
from tests.unit.projects.programme_text import next_programme

ROW = re.compile(r'<a href="([^"]+)" data-row-link')
COUNT = re.compile(r"results-bar__count[^>]*>\s*(\d+)")
Get = Callable[..., str]


@pytest.fixture
def service(make_service: MakeService) -> Service:
    """The service with the shipped programme."""
    return make_service(COMPONENT, loaded=True)


@pytest.fixture
def web(service: Service, client: MakeClient) -> TestClient:
    """A browser on its pages."""
    return client(COMPONENT)


def page(web: TestClient, address: str, language: str = "en", status: int = 200) -> str:
    """The page at `address`, whose HTML must be without a fault."""
    web.cookies.set("cami_lang", language)
    answer = web.get(address)
    assert answer.status_code == status, address
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer.text


def rows(text: str) -> list[str]:
    """Ids of the actions that a list shows."""
    return [href.rpartition("/")[2] for href in ROW.findall(text)]


def total(text: str) -> int:
    """How many results a list says that there are."""
    found = COUNT.search(text)
    return int(found[1]) if found else 0


def test_the_list_shows_25_of_all(web: TestClient) -> None:
    text = page(web, "/projects/actions")
    assert total(text) == 228
    assert rows(text)[:3] == ["1.1", "1.2", "1.3"]
    assert len(rows(text)) == 25
    assert "Map how each state adopts cross-border conservation agreements" in text
    assert rows(page(web, "/projects/actions?page=2"))[0] == "4.4"
    everything = page(web, "/projects/actions?all=1")
    assert len(rows(everything)) == 228
    assert "29.10-2" in rows(everything)


def test_each_language_is_whole(web: TestClient) -> None:
    for language, title, term, part in (
        ("en", "Build a donor inventory", "Responsible", "Measures for species"),
        ("ru", "Составить реестр доноров", "Исполнители", "Меры по видам"),
        ("fr", "Dresser un répertoire des bailleurs", "Responsables", "Mesures par espèce"),
    ):
        assert title in unescape(page(web, "/projects/actions?section=31", language))
        one = unescape(page(web, "/projects/actions/31.5", language))
        assert title in one
        assert term in one
        assert part in unescape(page(web, "/projects/programme", language))


def test_any_language_finds_in_any_language(web: TestClient) -> None:
    for words in ("donor champion", "реестр доноров", "répertoire bailleurs", "REPERTOIRE BAILLEURS", "31.5", "№ 31.5"):
        for language in ("en", "ru", "fr"):
            assert "31.5" in rows(page(web, f"/projects/actions?q={words}", language)), (words, language)


def test_a_number_finds_one_action(web: TestClient) -> None:
    assert rows(page(web, "/projects/actions?q=31.5")) == ["31.5"]
    assert rows(page(web, "/projects/actions?q=29.10")) == ["29.10", "29.10-2"]


FILTERS = [
    ("section=22", [f"22.{number}" for number in range(1, 10)]),
    ("section=12&section=13", ["12.1", "12.2", "13.1"]),
    ("priority=none", ["29.10-2", "29.11"]),
    ("priority=medium_low", ["11.6", "16.11"]),
    ("species=chinkara", ["13.1"]),
    ("species=gobi_bear&section=15", ["15.1", "15.2", "15.3", "15.4"]),
    ("state=BTN&section=28", [f"28.{number}" for number in range(1, 6)]),
    ("state=btn&section=10", []),
    ("responsible=traffic", ["2.5", "2.6"]),
    ("responsible=iran_doe&priority=medium", ["10.5", "10.8"]),
    ("landscape=daurian_steppe&section=9", ["9.4"]),
    ("theme=wildlife_health&section=24", ["24.13"]),
    ("theme=wildlife_health&section=24&q=болезней", ["24.13"]),
]
"""(filters, ids of what they let through)"""


def test_filters(web: TestClient) -> None:
    for filters, expected in FILTERS:
        text = page(web, f"/projects/actions?{filters}")
        assert rows(text) == expected, filters
        assert total(text) == len(expected), filters


def test_a_wide_party_means_the_narrow_ones_too(web: TestClient) -> None:
    narrow = rows(page(web, "/projects/actions?responsible=national_ngos&all=1"))
    wide = rows(page(web, "/projects/actions?responsible=ngos&all=1"))
    assert narrow
    assert set(narrow) < set(wide)


def test_counts_say_what_a_filter_would_show(web: TestClient) -> None:
    text = page(web, "/projects/actions?section=16")
    group = text.partition("Priority</span>")[2].partition('name="species"')[0]
    shown = dict(re.findall(r'value="(\w+)"[^\n]*filter-option__count"[^>]*>(\d+)<', group))
    assert shown == {"high": "4", "high_medium": "1", "medium": "4", "medium_low": "1", "low": "6"}
    for code, count in shown.items():
        assert total(page(web, f"/projects/actions?section=16&priority={code}")) == int(count)


def test_order(web: TestClient) -> None:
    by_priority = page(web, "/projects/actions?section=16&sort=priority")
    assert rows(by_priority)[:5] == ["16.4", "16.5", "16.10", "16.13", "16.2"]
    specific = rows(page(web, "/projects/actions?species=saiga&sort=specific"))
    assert specific[0] == "21.1"


def test_active_filters_can_be_taken_away(web: TestClient) -> None:
    text = unescape(page(web, "/projects/actions?q=trade&species=snow_leopard&priority=high&page=1"))
    chips = re.findall(r'class="chip" href="([^"]+)"', text)
    assert "/projects/actions?priority=high&species=snow_leopard" in chips
    assert "/projects/actions?q=trade&species=snow_leopard" in chips
    assert "/projects/actions?q=trade&priority=high" in chips
    assert "Species: Snow leopard" in text


def test_nothing_found_says_what_to_do(web: TestClient) -> None:
    text = page(web, "/projects/actions?q=zzzzzz")
    assert rows(text) == []
    assert "No action fits all of this" in text
    assert 'href="/projects/actions"' in text


ODD = [
    "page=0", "page=-3", "page=99999", "page=1e9", "page=" + "9" * 400, "page=x", "page=", "page=٣",
    "section=99", "section=x", "priority=urgent", "species=", "state=ZZZ", "responsible=<script>", "theme=%F0%9F%90%AA",
    "sort=size", "all=2", "q=%00", "q=" + "w" * 5000, "q=%22%3E%3Cscript%3E", "landscape=a&landscape=b", "x=y", "&&&=",
]  # fmt: skip


def test_odd_addresses_are_answered(web: TestClient) -> None:
    for query in ODD:
        answer = web.get(f"/projects/actions?{query}")
        assert answer.status_code in (200, 400), query
        assert "<script>" not in answer.text, query


def test_what_was_not_understood_is_told(web: TestClient) -> None:
    text = unescape(page(web, "/projects/actions?species=unicorn&priority=high&sort=size"))
    assert "Species: unicorn" in text
    assert "Sort by: size" in text
    assert total(text) == 135


def test_a_page_beyond_the_last_is_the_last(web: TestClient) -> None:
    assert rows(page(web, "/projects/actions?page=500")) == ["32.2", "32.3", "32.4"]


def test_one_action_tells_all_of_it(web: TestClient) -> None:
    text = unescape(page(web, "/projects/actions/3.2"))
    for told in (
        "High to medium", "UNEP", "Part I: Cross-cutting measures", "Section 3:", "Resolution 11.24 (Rev.COP13)",
        "action 3.2", "The source sets out 4 items",
    ):  # fmt: skip
        assert told in text
    links = set(re.findall(r'href="([^"]+)"', text))
    assert {"/matching/actions/3.2", "/projects/actions/3.1", "/projects/actions/3.3", "/projects/actions/3.5",
            "/projects/actions?section=3", "/projects/actions?responsible=unep"} <= links  # fmt: skip


def test_references_lead_both_ways(web: TestClient) -> None:
    assert '/projects/actions/1.3"' in page(web, "/projects/actions/24.4")
    assert '/projects/actions/24.4"' in page(web, "/projects/actions/1.3")
    assert "/projects/actions?section=5" in page(web, "/projects/actions/2.8")
    assert "to be confirmed" in page(web, "/projects/actions/2.5")
    assert '/projects/actions/29.10"' in page(web, "/projects/actions/29.10-2")


def test_an_action_that_is_not_there(web: TestClient) -> None:
    for address in ("/projects/actions/99.9", "/projects/programmes/cami-1990-1995", "/projects/programmes/x/actions"):
        page(web, address, status=404)


def test_the_programme_adds_up(web: TestClient) -> None:
    text = page(web, "/projects/programme")
    counts = [int(found) for found in re.findall(r'<td class="number"><b>(\d+)</b></td>', text)]
    assert len(counts) == 32
    assert sum(counts) == 228


def test_two_programmes_side_by_side(web: TestClient, service: Service) -> None:
    facts = read_facts(parse_programme(next_programme()).as_json())
    assert "2026–2031" not in page(web, "/projects/actions")
    with service.work() as context:
        import_programme(context, ImportProgramme(facts, "next.txt"))
    newest = page(web, "/projects/actions")
    assert total(newest) == 11
    assert 'href="/projects/programmes/cami-2021-2026/actions"' in newest
    older = page(web, "/projects/programmes/cami-2021-2026/actions")
    assert total(older) == 228
    assert ROW.findall(older)[0] == "/projects/programmes/cami-2021-2026/actions/1.1"
    assert "Nobody has written a title" in page(web, "/projects/actions/3.1")
    assert "Грузия" in page(web, "/projects/actions?state=GEO", "ru")
    answer = web.get("/projects/actions/31.5")
    assert answer.headers["location"] == "/projects/programmes/cami-2021-2026/actions/31.5"
    assert '"/matching/actions/31.5?programme=cami-2021-2026"' in page(web, answer.headers["location"])
    page(web, "/projects/programmes/cami-2021-2026")


def test_before_anything_is_loaded(client: MakeClient) -> None:
    assert "No Programme of Work is here yet" in page(client(COMPONENT), "/projects/actions")


def test_a_kept_page_carries_nobody_elses_token_or_name(web: TestClient, settings: Settings) -> None:
    token = re.compile(r'name="csrf-token" content="([^"]+)"')
    anonymous = page(web, "/projects/actions")
    sign_in(web, settings, "coordinator", name="Aigul Known")
    mine = page(web, "/projects/actions")
    assert "Aigul Known" in mine
    sign_in(web, settings, "coordinator", name="Bolat Other")
    other = page(web, "/projects/actions")
    assert "Aigul Known" not in other
    tokens = {found[1] for text in (anonymous, mine, other) if (found := token.search(text))}
    assert len(tokens) == 3
    assert "csrf-token-of-this-visit" not in anonymous + mine + other


def test_no_word_that_is_searched_for_turns_into_a_token(web: TestClient, settings: Settings) -> None:
    sign_in(web, settings, "coordinator")
    text = page(web, "/projects/actions?q=csrf-token-of-this-visit")
    assert 'value="csrf-token-of-this-visit"' in text
    assert "csrf-token-of-this-visit" not in text.split('name="csrf"', 1)[1].split(">", 1)[0]
