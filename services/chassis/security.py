"""Who is asking, and whether a form is ours: signed sessions, anti-forgery tokens, safe redirects.

A session is a signed cookie that every service verifies without asking a database. Its life is fixed when it is
issued; a role that is taken away is therefore felt at the latest when the session ends.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from starlette.responses import Response

from services.chassis.settings import Settings

SESSION_COOKIE: Final = "cami_session"
BROWSER_COOKIE: Final = "cami_browser"
NOTICE_COOKIE: Final = "cami_notice"
LANGUAGE_COOKIE: Final = "cami_lang"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
_NAME_LIMIT: Final = 120  # keeps the cookie under the 4 KiB that browsers hold, whatever the alphabet
_COORDINATING: Final = frozenset({"coordinator", "secretariat"})


@dataclass(frozen=True)
class User:
    """A signed-in person, as the session tells of them."""

    person_id: UUID
    organisation_id: UUID | None
    organisation_name: str
    name: str
    roles: frozenset[str]

    def has(self, *roles: str) -> bool:
        """Whether the person has any of `roles`. An administrator may do what coordinator and secretariat may."""
        wanted = frozenset(roles)
        return bool(self.roles & wanted) or ("administrator" in self.roles and bool(wanted & _COORDINATING))

    @property
    def initials(self) -> str:
        """At most two letters for cards on a board."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@dataclass(frozen=True)
class Session:
    """A verified session. `id` is random; anti-forgery tokens are bound to it."""

    id: str
    user: User
    expires: datetime


def seal_session(user: User, settings: Settings, now: datetime) -> str:
    """The signed value of a session cookie that lasts `settings.session_hours` from `now`."""
    return _serializer(settings.key, "session").dumps({
        "i": secrets.token_urlsafe(12),
        "e": int(now.timestamp()) + settings.session_hours * 3600,
        "p": str(user.person_id),
        "o": str(user.organisation_id) if user.organisation_id else None,
        "on": user.organisation_name[:_NAME_LIMIT],
        "n": user.name[:_NAME_LIMIT],
        "r": sorted(user.roles),
    })  # fmt: skip


def open_session(cookie: str | None, settings: Settings, now: datetime) -> Session | None:
    """The session that `cookie` holds; None if it is missing, forged, damaged or over."""
    if not cookie:
        return None
    session = _unseal(cookie, settings.key)
    return session if session is not None and now < session.expires else None


@lru_cache(maxsize=2048)
def _unseal(cookie: str, key: str) -> Session | None:
    try:
        data: dict[str, Any] = _serializer(key, "session").loads(cookie)
        user = User(
            UUID(data["p"]), UUID(data["o"]) if data["o"] else None, data["on"], data["n"], frozenset(data["r"])
        )
        return Session(data["i"], user, datetime.fromtimestamp(data["e"], UTC))
    except (BadData, KeyError, TypeError, ValueError, RecursionError):
        return None


def issue_session(response: Response, user: User, settings: Settings, now: datetime | None = None) -> None:
    """Sign `user` in: sets the session cookie on `response`."""
    value = seal_session(user, settings, now or datetime.now(UTC))
    set_cookie(response, SESSION_COOKIE, value, settings, max_age=settings.session_hours * 3600)


def clear_session(response: Response, settings: Settings) -> None:
    """Sign the person out of this browser."""
    response.delete_cookie(SESSION_COOKIE, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")


def set_cookie(
    response: Response, name: str, value: str, settings: Settings, *, max_age: int | None = None
) -> None:  # fmt: skip
    """A cookie that scripts cannot read and other sites' forms do not send."""
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax",
    )  # fmt: skip


def remember_language(response: Response, language: str, settings: Settings) -> None:
    """Let pages speak `language` in this browser for a year."""
    set_cookie(response, LANGUAGE_COOKIE, language, settings, max_age=365 * 24 * 3600)


def seal_notice(texts: Mapping[str, str], settings: Settings) -> str:
    """A short message for the next page, signed so that nobody else can put words into our mouth.

    `texts` says it in every language: the next page may be another service's, which has not these words.
    """
    return _serializer(settings.key, "notice").dumps(dict(texts))


def open_notice(cookie: str | None, settings: Settings) -> dict[str, str] | None:
    """The message that `seal_notice` sealed, by language, or None."""
    if not cookie:
        return None
    try:
        texts = _serializer(settings.key, "notice").loads(cookie)
        return {str(language): str(text) for language, text in texts.items()}
    except (BadData, AttributeError, ValueError):  # an earlier version sealed something else
        return None


def csrf_token(key: str, binding: str) -> str:
    """A token for forms of the browser or session `binding`.

    It is masked with fresh random bytes, so that compressed pages do not give it away letter by letter (BREACH).
    """
    digest = _csrf_digest(key, binding)
    mask = secrets.token_bytes(len(digest))
    return urlsafe_b64encode(mask + _xor(mask, digest)).rstrip(b"=").decode("ascii")


def csrf_matches(token: str, key: str, binding: str) -> bool:
    """Whether `token` was made for `binding`; takes the same time for every token of the right length."""
    try:
        data = urlsafe_b64decode(token.encode("ascii") + b"==")
    except ValueError:
        return False
    if len(data) != 40 or not binding:
        return False
    return hmac.compare_digest(_xor(data[:20], data[20:]), _csrf_digest(key, binding))


@lru_cache(maxsize=2048)
def _csrf_digest(key: str, binding: str) -> bytes:
    return hmac.new(key.encode(), b"csrf\0" + binding.encode(), hashlib.sha256).digest()[:20]


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


@lru_cache(maxsize=16)
def _serializer(key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt=f"cami.{purpose}", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )


def safe_next(target: str | None, fallback: str = "/") -> str:
    """`target` if it is a path on this site, else `fallback`: a redirect must not lead elsewhere."""
    if (
        not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//")
        or "\\" in target or not target.isprintable() or " " in target
    ):  # fmt: skip
        return fallback
    return target
