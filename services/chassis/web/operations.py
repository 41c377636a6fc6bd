"""Pages for administrators: how a service's consumers stand, and what it could not handle.

Every process has them for its own services, under `/<service>/operations`: in a cluster nobody else may look into a
service's database. What is done with a parked message is asked for on one page, confirmed on the next, and noted.
"""

import os
import platform
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.chassis import operations, parked
from services.chassis.errors import BusUnavailable, DatabaseBusy, Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web.access import allow
from services.chassis.web.navigation import SERVICES
from services.chassis.web.visit import Visit, visit_of

WHO: Final = "administrator"
STEPS: Final = ("replay", "discard")
MOST_OF_A_NOTE: Final = 1000
NOTE: Final = N_("Note")
REPLAYED: Final = N_("Handled now. It is no longer parked.")
DISCARDED: Final = N_("Discarded. It will not be handled.")
SETTLED: Final = N_("Somebody had settled it already; nothing more was done.")


def router_of(name: str) -> APIRouter:
    """The pages of the service `name`."""
    router = APIRouter(prefix=f"/{name}/operations")
    V = Annotated[Visit, Depends(visit_of(name))]

    @router.get("", dependencies=[allow(WHO)])
    async def overview(visit: V, page: int = 1) -> Response:
        """Consumers, outbox, and what is parked."""
        found = await run_in_threadpool(operations.overview, visit.service, page)
        return visit.render(
            "operations/overview.html", name=name, services=SERVICES, overview=found,
            process=f"{platform.node()} · {os.getpid()}",
        )  # fmt: skip

    @router.get("/parked/{parked_id}", dependencies=[allow(WHO)])
    async def message(visit: V, parked_id: UUID) -> Response:
        """One message that could not be handled."""
        return _message(visit, name, parked_id)

    @router.get("/parked/{parked_id}/{step}", dependencies=[allow(WHO)])
    async def confirm(visit: V, parked_id: UUID, step: str) -> Response:
        """Ask whether it is to be replayed, or discarded."""
        return _confirm(visit, name, parked_id, step, FormState())

    @router.post("/parked/{parked_id}/{step}", dependencies=[allow(WHO)])
    async def settle(visit: V, parked_id: UUID, step: str) -> Response:
        """Replay or discard it. Clicked twice, the second does nothing."""
        form = await visit.form()
        try:
            if step not in STEPS:
                raise NotFound(step)
            reader = Reader(form)
            note = reader.text(
                "note", label=NOTE, required=step == "discard", max_length=MOST_OF_A_NOTE, multiline=True
            )
            reader.check()
            notice = await run_in_threadpool(_settle, visit, parked_id, step, note)
        except Invalid as error:
            return _confirm(visit, name, parked_id, step, FormState.of(form, error.errors), 400)
        except (NotFound, DatabaseBusy, BusUnavailable):
            raise
        except Exception as error:  # whatever the handler said: it is shown, and stays with the message
            return _message(visit, name, parked_id, failed=parked.reason_of(error))
        return visit.redirect(f"/{name}/operations/parked/{parked_id}", notice)

    return router


def _settle(visit: Visit, parked_id: UUID, step: str, note: str) -> str:
    """Do it; answers what to tell. Raises what `parked.replay` and `parked.discard` do, but for Settled."""
    who = f"{visit.person.name} <{visit.person.person_id}>"
    try:
        if step == "replay":
            parked.replay(visit.service, parked_id, who=who, note=note)
            return REPLAYED
        parked.discard(visit.service, parked_id, note, who=who)
        return DISCARDED
    except parked.Settled:
        return SETTLED


def _message(visit: Visit, name: str, parked_id: UUID, failed: str = "") -> Response:
    with visit.service.read() as session:
        found = parked.find(session, visit.service.component.messaging, parked_id)
        dossier = operations.dossier(session, visit.service, found)
    status = 409 if failed else 200
    return visit.render("operations/message.html", status, name=name, dossier=dossier, failed=failed)


def _confirm(
    visit: Visit, name: str, parked_id: UUID, step: str, form: FormState, status: int = 200
) -> Response:  # fmt: skip
    if step not in STEPS:
        raise NotFound(step)
    with visit.service.read() as session:
        message = parked.find(session, visit.service.component.messaging, parked_id)
    if message.settled_at is not None:
        return visit.redirect(f"/{name}/operations/parked/{parked_id}", SETTLED)
    if step == "replay" and parked.obstacle(visit.service, message):  # the message's own page says what
        return visit.redirect(f"/{name}/operations/parked/{parked_id}")
    return visit.render(
        "operations/confirm.html", status, name=name, message=message, step=step, form=form, limit=MOST_OF_A_NOTE
    )
