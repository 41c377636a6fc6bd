"""A real browser: people's pages opened in Chromium, with an eye on everything that goes wrong meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, Request, Response, sync_playwright

from services.demo.browser import Browser
from tests.needs import CHROMIUM, require

HERE: Final = Path(__file__).parent
SCRIPTS: Final = {name: (HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("look", "contrast", "wide")}
"""Questions to a page; each answers a list of faults."""
ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@contextmanager
def chromium() -> Iterator[Chromium]:
    """The browser of this machine; the test is skipped, or fails, where there is none."""
    require("browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Eye:
    """One person's page in one language. `wrong` collects errors of scripts, of the policy, and of what was fetched."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Open a page, forget what was wrong before, and answer the status."""
        self.wrong.clear()
        answer = self.page.goto(f"{self.address}{path}", wait_until="load")
        assert answer is not None
        return answer.status

    def ask(self, question: str) -> list[Any]:
        """Put one of SCRIPTS to the page."""
        found: list[Any] = self.page.evaluate(SCRIPTS[question])
        return found

    def texts(self) -> set[str]:
        """Every piece of text of the page that is in the page's own language, blanks folded."""
        found: list[str] = self.page.evaluate(
            """() => {
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              const texts = [];
              while (walker.nextNode()) {
                const own = walker.currentNode.parentElement.closest("[lang]").lang === document.documentElement.lang;
                if (own) texts.push(walker.currentNode.data.replace(/\\s+/g, " ").trim());
              }
              for (const name of ["aria-label", "title", "placeholder"])
                for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
              return texts;
            }"""
        )
        return set(found) - {""}


@contextmanager
def eye_of(browser: Chromium, person: Browser, language: str = "en", **options: Any) -> Iterator[Eye]:
    """The page of somebody who is signed in at `person`, in `language`; `options` are those of a browser's context."""
    address = str(person._client.base_url).rstrip("/")
    context = browser.new_context(locale=language, reduced_motion="reduce", **options)
    held = dict(person._client.cookies.items()) | {"cami_lang": language}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in held.items()])
    eye = Eye(context.new_page(), address)
    eye.page.on("pageerror", lambda error: eye.wrong.append(f"script: {error}"))
    eye.page.on(
        "console",
        lambda message: (
            eye.wrong.append(f"{message.type}: {message.text}") if message.type in ("error", "warning") else None
        ),
    )
    eye.page.on("response", lambda response: _note(eye, response))
    eye.page.on("requestfailed", lambda request: _miss(eye, request))
    try:
        yield eye
    finally:
        context.close()


def _hear(eye: Eye, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):  # what the policy forbids is told as an error
        eye.wrong.append(f"{message.type}: {message.text}")


def _miss(eye: Eye, request: Request) -> None:
    if request.failure != "net::ERR_ABORTED":  # the person has gone on to the next page
        eye.wrong.append(f"not fetched: {request.url} {request.failure}")


def _note(eye: Eye, response: Response) -> None:
    if not response.url.startswith(f"{eye.address}/"):
        eye.wrong.append(f"from elsewhere: {response.url}")
    elif response.status >= 400 and not response.request.is_navigation_request():
        eye.wrong.append(f"{response.status}: {response.url}")
