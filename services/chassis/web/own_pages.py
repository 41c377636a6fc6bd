"""The pages of the chassis itself: the front door, the language switch, static files, health, the style sheet."""

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from contracts.vocabulary import LANGUAGES
from services.chassis.errors import NotFound
from services.chassis.health import readiness
from services.chassis.security import remember_language, safe_next
from services.chassis.web.access import PUBLIC, allow
from services.chassis.web.state import asked_of
from services.chassis.web.static import Assets
from services.chassis.web.style_sheet import samples
from services.chassis.web.visit import Visit

LOG = logging.getLogger("cami.web")
ROUTER = APIRouter()


async def _visit(request: Request) -> Visit:
    return Visit(request)


V = Annotated[Visit, Depends(_visit)]


@ROUTER.get("/", dependencies=[allow(PUBLIC)])
async def home(visit: V) -> Response:
    """People who are signed in go to their work; others are told what this is."""
    if visit.user is None:
        return visit.render("landing.html")
    coordinating = visit.user.has("coordinator", "secretariat")
    return RedirectResponse("/matching" if coordinating else "/projects/proposals", 303)


@ROUTER.get("/language/{code}", dependencies=[allow(PUBLIC)])
async def language(visit: V, code: str, next: str = "/") -> Response:
    """Remember the language for a year, in this browser. Raises NotFound for one that we do not have."""
    if code not in LANGUAGES:
        raise NotFound(code)
    response = RedirectResponse(safe_next(next), 303)
    remember_language(response, code, visit.settings)
    return response


@ROUTER.get("/operations", dependencies=[allow("administrator")])
async def operations(visit: V) -> Response:
    """The operations of the first service that this process knows; from there tabs lead to the others."""
    return RedirectResponse(f"/{next(iter(visit.web.services))}/operations", 303)


@ROUTER.get("/style", dependencies=[allow(PUBLIC)])
async def style(visit: V) -> Response:
    """Every component of the interface with sample data."""
    return visit.render("style.html", **samples(visit.now))


@ROUTER.get("/healthz", dependencies=[allow(PUBLIC)])
async def healthz() -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


@ROUTER.get("/readyz", dependencies=[allow(PUBLIC)])
async def readyz(request: Request) -> Response:
    """The process can work; 503 with what is wrong otherwise."""
    web = asked_of(request).web
    ready, parts = await run_in_threadpool(readiness, web.services, web.checks)
    return JSONResponse({"status": "ok" if ready else "unavailable", "parts": parts}, 200 if ready else 503)


@ROUTER.get("/metrics", dependencies=[allow(PUBLIC)])
async def metrics(request: Request) -> Response:
    """Figures for Prometheus. A reverse proxy should keep them to the operators."""
    content = await run_in_threadpool(_measure, asked_of(request).web.gauges)
    return Response(content, media_type=CONTENT_TYPE_LATEST)


def _measure(gauges: tuple[Callable[[], None], ...]) -> bytes:
    for bring_up_to_date in gauges:
        try:
            bring_up_to_date()
        except Exception:  # one source that fails must not hide the figures of the others
            LOG.warning("a gauge could not be read", exc_info=True)
    return generate_latest()


def static_router(assets: dict[str, Assets]) -> APIRouter:
    """Routes of the static files: `/static/...` of the chassis, `/<service>/static/...` of each service."""
    router = APIRouter()
    for service, files in assets.items():
        router.add_api_route(
            f"/{service}/static/{{path:path}}" if service else "/static/{path:path}", _static_route(files),
            methods=["GET"], dependencies=[allow(PUBLIC)],
        )  # fmt: skip
    return router


def _static_route(files: Assets) -> Callable[[Request, str], Awaitable[Response]]:
    async def static(request: Request, path: str) -> Response:
        answer = files.answer(request, path)
        if answer is None:
            raise NotFound(path)
        return answer

    return static
