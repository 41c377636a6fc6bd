"""Sessions, tokens and redirects: what is forged, late or foreign is worth nothing."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.chassis.security import (
    User,
    csrf_matches,
    csrf_token,
    open_notice,
    open_session,
    safe_next,
    seal_notice,
    seal_session,
)
from services.chassis.settings import Settings

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SETTINGS = Settings(data_dir=Path("unused"), secret_key="one", session_hours=12)
OTHER = Settings(data_dir=Path("unused"), secret_key="two", session_hours=12)
USER = User(uuid4(), UUID(int=7), "Ассоциация «Барс»", "Айгуль Бектурова", frozenset({"lead", "applicant"}))


def test_a_session_comes_back_as_it_was() -> None:
    session = open_session(seal_session(USER, SETTINGS, NOW), SETTINGS, NOW)
    assert session is not None
    assert session.user == USER
    assert session.expires == NOW + timedelta(hours=12)


def test_a_session_ends_and_cannot_be_altered() -> None:
    sealed = seal_session(USER, SETTINGS, NOW)
    assert open_session(sealed, SETTINGS, NOW + timedelta(hours=12)) is None
    assert open_session(sealed, SETTINGS, NOW + timedelta(hours=11, minutes=59)) is not None
    assert open_session(sealed, OTHER, NOW) is None
    for at in range(0, len(sealed) - 1, 7):
        altered = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        assert open_session(altered, SETTINGS, NOW) is None
    assert open_session(seal_notice({"en": "x"}, SETTINGS), SETTINGS, NOW) is None


@pytest.mark.parametrize("cookie", [None, "", ".", "x", "a.b", "é", "." * 5000, "eyJpIjoxfQ.x"])
def test_nonsense_is_no_session(cookie: str | None) -> None:
    assert open_session(cookie, SETTINGS, NOW) is None


def test_the_cookie_fits_whatever_the_alphabet() -> None:
    long = User(uuid4(), uuid4(), "Ж" * 500, "Щ" * 500, frozenset({"administrator", "coordinator", "secretariat"}))
    assert len(seal_session(long, SETTINGS, NOW)) < 3800


def test_two_sessions_of_one_person_differ() -> None:
    first, second = (open_session(seal_session(USER, SETTINGS, NOW), SETTINGS, NOW) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.id != second.id


def test_roles() -> None:
    person = User(uuid4(), None, "", "A", frozenset({"administrator"}))
    assert person.has("coordinator")
    assert person.has("lead", "secretariat")
    assert not person.has("lead", "applicant")
    assert USER.has("lead")
    assert not USER.has("coordinator")
    assert USER.initials == "АБ"


def test_a_token_is_for_one_browser_and_looks_new_each_time() -> None:
    first, second = csrf_token("key", "session:a"), csrf_token("key", "session:a")
    assert first != second
    assert csrf_matches(first, "key", "session:a")
    assert csrf_matches(second, "key", "session:a")
    assert not csrf_matches(first, "key", "session:b")
    assert not csrf_matches(first, "other", "session:a")
    assert not csrf_matches(first[:-2] + "AA", "key", "session:a")


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 54, urlsafe_b64encode(bytes(40)).decode(), "=" * 80, "\0"])
def test_a_made_up_token_never_matches(token: str) -> None:
    assert not csrf_matches(token, "key", "session:a")
    assert not csrf_matches(token, "key", "")


def test_notices_are_signed() -> None:
    sealed = seal_notice({"en": "Saved <b>", "ru": "Сохранено <b>"}, SETTINGS)
    assert open_notice(sealed, SETTINGS) == {"en": "Saved <b>", "ru": "Сохранено <b>"}
    assert open_notice(sealed, OTHER) is None
    assert open_notice("Send money to ...", SETTINGS) is None
    assert open_notice(None, SETTINGS) is None


@pytest.mark.parametrize("target", ["/", "/projects/actions?q=a&page=2", "/a#b", "/%D1%8F"])
def test_paths_of_this_site_are_followed(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [None, "", "//evil.example", "https://evil.example", "/\\evil.example", "\\/evil", "javascript:alert(1)", "evil",
     "/a\nSet-Cookie: x", "/a b", " /a", "/\t/evil.example", "/" + "a" * 3000, "/a\x00"],
)  # fmt: skip
def test_no_redirect_leads_elsewhere(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"
