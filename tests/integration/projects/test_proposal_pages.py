"""Every page of proposals, in every state and language: strict HTML, unique ids, labels, nothing inline."""

from collections.abc import Callable
from xml.etree import ElementTree as etree

import html5lib
import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.values.proposals import SECTIONS
from tests.integration.projects.proposal_desk import Desk, desk_of


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def faults(html: str) -> list[str]:
    """What is wrong with a page."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: etree.Element = parser.parse(html)
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    found = [f"id {one} twice" for one in set(ids) if ids.count(one) > 1]
    found += [f"style attribute on {node.tag}" for node in root.iter() if node.get("style")]
    found += [f"handler on {node.tag}" for node in root.iter() if any(name.startswith("on") for name in node.attrib)]
    labelled = {node.get("for") for node in root.iter("label")}
    for node in root.iter():
        if node.tag in ("input", "select", "textarea") and node.get("type") not in ("hidden", "submit"):
            in_label = any(node in list(label.iter()) for label in root.iter("label"))
            if node.get("id") not in labelled and not in_label:
                found.append(f"{node.tag} {node.get('name')} has no label")
        for reference in (node.get("aria-describedby") or "").split():
            if reference not in ids:
                found.append(f"{reference} is described nowhere")
    found += [f"link to #{href[1:]}" for node in root.iter("a")
              if (href := node.get("href") or "").startswith("#") and href[1:] not in [*ids, ""]]  # fmt: skip
    return found


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
def test_every_page_is_sound(desk: Desk, language: str) -> None:
    empty, full, given = desk.start(""), desk.start("Full"), desk.start("Given")
    for url in (full, given):
        desk.complete(url)
    desk.save(f"{full}/summary", {"written_in": "en", "title-en": "One", "title-ru": "Один", "title-fr": "Un"})
    desk.save(f"{full}/summary", {"written_in": "en", "title-en": "Two", "title-ru": "Один", "title-fr": "Un"})
    desk.submit(given)
    desk.save_to(given, f"{given}/withdraw", {"reason": "More"})
    desk.submit(given)
    pages = [
        "/projects/proposals", "/projects/proposals/new", "/projects/proposals/questions", empty, full, given,
        f"{empty}/check", f"{full}/check", f"{given}/versions/1", f"{given}/versions/2/changes",
        *(f"{url}/{section}" for url in (empty, full) for section in SECTIONS), f"{full}/actions?q=argali&theme=x",
    ]  # fmt: skip
    desk.client.cookies.set("cami_lang", language)
    for page in pages:
        answer = desk.client.get(page)
        assert (page, answer.status_code, faults(answer.text)) == (page, 200, [])
    desk.sign_in("coordinator")
    for page in ("/projects/proposals", "/projects/proposals?q=nothing&species=saiga", given):
        answer = desk.client.get(page)
        assert (page, answer.status_code, faults(answer.text)) == (page, 200, [])


def test_pages_that_say_no_are_sound_too(desk: Desk) -> None:
    url = desk.start()
    opened = desk.hidden(f"{url}/budget")
    wrong = desk.save(f"{url}/budget", {"lines-0-amount": "x", "lines-2-description": "y", "lines-2-currency": "ZZZ"})
    assert (wrong.status_code, faults(wrong.text)) == (400, [])
    desk.save(f"{url}/budget", {"lines-0-description": "First"})
    clash = desk.client.post(f"{url}/budget", data={**opened, "lines-0-description": "Second"})
    assert (clash.status_code, faults(clash.text)) == (409, [])
    refused = desk.client.post(f"{url}/submit", data={**opened, "version": "1"})
    assert (refused.status_code, faults(refused.text)) == (409, [])
