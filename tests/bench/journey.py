"""From the click on "submit" to the matches on the coordinator's page, over HTTP."""

import secrets
import time
from typing import Any

import httpx

from contracts.envelope import new_id
from services.accounts import handlers as accounts
from services.accounts.commands import InvitePerson
from services.accounts.component import COMPONENT
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.demo import story
from services.demo.browser import Browser

SUBMISSIONS = 40


def measure(address: str, settings: Settings) -> dict[str, Any]:
    """Milliseconds from sending the submit form until the coordinator's ranking can be read: p50 and p95."""
    ngo, coordinator = Browser(address), Browser(address)
    ngo.open("/accounts/register")
    person = {"email": f"bench.{secrets.token_hex(4)}@example.org", "password": story.PASSWORD}
    ngo.post(ngo.form("/accounts/register"), story.ORGANISATION | person)
    _sign_in(coordinator, settings)
    taken = sorted(_one(ngo, coordinator) for _ in range(SUBMISSIONS))
    return {
        "submissions": SUBMISSIONS, "p50_ms": round(1000 * taken[len(taken) // 2]),
        "p95_ms": round(1000 * taken[int(len(taken) * 0.95)]), "most_ms": round(1000 * taken[-1]),
    }  # fmt: skip


def _one(ngo: Browser, coordinator: Browser) -> float:
    ngo.open("/projects/proposals/new")
    ngo.post(ngo.form("/proposals/new"), {"title": story.SUMMARY["title-en"], "written_in": "en"})
    proposal = ngo.url.rsplit("/", 1)[1].split("?")[0]
    for name, fields in (
        ("summary", story.SUMMARY), ("actions", {"actions": story.ACTIONS}),
        ("species", {"species": story.SPECIES, "states": story.STATES}), ("dates", story.DATES),
        ("budget", story.budget_fields()), ("cofinancing", story.cofinancing_fields()),
        ("partners", story.partner_fields()), ("contacts", story.contact_fields()),
    ):  # fmt: skip
        path = f"/projects/proposals/{proposal}/{name}"
        ngo.open(path)
        ngo.post(ngo.form(path), {**fields, "then": "next"})
    ngo.open(f"/projects/proposals/{proposal}/check")
    form = ngo.form("/submit")
    started = time.perf_counter()
    ngo.post(form)
    while coordinator.status(f"/matching/api/proposals/{proposal}/pairs") != httpx.codes.OK:
        if time.perf_counter() - started > 30:
            raise RuntimeError("the matches did not appear")
        time.sleep(0.002)
    return time.perf_counter() - started


def _sign_in(browser: Browser, settings: Settings) -> None:
    service = Service(COMPONENT, settings)
    with service.work() as context:
        command = InvitePerson(new_id(), "Bench", f"{secrets.token_hex(4)}@example.org", "coordinator", None)
        _person, token = accounts.invite_person(context, command, None)
    service.close()
    browser.open(f"/accounts/link/{token}")
    browser.post(browser.form(f"/accounts/link/{token}"))
