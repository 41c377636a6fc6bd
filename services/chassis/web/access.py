"""Who may call a route. Every route says so; the program does not start with one that does not."""

from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from services.chassis.errors import CamiError
from services.chassis.security import CSRF_FIELD, CSRF_HEADER, csrf_matches
from services.chassis.web.state import Asked
from services.chassis.web.visit import Visit

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed_in"
ROLES: Final = ("applicant", "lead", "coordinator", "secretariat", "administrator")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(CamiError):
    """Nobody is signed in, and the page needs somebody."""

    status = 401


class WrongRole(CamiError):
    """The person has none of the roles that the page needs."""

    status = 403

    def __init__(self, roles: tuple[str, ...]) -> None:
        super().__init__(f"needs one of {', '.join(roles)}")
        self.roles = roles


class StaleForm(CamiError):
    """The form's token is missing, foreign or of an earlier session. `same_site`: it did come from our own page."""

    status = 403

    def __init__(self, *, same_site: bool) -> None:
        super().__init__("the form's token does not match")
        self.same_site = same_site


class Access:
    """A dependency that lets only some people through, and only forms of our own."""

    def __init__(self, *roles: str) -> None:
        unknown = set(roles) - {*ROLES, PUBLIC, SIGNED_IN}
        if not roles or unknown or (len(roles) > 1 and {PUBLIC, SIGNED_IN} & set(roles)):
            raise ValueError(f"allow() takes PUBLIC, SIGNED_IN or names of roles, not {roles!r}")
        self.roles = roles

    def __str__(self) -> str:
        return ", ".join(self.roles)

    async def __call__(self, request: Request) -> None:
        """Raises NotSignedIn, WrongRole or StaleForm."""
        visit = Visit(request)
        if self.roles != (PUBLIC,):
            user = visit.user
            if user is None:
                if request.method not in _SAFE:
                    await visit.form()  # what was typed is offered again after signing in
                raise NotSignedIn
            if self.roles != (SIGNED_IN,) and not user.has(*self.roles):
                raise WrongRole(self.roles)
        if request.method not in _SAFE:
            await _check_token(visit)


async def _check_token(visit: Visit) -> None:
    asked = visit.asked
    token = asked.headers.get(CSRF_HEADER)
    if token is None:
        field = (await visit.form()).get(CSRF_FIELD)
        token = field if isinstance(field, str) else ""
    if not csrf_matches(token, visit.settings.key, asked.binding):
        raise StaleForm(same_site=from_own_page(asked))


def from_own_page(asked: Asked) -> bool:
    """Whether the browser says that the request comes from a page of this site."""
    site = asked.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = asked.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == asked.headers.get("host")


def allow(*roles: str) -> Any:
    """Declare who may call a route: `dependencies=[allow(PUBLIC)]`, `allow(SIGNED_IN)`, `allow("coordinator")`."""
    return Depends(Access(*roles))


def sign_in_url(request: Request) -> str:
    """Where to sign in, and come back from to the page that was asked for."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/accounts/sign-in?next={quote(back, safe='/')}"


def access_table(app: FastAPI) -> list[tuple[str, str, str]]:
    """(method, path, who may) of every route, sorted. Raises RuntimeError naming a route that does not say."""
    rows = []
    for route in iter_route_contexts(app.routes):
        found = [d.dependency for d in route.dependencies or () if isinstance(d.dependency, Access)]
        for method in sorted(route.methods or ()):
            if len(found) != 1:
                raise RuntimeError(f"{method} {route.path} must declare exactly one allow(...), it has {len(found)}")
            rows.append((method, str(route.path), str(found[0])))
    return sorted(rows)
