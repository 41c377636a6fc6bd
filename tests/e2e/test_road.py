"""The whole road, driven as the demonstration drives it; and what must not happen on the way."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader

from contracts.envelope import read
from contracts.events import ProposalSubmitted
from services.demo import story
from services.demo.browser import Browser
from services.demo.road import Road, Step
from tests.e2e.people import Town
from tests.e2e.program import ROOT, Books, Running, until, without_settings

LANGUAGES = ("en", "ru", "fr")
BRIEFED_NAME = "SGP regular grant"


@pytest.fixture(scope="module")
def road(program: Running, tmp_path_factory: pytest.TempPathFactory) -> Road:
    """The road, driven once to its end."""
    said: list[Step] = []
    out = tmp_path_factory.mktemp("road")
    driven = Road(program.address, out, program.books.accounts, said.append)
    driven.drive()
    assert said == driven.steps
    return driven


@pytest.fixture(scope="module")
def other(town: Town) -> Browser:
    """The lead of another NGO."""
    return town.register("Ustyurt Saiga Alliance").browser


def client_of(browser: Browser) -> httpx.Client:
    """The same person, seeing plain answers."""
    client = httpx.Client(base_url=browser._client.base_url, timeout=60, headers={"accept": "text/html"})
    client.cookies.update(browser._client.cookies)
    return client


def test_the_road_is_driven_to_its_end(road: Road) -> None:
    assert len(road.steps) >= 20
    assert [Path(name).name for name in road.files] == [
        *(f"proposal-{language}.pdf" for language in LANGUAGES),
        *(f"briefing-{language}.pdf" for language in LANGUAGES),
        "funding-gaps.xlsx",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_proposal(road: Road, language: str) -> None:
    printed = PdfReader(road.out / f"proposal-{language}.pdf")
    assert len(printed.pages) > 4
    words = " ".join("\n".join(page.extract_text() for page in printed.pages).split())
    # A title may be broken between words on the cover, and its dashes and blanks are those of typographers.
    assert squeezed(story.SUMMARY[f"title-{language}"]) in squeezed(words)
    assert_tagged(printed, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_briefing(road: Road, language: str) -> None:
    printed = PdfReader(road.out / f"briefing-{language}.pdf")
    assert len(printed.pages) == 1
    assert BRIEFED_NAME in printed.pages[0].extract_text()
    assert_tagged(printed, language)


def test_the_command_line_tells_the_steps_and_files_as_json(road: Road, program: Running, tmp_path: Path) -> None:
    environment = without_settings() | program.environment
    out = str(tmp_path / "again")
    done = subprocess.run(
        [sys.executable, "-m", "services", "demo", "--out", out, "--json", "--url", program.address],
        env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) == {"steps", "files"}
    assert [step["name"] for step in told["steps"]] == [step.name for step in road.steps]
    assert all(set(step) == {"name", "seconds"} and step["seconds"] >= 0 for step in told["steps"])
    assert len(told["files"]) == 7
    for name in told["files"]:
        assert Path(name).read_bytes().startswith(b"%PDF-" if name.endswith(".pdf") else b"PK")


def test_a_demonstration_of_a_program_that_is_not_there_fails(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "demo", "--out", str(tmp_path), "--json", "--url", "http://127.0.0.1:9"],
        cwd=ROOT, env=without_settings() | {"CAMI_DATA_DIR": str(tmp_path)}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"steps": [], "files": []}
    assert "no program answers" in done.stderr


def test_another_ngo_sees_nothing_of_it(road: Road, other: Browser) -> None:
    proposal, window = road.proposal, "gef-sgp-regular"
    with client_of(other) as client:
        for path in (
            f"/projects/proposals/{proposal}",
            f"/projects/proposals/{proposal}/summary",
            f"/projects/proposals/{proposal}/check",
            f"/projects/proposals/{proposal}/versions/1",
            f"/projects/api/proposals/{proposal}",
            f"/matching/proposals/{proposal}",
            f"/matching/proposals/{proposal}/windows/{window}",
            f"/matching/api/proposals/{proposal}/pairs",
            f"/reports/proposals/{proposal}",
            f"/reports/proposals/{proposal}.pdf?lang=en",
        ):
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert "Tian Shan" not in answer.text, path
        for path in ("/projects/proposals", "/reports", "/reports/proposals"):
            assert proposal not in client.get(path).text, path


def test_another_ngo_can_change_nothing_of_it(road: Road, other: Browser, books: Books) -> None:
    other.open("/projects/proposals/new")
    token = other.form("/proposals/new").value("csrf")
    stored = "SELECT status, version, texts FROM proposal WHERE id = ?"
    before = books.rows("projects", stored, hexed(road.proposal))
    with client_of(other) as client:
        for part in ("summary", "submit", "withdraw", "delete", "restore"):
            data = {"csrf": token, "version": "1", "title-en": "Taken over", "written_in": "en", "revision": "1"}
            answer = client.post(f"/projects/proposals/{road.proposal}/{part}", data=data)
            assert answer.status_code == 404, part
        assert client.post(f"/reports/proposals/{road.proposal}/print", data={"csrf": token}).status_code == 404
    assert (
        books.rows("projects", "SELECT status, version, texts FROM proposal WHERE id = ?", hexed(road.proposal))
        == before
    )


def test_an_applicant_writes_and_does_not_submit(town: Town, books: Books) -> None:
    ngo = town.register("Kopet Dag Leopard Group")
    proposal = ngo.write()
    applicant = town.invite("applicant", town.organisation_of(ngo))
    check = f"/projects/proposals/{proposal}/check"
    applicant.open(check)
    applicant.expect("Only the lead of your organisation can submit")
    assert not applicant.has_form("/submit")
    token = applicant.form("/sign-out").value("csrf")
    with client_of(applicant) as client:
        answer = client.post(f"/projects/proposals/{proposal}/submit", data={"csrf": token, "version": "1"})
    assert answer.status_code == 403
    assert "This page is not for your role" in answer.text
    assert books.count("projects", "proposal_version", "proposal_id = ?", hexed(proposal)) == 0


def test_pressed_many_times_at_once_it_is_submitted_once(town: Town, books: Books, coordinator: Browser) -> None:
    ngo = town.register("Saiga Night Watch")
    proposal = ngo.write()
    ngo.browser.open(f"/projects/proposals/{proposal}/check")
    form = ngo.browser.form("/submit")
    with client_of(ngo.browser) as client, ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: client.post(form.action, data=dict(form.values)), range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert {answer.headers["location"] for answer in answers} == {f"/projects/proposals/{proposal}"}
    until(lambda: books.count("matching", "pair", "proposal_id = ?", hexed(proposal)) == 69, "its pairs")
    assert books.count("projects", "proposal_version", "proposal_id = ?", hexed(proposal)) == 1
    events = [
        read(message.headers, message.body) for message in books.events("cami.projects") if message.key == proposal
    ]
    assert [type(event.data) for event in events] == [ProposalSubmitted]
    coordinator.open(f"/projects/proposals/{proposal}")
    coordinator.expect("Safe passage for argali")


def test_two_browsers_in_one_section_lose_nothing(town: Town, books: Books) -> None:
    first = town.register("Badkhyz Kulan Trust")
    proposal = first.write({"summary": {"title-en": "Kulan of Badkhyz", "summary-en": "As it was."}})
    second = town.sign_in(first.email)
    mine, theirs = first.section(proposal, "summary"), second.section(proposal, "summary")
    first.browser.post(mine, {"summary-en": "What the first one wrote.", "then": "stay"})
    typed = {"summary-en": "What the second one wrote.", "problem-en": "A problem only the second one saw."}
    with client_of(second.browser) as client:
        answer = client.post(theirs.action, data=dict(theirs.fill({**typed, "then": "stay"}).values))
    assert answer.status_code == 409
    assert "Two people wrote here at once" in answer.text
    for words in ("What the first one wrote.", *typed.values()):
        assert words in answer.text
    stored = books.rows("projects", "SELECT texts FROM proposal WHERE id = ?", hexed(proposal))[0][0]
    assert "What the first one wrote." in stored
    assert "second one" not in stored
    # The page holds the second one's text in a form that can be sent at once.
    second.browser._show(httpx.Response(200, content=answer.content, request=answer.request), "the conflict page")
    again = second.browser.form("/summary")
    assert again.value("summary-en").strip() == typed["summary-en"]
    second.browser.post(again, {"then": "stay"})
    texts = json.loads(books.rows("projects", "SELECT texts FROM proposal WHERE id = ?", hexed(proposal))[0][0])
    assert texts["summary"]["versions"]["en"]["text"] == typed["summary-en"]
    assert texts["problem"]["versions"]["en"]["text"] == typed["problem-en"]


def squeezed(text: str) -> str:
    """Letters and figures alone, so that line ends, soft hyphens and kinds of dashes do not matter."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def assert_tagged(printed: PdfReader, language: str) -> None:
    """The document names its title and language, and is tagged for readers who do not see it."""
    assert printed.metadata is not None
    assert printed.metadata.title
    catalogue = printed.trailer["/Root"]
    assert str(catalogue["/Lang"]).startswith(language)
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]


def hexed(proposal: str) -> str:
    """An id as SQLite holds it."""
    return proposal.replace("-", "")
