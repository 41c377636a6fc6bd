"""A very small browser: cookies, pages, and forms that are filled in as they were served, hidden fields and all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urljoin

import httpx
import lxml.html
from lxml.html import FormElement, HtmlElement

from services.chassis.errors import CamiError

Fields = Mapping[str, str | Sequence[str]]


class Missing(CamiError):
    """Something that the road needs was not there: a page, a form, a field, a word."""


@dataclass
class Form:
    """A form as it was served, with what has been typed into it since."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        """What the field holds; "" if the form has no such field."""
        return next((value for key, value in self.values if key == name), "")

    def fill(self, fields: Fields) -> Self:
        """Type into fields; a sequence stands for several ticked boxes. Replaces what a field held."""
        self.values = [(name, value) for name, value in self.values if name not in fields]
        for name, value in fields.items():
            self.values += [(name, v) for v in ([value] if isinstance(value, str) else value)]
        return self


class Browser:
    """One person at one browser. Follows redirects; any answer that is not a success raises Missing."""

    def __init__(self, address: str, language: str = "en") -> None:
        self._client = httpx.Client(
            base_url=address, follow_redirects=True, timeout=180,
            headers={"accept": "text/html,application/xhtml+xml", "accept-language": language},
        )  # fmt: skip
        self.page: HtmlElement = lxml.html.fromstring("<html></html>")
        self.url = address

    def close(self) -> None:
        """End the session."""
        self._client.close()

    def open(self, path: str) -> HtmlElement:
        """Open a page and answer it."""
        return self._show(self._client.get(path), f"GET {path}")

    def download(self, path: str) -> bytes:
        """Fetch a file."""
        response = self._client.get(path)
        if response.status_code != 200:
            raise Missing(f"GET {path}: answered {response.status_code}")
        return response.content

    def status(self, path: str) -> int:
        """The HTTP status of `path`, without showing it."""
        return self._client.get(path).status_code

    def form(self, action_part: str = "") -> Form:
        """The form that posts to an address which ends in `action_part`, else one that has it; raises Missing."""
        forms = [found for found in self._forms() if action_part in found.action]
        for found in [*(form for form in forms if form.action.endswith(action_part)), *forms]:
            return found
        raise Missing(f"{self.url}: no form that posts to {action_part!r}")

    def has_form(self, action_part: str) -> bool:
        """Whether the page has such a form."""
        return any(action_part in found.action for found in self._forms())

    def _forms(self) -> Iterator[Form]:
        for element in self.page.forms:
            if element.get("method", "get").lower() == "post":
                yield Form(urljoin(self.url, str(element.get("action") or self.url)), _values(element))

    def post(self, form: Form, fields: Fields | None = None) -> HtmlElement:
        """Fill in and send a form, and answer the page it leads to."""
        filled = form.fill(fields or {})
        data: dict[str, list[str]] = {}
        for name, value in filled.values:
            data.setdefault(name, []).append(value)
        return self._show(self._client.post(filled.action, data=data), f"POST {filled.action}")

    def text(self) -> str:
        """All words of the page, blanks folded."""
        return _words(self.page)

    def expect(self, *words: str) -> None:
        """Raises Missing unless the page shows every one of `words`."""
        shown = self.text()
        for word in words:
            if word not in shown:
                raise Missing(f"{self.url}: does not show {word!r}")

    def _show(self, response: httpx.Response, what: str) -> HtmlElement:
        if response.status_code >= 400:
            said = _words(lxml.html.fromstring(response.content or b"<html></html>"))[:400]
            raise Missing(f"{what}: answered {response.status_code}: {said}")
        self.url = str(response.url)
        self.page = lxml.html.fromstring(response.content.decode("utf-8"))
        return self.page


def _words(page: HtmlElement) -> str:
    return " ".join(str(page.text_content()).split())


def _values(form: FormElement) -> list[tuple[str, str]]:
    """What a browser would send if nothing were touched and no particular button pressed."""
    return [(str(name), str(value)) for name, value in form.form_values() if name]
