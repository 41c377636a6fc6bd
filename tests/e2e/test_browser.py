"""Every main page in a real browser: three languages, three widths, light and dark, and no fault of any kind."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from contracts import vocabulary
from services.donors.shipped import shipped_windows
from tests.e2e.chromium import Eye, chromium, eye_of
from tests.e2e.people import Town
from tests.e2e.program import ROOT, until
from tests.e2e.sights import ALIKE, PAGES, Sight, World, make_world, sights

LOOKED_AT = [place for place, page in enumerate(PAGES) if page[:2] not in ALIKE]
WIDTHS = (360, 768, 1280)
CATALOGUES = sorted((ROOT / "services").glob("*/locale/*.po"))
SAME_IN_BOTH = re.compile(r"[\W\d_]*|\w{1,2}")
"""What need not differ between languages: signs, figures, codes."""


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    """People at the shared program, with all that leaves a trace on a page."""
    return make_world(town, until)


@pytest.fixture(scope="module")
def eyes(world: World) -> Iterator[dict[tuple[str, str], Eye]]:
    """(who, language) -> a page of theirs."""
    with chromium() as browser, ExitStack() as stack:
        yield {
            (who, language): stack.enter_context(eye_of(browser, person, language))
            for who, person in world.people.items()
            for language in vocabulary.LANGUAGES
        }


@cache
def english_texts(language: str) -> frozenset[str]:
    """English texts of the interface and labels of vocabularies that read otherwise in `language`."""
    found: set[str] = set()
    for path in CATALOGUES:
        if path.name.endswith(f"{language}.po"):
            with path.open("rb") as file:
                for message in read_po(file):
                    if isinstance(message.id, str) and message.string and message.string != message.id:
                        found.add(message.id)
    same = {message for message in found if SAME_IN_BOTH.fullmatch(message)}
    for name in vocabulary.NAMES:
        for code in vocabulary.codes(name):
            english, other = (vocabulary.label(name, code, each) for each in ("en", language))
            if english != other:
                found.add(english)
    return frozenset(found - same - own_names())


@cache
def own_names() -> frozenset[str]:
    """Names of donors and windows: they are called so in every language."""
    shipped = shipped_windows()
    return frozenset([terms.donor_name for terms in shipped] + [terms.name for terms in shipped])


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
@pytest.mark.parametrize("place", LOOKED_AT, ids=[" ".join(PAGES[place][:2]) for place in LOOKED_AT])
def test_a_page_at_every_width(
    world: World, eyes: dict[tuple[str, str], Eye], place: int, language: str, tmp_path: Path
) -> None:
    sight: Sight = sights(world)[place]
    eye = eyes[sight.who, language]
    eye.page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    assert eye.open(sight.path) == sight.status
    assert eye.page.get_attribute("html", "lang") == language
    for width in WIDTHS:
        eye.page.set_viewport_size({"width": width, "height": 800})
        assert eye.ask("wide") == [], f"at {width} px"
    assert eye.ask("look") == []
    if language == "en":
        for scheme in ("dark", "light"):
            eye.page.emulate_media(color_scheme=scheme)
            assert eye.ask("contrast") == [], scheme
    elif sight.path != "/style":  # its samples are English in every language
        assert eye.texts() & english_texts(language) == set()
    expected = [f"error: Failed to load resource: the server responded with a status of {sight.status}"]
    told = [text for text in eye.wrong if sight.status == 200 or not text.startswith(expected[0])]
    assert told == []
