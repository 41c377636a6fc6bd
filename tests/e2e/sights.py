"""The main pages of the house, with something on them, and who looks at each."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.demo.browser import Browser
from tests.e2e.people import SECTIONS, Town

WINDOW: Final = "gef-sgp-regular"
DISMISSED: Final = "mbz"
CLOSED: Final = "iki-small"
DONOR: Final = "undp_sgp"
"""Whose window `WINDOW` is."""
OTHER_WEIGHTS: Final = "base=2&species=18&states=6&size=14&time=8&cofinancing=6&history=8"
"""Points of a fit, less two."""
PROGRAMME: Final = "cami-2021-2026"

NOBODY: Final = "00000000-0000-7000-8000-000000000000"
"""The id of nothing."""

NO_PAGE: Final = re.compile(
    r"/static/|/api/|\.(pdf|xlsx|csv)$|^/(healthz|readyz|metrics|language/)|/projects/programme$"
    r"|/progress$|^/operations$|^/(accounts|projects|donors|reports)/operations/"
)
"""Addresses that are fetched and are no pages to look at, or are the very pages of another service."""


@dataclass(frozen=True)
class Sight:
    """One page. `who` is nobody, lead, applicant, coordinator or administrator."""

    who: str
    path: str
    route: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.who} {self.route}" + (f" {self.status}" if self.status != 200 else "")


@dataclass(frozen=True)
class World:
    """People, and what they have made."""

    people: dict[str, Browser]
    draft: str
    """Just begun."""
    complete: str
    """Could be submitted."""
    submitted: str
    """Submitted, taken back, changed, submitted again; decided upon; printed."""
    document: str
    scenario: str
    """Its plan has been computed, with all margins."""
    unlock: str
    steering: str
    """Studies of a donor's money that have been made."""


def make_world(town: Town, until: Callable[[Callable[[], bool], str], object]) -> World:
    """Let people do all that leaves a trace on a page."""
    ngo = town.register()
    coordinator = town.example("coordinator")
    applicant = town.invite("applicant", town.organisation_of(ngo), name="Azamat Toktogulov")
    draft = ngo.write({"budget": {"lines-0-description": "No amount yet", "lines-0-category": "travel"}})
    complete, submitted, deleted = ngo.write(), ngo.write(), ngo.write({}, title="Put away")
    lead = ngo.browser
    lead.open(f"/projects/proposals/{deleted}")
    lead.post(lead.form("/delete"))
    ngo.submit(submitted)
    lead.open(f"/projects/proposals/{submitted}")
    lead.post(lead.form("/withdraw"), {"reason": "A line of the budget was forgotten."})
    lead.post(ngo.section(submitted, "dates"), {"ends": "2030-03-31", "then": "next"})
    ngo.submit(submitted)
    pair = f"/matching/proposals/{submitted}/windows"

    def judged() -> bool:
        answer = coordinator._client.get(f"/matching/api/proposals/{submitted}/pairs")
        return answer.status_code == 200 and answer.json()["version"] == 2

    until(judged, "the verdicts on the second version")
    for window, stage in ((WINDOW, "shortlisted"), (DISMISSED, "dismissed")):
        coordinator.open(f"{pair}/{window}")
        coordinator.post(coordinator.form("/decision"), {"stage": stage, "reason": "They ask for more than that."})
    coordinator.open(f"{pair}/{WINDOW}")
    moved = {"pursuit-stage": "submitted", "pursuit-amount": "12000", "pursuit-reason": "They asked for it."}
    coordinator.post(coordinator.form("/pursuit"), moved)
    coordinator.open(f"/donors/windows/{CLOSED}")
    coordinator.post(coordinator.form("/close"), {"reason": "No more calls."})
    until(lambda: "No more calls" in closed(coordinator), "the closed window")
    until(lambda: lead._client.get(f"/reports/proposals/{submitted}").status_code == 200, "the copy of reports")
    lead.open(f"/reports/proposals/{submitted}")
    lead.post(lead.form("/print"), {"language": "en"})
    document = lead.url.rsplit("/", 1)[1].split("?")[0]
    until(lambda: lead._client.get(f"/reports/documents/{document}.pdf").content.startswith(b"%PDF-"), "the document")
    scenario = planned(coordinator, until)
    unlock = studied(coordinator, until, "unlock", {"donor": DONOR, "amount": "60000"})
    steering = studied(
        coordinator, until, "steering", {"preferred": "snow_leopard", "budget": "500000", "others": "1"}
    )  # fmt: skip
    people = {
        "nobody": town.browser(), "lead": lead, "applicant": applicant, "coordinator": coordinator,
        "administrator": town.example("administrator"),
    }  # fmt: skip
    return World(people, draft, complete, submitted, document, scenario, unlock, steering)


def planned(coordinator: Browser, until: Callable[[Callable[[], bool], str], object]) -> str:
    """The scenario of today, whose plan is there."""
    coordinator.open("/matching/portfolios")
    if coordinator.has_form("/today"):
        coordinator.post(coordinator.form("/today"))
    else:  # there is a scenario already: a test of access has knocked at every door
        coordinator.open(str(coordinator.page.xpath("//a[@data-row-link]/@href")[0]))
        coordinator.post(coordinator.form("/runs"))
    scenario = coordinator.url.rsplit("/", 1)[1].partition("?")[0].partition("#")[0]
    progress = f"/matching/portfolios/{scenario}/progress"
    until(lambda: coordinator._client.get(progress).json()["state"] == "done", "the plan of today")
    return scenario


def studied(
    coordinator: Browser, until: Callable[[Callable[[], bool], str], object], kind: str, fields: dict[str, str]
) -> str:  # fmt: skip
    """A study of a donor's money, whose answer is there."""
    coordinator.open(f"/matching/{kind}?donor={DONOR}")
    coordinator.post(coordinator.form(f"/matching/{kind}"), fields)
    study = coordinator.url.rsplit("/", 1)[1].partition("?")[0].partition("#")[0]
    progress = f"/matching/{kind}/{study}/progress"
    until(lambda: coordinator._client.get(progress).json()["state"] == "done", f"the study ({kind})")
    return study


def closed(coordinator: Browser) -> str:
    """The words of the page of the closed window."""
    coordinator.open(f"/donors/windows/{CLOSED}")
    return coordinator.text()


def sights(world: World) -> list[Sight]:
    """Every page, each route at least once; the richest state of it, and the empty one where there is one."""
    ids = {
        "{draft}": world.draft, "{complete}": world.complete, "{submitted}": world.submitted,
        "{document}": world.document, "{scenario}": world.scenario,
        "{unlock}": world.unlock, "{steering}": world.steering,
    }  # fmt: skip
    found = []
    for who, route, status in PAGES:
        path = route
        for name, value in ids.items():
            path = path.replace(name, value)
        found.append(Sight(who, path, route, status))
    return found


PAGES: Final[list[tuple[str, str, int]]] = [
    ("nobody", "/", 200),
    ("nobody", "/style", 200),
    ("nobody", "/accounts/register", 200),
    ("nobody", "/accounts/sign-in", 200),
    ("nobody", "/accounts/link/used-or-wrong", 404),
    ("nobody", "/nothing/here", 404),
    ("nobody", "/projects/actions", 200),
    ("nobody", "/projects/actions?q=saiga&priority=high&all=1", 200),
    ("nobody", "/projects/actions?q=zzzzzz", 200),
    ("nobody", "/projects/actions/9.1", 200),
    ("nobody", f"/projects/programmes/{PROGRAMME}", 200),
    ("nobody", f"/projects/programmes/{PROGRAMME}/actions", 200),
    ("nobody", f"/projects/programmes/{PROGRAMME}/actions/29.10-2", 200),
    ("nobody", "/projects/proposals/questions", 200),
    ("lead", "/accounts/me", 200),
    ("lead", "/accounts/organisation", 200),
    ("lead", "/accounts/people", 200),
    ("lead", "/projects/proposals", 200),
    ("lead", "/projects/proposals/new", 200),
    ("lead", "/projects/proposals/{draft}", 200),
    ("lead", "/projects/proposals/{complete}", 200),
    *(("lead", f"/projects/proposals/{{complete}}/{section}", 200) for section in SECTIONS),
    ("lead", "/projects/proposals/{draft}/check", 200),
    ("lead", "/projects/proposals/{complete}/check", 200),
    ("lead", "/projects/proposals/{submitted}", 200),
    ("lead", "/projects/proposals/{submitted}/versions/1", 200),
    ("lead", "/projects/proposals/{submitted}/versions/2/changes", 200),
    ("lead", "/matching/proposals/{submitted}", 200),
    ("lead", "/matching/proposals/{submitted}/packages", 200),
    ("lead", "/matching", 403),
    ("lead", "/matching/gaps", 200),
    ("lead", "/reports", 200),
    ("lead", "/reports/documents/{document}", 200),
    ("lead", "/reports/proposals", 200),
    ("lead", "/reports/proposals/{submitted}", 200),
    ("applicant", "/accounts/organisation", 200),
    ("applicant", "/projects/proposals/{complete}/check", 200),
    ("applicant", "/matching/proposals/{submitted}/windows/" + WINDOW, 200),
    ("coordinator", "/accounts/people", 200),
    ("coordinator", "/projects/proposals", 200),
    ("coordinator", "/projects/proposals/{submitted}", 200),
    ("coordinator", "/donors", 200),
    ("coordinator", "/donors/windows", 200),
    ("coordinator", "/donors/windows?q=zzzzzz", 200),
    ("coordinator", f"/donors/windows/{WINDOW}", 200),
    ("coordinator", f"/donors/windows/{CLOSED}", 200),
    ("coordinator", f"/donors/windows/{WINDOW}/edit", 200),
    ("coordinator", f"/donors/windows/{CLOSED}/history", 200),
    ("coordinator", "/matching", 200),
    ("coordinator", "/matching/windows", 200),
    ("coordinator", f"/matching/windows/{WINDOW}", 200),
    ("coordinator", "/matching/actions", 200),
    ("coordinator", "/matching/actions/9.1", 200),
    ("coordinator", f"/matching/actions/9.1/windows/{WINDOW}", 200),
    ("coordinator", f"/matching/actions/22.2/windows/{CLOSED}", 200),
    ("coordinator", "/matching/questions", 200),
    ("coordinator", "/matching/questions?q=zzzzzz", 200),
    ("coordinator", "/matching/questions/answered", 200),
    ("coordinator", f"/matching/questions/{WINDOW}/endorses", 200),
    ("coordinator", "/matching/gaps", 200),
    ("coordinator", "/matching/gaps?axis=species&measure=unmet&priority=high", 200),
    ("coordinator", "/matching/gaps/cell?section=5&column=KGZ", 200),
    ("coordinator", "/matching/gaps/history", 200),
    ("coordinator", "/matching/portfolios", 200),
    ("coordinator", "/matching/portfolios/new", 200),
    ("coordinator", "/matching/portfolios/compare", 200),
    ("coordinator", "/matching/portfolios/{scenario}", 200),
    ("coordinator", "/matching/portfolios/{scenario}/edit", 200),
    ("coordinator", "/matching/unlock", 200),
    ("coordinator", "/matching/unlock/{unlock}", 200),
    ("coordinator", "/matching/unlock/{unlock}/sheet", 200),
    ("coordinator", "/matching/steering", 200),
    ("coordinator", f"/matching/steering?donor={DONOR}", 200),
    ("coordinator", "/matching/steering/{steering}", 200),
    ("coordinator", "/matching/pursuits", 200),
    ("coordinator", "/matching/pursuits?stage=submitted", 200),
    ("coordinator", "/matching/outcomes", 200),
    ("coordinator", "/matching/fit", 200),
    ("coordinator", "/matching/fit/labelled", 200),
    ("coordinator", f"/matching/fit/preview?{OTHER_WEIGHTS}&themes=30&priority=10", 200),
    ("coordinator", f"/matching/fit/preview?{OTHER_WEIGHTS}&themes=31&priority=10", 400),
    ("coordinator", "/matching/fit/preview?base=2&same_as=1", 200),
    ("coordinator", "/matching/proposals/{submitted}", 200),
    ("coordinator", "/matching/proposals/{submitted}?overall=not_eligible", 200),
    ("coordinator", "/matching/proposals/{submitted}/packages", 200),
    ("coordinator", "/matching/proposals/{submitted}/windows/" + WINDOW, 200),
    ("coordinator", "/matching/proposals/{submitted}/windows/" + CLOSED, 200),
    ("coordinator", "/matching/proposals/{submitted}/windows/gef-msp/questions/agency", 200),
    ("coordinator", "/reports", 200),
    ("coordinator", "/reports/windows", 200),
    ("coordinator", f"/reports/windows/{WINDOW}", 200),
    ("administrator", "/accounts/operations", 200),
    ("administrator", "/projects/operations", 200),
    ("administrator", "/donors/operations", 200),
    ("administrator", "/matching/operations", 200),
    ("administrator", "/reports/operations", 200),
    ("administrator", f"/matching/operations/parked/{NOBODY}", 404),
    ("administrator", f"/matching/operations/parked/{NOBODY}/discard", 404),
]

ALIKE: Final = frozenset({
    ("nobody", f"/projects/programmes/{PROGRAMME}/actions"),
    ("nobody", f"/projects/programmes/{PROGRAMME}/actions/29.10-2"),
    ("lead", "/projects/proposals/{submitted}/versions/1"),
    ("coordinator", "/accounts/people"),
    ("coordinator", "/projects/proposals/{submitted}"),
    ("coordinator", "/donors/windows?q=zzzzzz"),
    ("coordinator", "/matching/proposals/{submitted}?overall=not_eligible"),
    ("coordinator", "/matching/proposals/{submitted}/windows/" + CLOSED),
    ("coordinator", "/reports"),
    ("administrator", "/projects/operations"),
    ("administrator", "/donors/operations"),
    ("administrator", "/reports/operations"),
    ("administrator", f"/matching/operations/parked/{NOBODY}/discard"),
})  # fmt: skip
"""Pages that look like another one of the list; a browser, which is slow, is spared them."""
