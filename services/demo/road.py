"""The road, step by step. Each step raises Missing when something is not there that ought to be."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contracts.envelope import new_id
from services.accounts import handlers as accounts
from services.accounts.commands import InvitePerson
from services.chassis.service import Service
from services.demo import crowd, depth, story
from services.demo.browser import Browser, Missing
from services.demo.neighbours import NEIGHBOURS

PATIENCE_SECONDS = 60.0
CEILING_WINDOW = "rufford-follow"
"""Its ceiling is raised on the way: too small for the proposal before, large enough after."""
CLOSED_WINDOW = "iki-small"
"""It could fund the proposal, and is closed on the way."""
SHORTLISTED = "gef-sgp-regular"
DISMISSED = "mbz"
BRIEFED = "gef-sgp-regular"


@dataclass(frozen=True)
class Step:
    """One step with its time in seconds."""

    name: str
    seconds: float


@dataclass
class Road:
    """Drives the road at `address`. `open_accounts` reaches the accounts service, to let a coordinator in."""

    address: str
    out: Path
    open_accounts: Callable[[], AbstractContextManager[Service]]
    say: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    proposal: str = ""
    link: str = ""
    """A sign-in link of a coordinator; else one is invited."""
    others: list[str] = field(default_factory=list)
    """Ids of the other NGOs' proposals."""
    _browsers: list[Browser] = field(default_factory=list)

    def drive(self) -> None:
        """All of it. Raises Missing at the first thing that is not as it ought to be."""
        self.out.mkdir(parents=True, exist_ok=True)
        try:
            ngo = self._browser()
            self._register(ngo)
            self._find_actions(ngo)
            self._write(ngo)
            coordinator = self._browser()
            self._let_in(coordinator)
            self._submit(ngo, coordinator)
            self._decide(coordinator)
            self._print(ngo, coordinator)
            self._change_terms(coordinator)
            self._gather()
            self.files += depth.drive(coordinator, self.proposal, self.step, self.out)
        finally:
            for browser in self._browsers:
                browser.close()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and tell of it."""
        started = time.perf_counter()
        yield
        done = Step(name, round(time.perf_counter() - started, 3))
        self.steps.append(done)
        self.say(done)

    def _browser(self) -> Browser:
        self._browsers.append(Browser(self.address))
        return self._browsers[-1]

    def _register(self, ngo: Browser) -> None:
        email = f"nurgul.{secrets.token_hex(4)}@example.org"
        with self.step("An NGO registers and is signed in"):
            ngo.open("/accounts/register")
            ngo.post(ngo.form("/accounts/register"), story.ORGANISATION | {"email": email, "password": story.PASSWORD})
            ngo.expect(story.ORGANISATION["person_name"])
        with self.step("It signs out, and in again with its password"):
            ngo.post(ngo.form("/sign-out"))
            ngo.open("/accounts/sign-in")
            ngo.post(ngo.form("/accounts/sign-in"), {"email": email, "password": story.PASSWORD})
            ngo.expect(story.ORGANISATION["person_name"])

    def _find_actions(self, ngo: Browser) -> None:
        with self.step("It searches the Programme's actions in three languages"):
            for words in ("snow leopard", "снежный барс", "panthère des neiges"):
                ngo.open(f"/projects/actions?q={words}")
                if not ngo.page.xpath("//a[contains(@href, '/projects/actions/22.')]"):
                    raise Missing(f"{ngo.url}: no action of the snow leopard is found")
        with self.step("It filters them by priority, species and state"):
            ngo.open("/projects/actions?priority=high&species=argali&state=KGZ&section=9")
            if not ngo.page.xpath("//a[contains(@href, '/projects/actions/9.1')]"):
                raise Missing(f"{ngo.url}: action 9.1 is not among the results")

    def _write(self, ngo: Browser) -> None:
        with self.step("It starts a proposal"):
            ngo.open("/projects/proposals/new")
            ngo.post(ngo.form("/proposals/new"), {"title": story.SUMMARY["title-en"], "written_in": "en"})
            self.proposal = ngo.url.rsplit("/", 1)[1].split("?")[0]
        sections = (
            ("summary", story.SUMMARY),
            ("actions", {"actions": story.ACTIONS}),
            ("species", {"species": story.SPECIES, "states": story.STATES}),
            ("dates", story.DATES),
            ("budget", story.budget_fields()),
            ("cofinancing", story.cofinancing_fields()),
            ("partners", story.partner_fields()),
            ("contacts", story.contact_fields()),
        )
        for name, fields in sections:
            with self.step(f"It saves the section “{name}”"):
                path = f"/projects/proposals/{self.proposal}/{name}"
                ngo.open(path)
                ngo.post(ngo.form(path), {**fields, "then": "next"})

    def _let_in(self, coordinator: Browser) -> None:
        with self.step("A coordinator signs in with a link"):
            path = urlsplit(self.link).path or f"/accounts/link/{self._invite()}"
            coordinator.open(path)
            coordinator.post(coordinator.form(path))
            coordinator.open("/matching")  # which is for coordinators

    def _invite(self) -> str:
        email = f"camille.{secrets.token_hex(4)}@example.org"
        command = InvitePerson(new_id(), "Camille Laurent", email, "coordinator", None)
        with self.open_accounts() as service, service.work() as context:
            _person, token = accounts.invite_person(context, command, None)
        return token

    def _submit(self, ngo: Browser, coordinator: Browser) -> None:
        path = f"/projects/proposals/{self.proposal}"
        with self.step("It checks for gaps and submits"):
            ngo.open(f"{path}/check")
            ngo.post(ngo.form(f"{path}/submit"))
        with self.step("Every window is judged and the coordinator sees the ranking"):
            self._until(coordinator, f"/matching/proposals/{self.proposal}", f"/windows/{SHORTLISTED}")

    def _decide(self, coordinator: Browser) -> None:
        ranking = f"/matching/proposals/{self.proposal}"
        with self.step("The coordinator opens a pair: rules, sources, parts of the fit"):
            coordinator.open(f"{ranking}/windows/{SHORTLISTED}")
            coordinator.expect("yes", "unknown")
        with self.step("… shortlists it"):
            coordinator.post(coordinator.form("/decision"), {"stage": "shortlisted", "reason": "Fits in size and aim."})
            coordinator.expect("Shortlisted")
        with self.step("… and dismisses another, with a reason"):
            coordinator.open(f"{ranking}/windows/{DISMISSED}")
            reason = "The society asks for more than three times this grant."
            coordinator.post(coordinator.form("/decision"), {"stage": "dismissed", "reason": reason})
            coordinator.expect("Dismissed", reason)

    def _print(self, ngo: Browser, coordinator: Browser) -> None:
        for language in ("en", "ru", "fr"):
            with self.step(f"The proposal is printed ({language})"):
                self._keep(f"proposal-{language}.pdf", ngo, f"/reports/proposals/{self.proposal}.pdf?lang={language}")
        for language in ("en", "ru", "fr"):
            with self.step(f"A briefing for a donor is printed ({language})"):
                path = f"/reports/windows/{BRIEFED}/briefing.pdf?lang={language}"
                self._keep(f"briefing-{language}.pdf", coordinator, path)

    def _keep(self, name: str, browser: Browser, path: str) -> None:
        content = browser.download(path)
        if not content.startswith(b"%PDF-"):
            raise Missing(f"{path}: this is no PDF document")
        (self.out / name).write_bytes(content)
        self.files.append(str(self.out / name))

    def _change_terms(self, coordinator: Browser) -> None:
        pair = f"/matching/proposals/{self.proposal}/windows"
        with self.step("The coordinator raises a window's ceiling"):
            coordinator.open(f"/donors/windows/{CEILING_WINDOW}/edit")
            form = coordinator.form("/edit")
            ceiling = "125,000" if form.value("amount_maximum").startswith("120") else "120,000"
            change = {"amount_maximum": ceiling, "amount_maximum_known": "1", "reason": "The donor has told us."}
            coordinator.post(form, {**change, "step": "preview"})
            coordinator.post(coordinator.form("/edit"), {"step": "save"})
        with self.step("The verdict follows and says since when"):
            self._until(coordinator, f"{pair}/{CEILING_WINDOW}", ceiling)
        with self.step("The coordinator closes a window"):
            coordinator.open(f"/donors/windows/{CLOSED_WINDOW}")
            if coordinator.has_form("/reopen"):  # an earlier demonstration has closed it
                coordinator.post(coordinator.form("/reopen"), {"reason": "The donor has opened the call again."})
            coordinator.post(coordinator.form("/close"), {"reason": "The donor has closed the call for good."})
        with self.step("The ranking follows and says since when"):
            self._until(coordinator, f"{pair}/{CLOSED_WINDOW}", "The window is closed.")
            # "Until" such a moment it could fund the proposal, the ranking says.
            self._until(coordinator, f"/matching/proposals/{self.proposal}?overall=not_eligible&q=IKI", "Until")

    def _gather(self) -> None:
        for neighbour in NEIGHBOURS:
            with self.step(
                f"Another NGO, {neighbour.name}, registers and submits {len(neighbour.proposals)} proposals"
            ):
                self.others += crowd.bring(neighbour, self._browser)

    def _until(self, browser: Browser, path: str, sign: str) -> None:
        """Open `path` until it shows `sign` in its words or links; raises Missing when that takes too long."""
        last = ""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                browser.open(path)
            except Missing as error:  # the event is still on its way
                last = str(error)
            else:
                if sign in browser.text() or browser.page.xpath("//a[contains(@href, $sign)]", sign=sign):
                    return
            time.sleep(0.02)
        raise Missing(f"{path}: {sign!r} did not appear within {PATIENCE_SECONDS:.0f} s {last}")
