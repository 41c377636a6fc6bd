"""Pages in the hands of people: the keyboard, no scripts, a bad line, a phone, a double click."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from services.demo import story
from services.demo.browser import Browser
from tests.e2e.chromium import Eye, chromium, eye_of
from tests.e2e.people import Ngo, Town
from tests.e2e.program import Books, until

ACTIONS = "/projects/actions"
FOCUS = "document.activeElement"
RING = """() => {
  const style = getComputedStyle(document.activeElement);
  if (document.activeElement === document.body) return "left";
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 ? "ring" : style.boxShadow;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Chromium."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def nobody(town: Town) -> Browser:
    """Somebody who is not signed in."""
    return town.browser()


@pytest.fixture(scope="module")
def ngo(town: Town) -> Ngo:
    """An NGO at work."""
    return town.register("Hands and Keys Society")


@pytest.fixture
def eye(browser: Chromium, nobody: Browser) -> Iterator[Eye]:
    """A page of somebody who is not signed in."""
    with eye_of(browser, nobody, viewport={"width": 1280, "height": 800}) as opened:
        yield opened


def focused_row(page: Page) -> int:
    """Which row of the list has the focus; -1 for none."""
    found: int = page.evaluate(f"[...document.querySelectorAll('[data-row-link]')].indexOf({FOCUS})")
    return found


def stored(books: Books, proposal: str) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """The texts of a draft as they are kept."""
    query = "SELECT texts FROM proposal WHERE id = ?"
    found: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads(
        books.rows("projects", query, proposal.replace("-", ""))[0][0]
    )
    return found


def test_j_and_k_walk_over_the_rows_and_enter_opens_one(eye: Eye) -> None:
    eye.open(ACTIONS)
    assert focused_row(eye.page) == -1
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
        eye.page.keyboard.press(key)
        assert focused_row(eye.page) == place
    eye.page.keyboard.press("j")
    wanted = eye.page.evaluate(f"{FOCUS}.href")
    with eye.page.expect_navigation():
        eye.page.keyboard.press("Enter")
    assert eye.page.url == wanted
    assert eye.wrong == []


def test_the_keys_work_on_a_russian_keyboard(eye: Eye) -> None:
    eye.open(ACTIONS)
    eye.page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ', bubbles: true}))"
    )
    assert focused_row(eye.page) == 0


def test_a_slash_searches_and_letters_are_letters_there(eye: Eye) -> None:
    eye.open(ACTIONS)
    eye.page.keyboard.press("/")
    assert eye.page.evaluate(f"{FOCUS}.name") == "q"
    eye.page.keyboard.type("jaguar/kj")
    assert eye.page.input_value("input[name=q]") == "jaguar/kj"
    with eye.page.expect_navigation():
        eye.page.keyboard.press("Enter")
    expect(eye.page.locator(".empty__title")).to_be_visible()


def test_a_question_mark_tells_the_keys_and_they_can_be_switched_off(eye: Eye) -> None:
    eye.open(ACTIONS)
    eye.page.keyboard.press("?")
    expect(eye.page.locator("dialog#keys")).to_be_visible()
    eye.page.locator("#keys-on").uncheck()
    eye.page.keyboard.press("Escape")
    expect(eye.page.locator("dialog#keys")).to_be_hidden()
    eye.page.evaluate("document.activeElement.blur()")
    eye.page.keyboard.press("j")
    assert focused_row(eye.page) == -1
    eye.open(ACTIONS)
    eye.page.keyboard.press("j")
    assert focused_row(eye.page) == -1, "it is remembered"


def test_the_first_tab_leads_past_the_head_of_the_page(eye: Eye) -> None:
    eye.open(ACTIONS)
    eye.page.keyboard.press("Tab")
    skip = eye.page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    eye.page.keyboard.press("Enter")
    assert eye.page.evaluate(f"{FOCUS}.id") == "main"
    eye.page.keyboard.press("Tab")
    assert eye.page.evaluate(f"!!{FOCUS}.closest('main')")


def test_wherever_the_focus_is_it_can_be_seen(eye: Eye) -> None:
    eye.open("/accounts/sign-in")
    seen = 0
    for _ in range(14):
        eye.page.keyboard.press("Tab")
        ring = eye.page.evaluate(RING)
        if ring == "left":
            break
        assert ring != "none", eye.page.evaluate(f"{FOCUS}.outerHTML")
        seen += 1
    assert seen >= 8


def test_filters_and_menu_of_a_phone(eye: Eye) -> None:
    eye.page.set_viewport_size({"width": 360, "height": 740})
    eye.open(ACTIONS)
    eye.page.locator(".filters__open").click()
    box = eye.page.get_by_role("checkbox", name="Argali")
    box.scroll_into_view_if_needed()
    box.check()
    with eye.page.expect_navigation():
        eye.page.locator(".filters__apply button").click()
    assert "species=argali" in eye.page.url
    expect(eye.page.locator(".chips")).to_contain_text("Argali")
    eye.page.locator("summary.menu__toggle").click()
    expect(eye.page.locator(".menu__panel").get_by_role("link", name="Sign in")).to_be_visible()
    eye.page.keyboard.press("Escape")
    expect(eye.page.locator(".menu__panel")).to_be_hidden()
    assert eye.wrong == []


def test_on_a_wide_page_a_filter_takes_effect_at_once(eye: Eye) -> None:
    eye.open(ACTIONS)
    before = eye.page.locator(".results-bar__count").inner_text()
    eye.page.get_by_role("checkbox", name="Argali").check()
    expect(eye.page.locator(".results-bar__count")).not_to_have_text(before)
    assert "species=argali" in eye.page.url
    eye.page.reload()
    expect(eye.page.get_by_role("checkbox", name="Argali")).to_be_checked()
    assert eye.wrong == []


def test_a_form_without_scripts(browser: Chromium, ngo: Ngo) -> None:
    proposal = ngo.write({}, title="Written without scripts")
    with eye_of(browser, ngo.browser, java_script_enabled=False) as eye:
        page = eye.page
        eye.open(f"/projects/proposals/{proposal}/budget")
        lines = page.locator(".row-group").count()
        page.fill("[name=lines-0-description]", "Two rangers")
        page.fill("[name=lines-0-amount]", "12 000,50")
        page.get_by_role("button", name="Add a line").click()
        assert page.locator(".row-group").count() == lines + 1, "a line is added by the program, and nothing is lost"
        assert page.input_value("[name=lines-0-description]") == "Two rangers"
        page.select_option("[name=lines-0-category]", "personnel")
        page.select_option("[name=lines-0-year]", "1")
        page.fill("[name=lines-1-amount]", "a lot")
        page.get_by_role("button", name="Save and continue").click()
        summary = page.locator("#error-summary")
        expect(summary).to_be_visible()
        assert page.input_value("[name=lines-1-amount]") == "a lot", "what was typed stays"
        summary.get_by_role("link").first.click()
        assert page.url.endswith("#f-lines-1-amount")
        page.fill("[name=lines-1-amount]", "")
        page.get_by_role("button", name="Save and continue").click()
        assert page.url.endswith(f"/{proposal}/cofinancing")
        eye.open(f"/projects/proposals/{proposal}/budget")
        assert page.input_value("[name=lines-0-amount]") == "12000.50"


def test_lines_are_added_and_removed_with_scripts(browser: Chromium, ngo: Ngo) -> None:
    proposal = ngo.write({"contacts": story.contact_fields()}, title="Lines")
    with eye_of(browser, ngo.browser) as eye:
        page = eye.page
        eye.open(f"/projects/proposals/{proposal}/contacts")
        count = page.locator(".row-group").count()
        address = page.url
        page.get_by_role("button", name="Add").last.click()
        assert page.url == address, "without a round trip"
        expect(page.locator(".row-group")).to_have_count(count + 1)
        page.fill(f"[name=lines-{count}-name]", "Third Person")
        page.locator("[data-remove-row]").first.click()
        expect(page.locator(".row-group")).to_have_count(count)
        page.get_by_role("button", name="Save and continue").click()
        page.wait_for_url("**/check*")
        eye.open(f"/projects/proposals/{proposal}/contacts")
        names = [field.input_value() for field in page.locator("[name$=-name]").all()]
        assert [name for name in names if name] == [story.CONTACTS[1][0], "Third Person"]
        assert eye.wrong == []


def test_what_is_written_is_saved_meanwhile(browser: Chromium, ngo: Ngo, books: Books) -> None:
    proposal = ngo.write({}, title="Saved while written")
    with eye_of(browser, ngo.browser) as eye:
        eye.open(f"/projects/proposals/{proposal}/summary")
        status = eye.page.locator("[data-saved]")
        eye.page.fill("[name=summary-en]", "Written by hand, and never sent.")
        expect(status).to_contain_text("Saved", timeout=20_000)
        assert stored(books, proposal)["summary"]["versions"]["en"]["text"] == "Written by hand, and never sent."
        eye.page.fill("[name=summary-en]", "A second time.")
        until(
            lambda: stored(books, proposal)["summary"]["versions"]["en"]["text"] == "A second time.", "the second save"
        )
        expect(status).to_contain_text("Saved", timeout=20_000)
        eye.page.get_by_role("button", name="Save and continue").click()
        eye.page.wait_for_url("**/actions")
        assert eye.wrong == [], "the script's own saves are no conflict with the person's"


def test_without_a_line_nothing_is_lost(browser: Chromium, ngo: Ngo, books: Books) -> None:
    proposal = ngo.write({}, title="On a bad line")
    with eye_of(browser, ngo.browser) as eye:
        eye.open(f"/projects/proposals/{proposal}/summary")
        status = eye.page.locator("[data-saved]")
        eye.page.context.set_offline(True)
        eye.page.fill("[name=summary-en]", "Typed in the field.")
        expect(status).to_contain_text("No connection", timeout=20_000)
        eye.page.context.set_offline(False)
        expect(status).to_contain_text("Saved", timeout=20_000)
        assert stored(books, proposal)["summary"]["versions"]["en"]["text"] == "Typed in the field."


def test_a_double_click_sends_a_form_once(browser: Chromium, ngo: Ngo, books: Books) -> None:
    with eye_of(browser, ngo.browser) as eye:
        eye.open("/projects/proposals/new")
        sent: list[str] = []
        eye.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        eye.page.fill("[name=title]", "Pressed twice")
        before = books.count("projects", "proposal")
        eye.page.locator("main form button[type=submit]").first.dblclick()
        eye.page.wait_for_url("**/projects/proposals/0*")
        assert len(sent) == 1
        assert books.count("projects", "proposal") == before + 1
