"""The application: every component's pages in one, wired in one place."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.chassis.clock import Clock, utc_now
from services.chassis.i18n import load_catalogues
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.web import operations, own_pages, problems
from services.chassis.web.access import access_table
from services.chassis.web.edge import Edge
from services.chassis.web.rendering import Renderer
from services.chassis.web.state import Check, Web
from services.chassis.web.static import BUNDLES, Assets

STATIC = Path(__file__).parent.parent / "static"


def create_app(
    services: Mapping[str, Service], settings: Settings, *, checks: Iterable[Check] = (),
    gauges: Iterable[Callable[[], None]] = (), clock: Clock = utc_now,
) -> FastAPI:  # fmt: skip
    """The pages of `services`. Nothing is connected and no database is asked before the first request.

    `checks` are asked by `/readyz`: each answers what is wrong or raises. `gauges` are called before `/metrics` is
    read, to bring figures up to date. Both are called in threads.

    Raises RuntimeError when a route does not declare who may call it.
    """
    components = [service.component for service in services.values()]
    load_catalogues(component.locale for component in components)
    assets = {"": Assets(STATIC, "/static", BUNDLES)}
    assets |= {c.name: Assets(c.static, f"/{c.name}/static") for c in components}
    renderer = Renderer([component.templates for component in components], assets)
    web = Web(settings, services, renderer, tuple(checks), tuple(gauges), clock)

    app = FastAPI(title="CAMI Funding", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.web = web
    for component in sorted(components, key=lambda one: one.precedence):
        app.include_router(component.router)
    for component in components:
        app.include_router(operations.router_of(component.name))
    app.include_router(own_pages.ROUTER)
    app.include_router(own_pages.static_router(assets))
    problems.install(app)
    access_table(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(Edge, web=web)
    return app
