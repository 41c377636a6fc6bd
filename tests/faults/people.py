"""People who go on working whatever breaks: they try again until they are told that it is saved, and remember it."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeVar

import httpx

from contracts.envelope import new_id
from services.accounts import handlers as accounts
from services.accounts.commands import InvitePerson
from services.demo import story
from services.demo.browser import Browser, Fields, Form, Missing
from tests.e2e.people import SECTIONS
from tests.faults.world import World

T = TypeVar("T")
PATIENCE_SECONDS: Final = 600.0
WINDOWS: Final = ("rufford-follow", "iki-small", "gef-sgp-regular", "mbz", "whitley")
Line = tuple[str, str, str, str, str]
"""Source's name, kind, status, amount and currency, as they were typed."""


@dataclass
class Saved:
    """All that people were told was saved."""

    cofinancing: dict[str, list[list[Line]]] = field(default_factory=dict)
    """Proposal -> the lines of each version that was submitted."""
    withdrawn: dict[str, int] = field(default_factory=dict)
    """Proposal -> how many of its versions were withdrawn."""
    terms: dict[tuple[str, str], str] = field(default_factory=dict)
    """(window, reason of the edit) -> the ceiling that it set."""
    decisions: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)
    """(proposal, window) -> stages with their reasons, in their order."""
    forms: int = 0
    """Answers that said "saved"."""
    refused: int = 0
    """Requests that were not answered, or with an error: the form was sent again."""


class Tireless(Browser):
    """A browser whose owner tries again. Tells of every answer that says "saved"."""

    def __init__(self, world: World, saved: Saved, lock: threading.Lock) -> None:
        super().__init__("http://cami.test")
        self._client.close()
        self._client = httpx.Client(
            base_url="http://cami.test", transport=world.transport(), timeout=20,
            headers={"accept": "text/html", "accept-language": "en"}, follow_redirects=True,
        )  # fmt: skip
        self._saved, self._lock = saved, lock

    def insist(self, step: Callable[[], T]) -> T:
        """Do `step` until it succeeds; raises what it raises when it does not for long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return step()
            except (httpx.TransportError, Missing):
                with self._lock:
                    self._saved.refused += 1
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def send(self, form: Form, fields: Fields | None = None) -> str:
        """Send a form; answers where it leads to. Raises Missing unless the answer says that it is saved (303)."""
        data: dict[str, list[str]] = {}
        for name, value in form.fill(fields or {}).values:
            data.setdefault(name, []).append(value)
        answer = self._client.post(form.action, data=data, follow_redirects=False)
        if answer.status_code != 303:
            raise Missing(f"POST {form.action}: answered {answer.status_code}: {answer.text[-300:]}")
        with self._lock:
            self._saved.forms += 1
        return str(answer.headers["location"])


class Team:
    """An NGO's lead and a coordinator. Each works in a thread of its own until told to stop; then what was begun is
    finished, so that the end of the story is known."""

    def __init__(self, world: World, seed: int) -> None:
        self.saved = Saved()
        self.failures: list[BaseException] = []
        self._world = world
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._ngo, self._coordinator = self._register(), coordinator_of(world, self.saved, self._lock)

    def begin(self) -> None:
        """Let them work."""
        for name, work in (("lead", self._write_proposals), ("coordinator", self._coordinate)):
            seed = self._random.getrandbits(32)
            self._threads.append(threading.Thread(target=self._guarded, args=(work, seed), name=name, daemon=True))
            self._threads[-1].start()

    def finish(self) -> None:
        """Let them finish what they have begun; raises what has stopped them."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        if self.failures:
            raise self.failures[0]

    def _guarded(self, work: Callable[[random.Random], None], seed: int) -> None:
        try:
            work(random.Random(seed))
        except BaseException as error:
            self.failures.append(error)

    # --- the lead of an NGO

    def _register(self) -> Tireless:
        browser = Tireless(self._world, self.saved, self._lock)
        email = f"lead.{new_id().hex}@example.org"
        browser.open("/accounts/register")
        fields = {**story.ORGANISATION, "email": email, "password": story.PASSWORD}
        browser.send(browser.form("/accounts/register"), fields)
        return browser

    def _write_proposals(self, chance: random.Random) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._live_through(f"Proposal {number} of the herders", chance)

    def _live_through(self, title: str, chance: random.Random) -> None:
        """Write a proposal and submit it; sometimes take it back, change it, and submit it again."""
        ngo = self._ngo
        proposal = self._start(title)
        for name, fields in SECTIONS.items():
            if name not in ("summary", "cofinancing"):
                self._save(proposal, name, fields)
        self._save(proposal, "summary", {**story.SUMMARY, "title-en": title})
        for version in range(1, chance.choice((1, 1, 2, 3)) + 1):
            lines = [_line(chance) for _ in range(chance.randint(1, 3))]
            self._save(proposal, "cofinancing", _typed(lines))
            if version > 1 and self._stop.is_set() and chance.random() < 0.5:
                return  # it ends as a draft
            ngo.insist(lambda: self._press(proposal, "/submit", "check"))
            with self._lock:
                self.saved.cofinancing.setdefault(proposal, []).append(lines)
            if version == 3 or chance.random() < 0.5:
                return
            ngo.insist(lambda: self._press(proposal, "/withdraw", ""))
            with self._lock:
                self.saved.withdrawn[proposal] = version

    def _start(self, title: str) -> str:
        ngo = self._ngo
        form = ngo.insist(lambda: _opened(ngo, "/projects/proposals/new", "/proposals/new"))
        where = ngo.insist(lambda: ngo.send(form, {"title": title, "written_in": "en"}))
        return where.split("?")[0].rsplit("/", 1)[1]

    def _save(self, proposal: str, name: str, fields: Mapping[str, Any]) -> None:
        path = f"/projects/proposals/{proposal}/{name}"
        ngo = self._ngo

        def step() -> None:
            form = _opened(ngo, path, path)
            form.values = [(key, value) for key, value in form.values if not key.startswith("lines-")]
            ngo.send(form, {**fields, "then": "next"})

        ngo.insist(step)

    def _press(self, proposal: str, button: str, page: str) -> None:
        """Press a button; where it is gone, it had been pressed to effect although nobody was told so."""
        ngo = self._ngo
        ngo.open(f"/projects/proposals/{proposal}/{page}".rstrip("/"))
        if ngo.has_form(button):
            ngo.send(ngo.form(button), {"reason": "A line was forgotten."} if button == "/withdraw" else {})
        elif button == "/submit" and "Submitted" not in ngo.text():
            raise Missing(f"{ngo.url}: the button is gone and nothing is submitted")

    # --- a coordinator

    def _coordinate(self, chance: random.Random) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            if chance.random() < 0.6:
                self._edit(chance.choice(WINDOWS), f"Edit {number}", chance.randint(300, 900) * 1000)
            else:
                self._decide(number, chance)
            self._stop.wait(0.05)

    def _edit(self, window: str, reason: str, ceiling: int) -> None:
        """Set a window's ceiling. A form that was sent in vain is opened again: perhaps it was not in vain."""
        coordinator = self._coordinator

        def step() -> None:
            coordinator.open(f"/donors/windows/{window}/history")
            if f"{reason}." in coordinator.text():
                return
            form = _opened(coordinator, f"/donors/windows/{window}/edit?only=amount", "/edit")
            if _number(form.value("amount_maximum")) == ceiling:
                raise _NothingNew
            fields = {"amount_maximum": str(ceiling), "amount_maximum_known": "1", "amount_currency": "USD"}
            coordinator.send(form, {**fields, "reason": f"{reason}.", "step": "save"})

        try:
            coordinator.insist(step)
        except _NothingNew:
            return
        with self._lock:
            self.saved.terms[window, f"{reason}."] = str(ceiling)

    def _decide(self, number: int, chance: random.Random) -> None:
        with self._lock:
            known = [one for one in self.saved.cofinancing if self.saved.withdrawn.get(one, 0) == 0]
        if not known:
            return
        proposal, window = chance.choice(known), chance.choice(WINDOWS)
        stage = chance.choice(("shortlisted", "dismissed"))
        reason = f"Decision {number}."
        coordinator = self._coordinator
        path = f"/matching/proposals/{proposal}/windows/{window}"

        def step() -> bool:
            try:
                coordinator.open(path)
            except Missing as missing:
                if "404" in str(missing):  # it is not judged yet
                    return False
                raise
            if reason in coordinator.text():
                return True
            if not coordinator.has_form("/decision"):
                return False  # it has been withdrawn meanwhile
            try:
                coordinator.send(coordinator.form("/decision"), {"stage": stage, "reason": reason})
            except Missing as missing:
                if "409" in str(missing):
                    return False
                raise
            return True

        if coordinator.insist(step):
            with self._lock:
                self.saved.decisions.setdefault((proposal, window), []).append((stage, reason))


def coordinator_of(world: World, saved: Saved | None = None, lock: Any = None) -> Tireless:
    """A coordinator who has been invited and is signed in."""
    browser = Tireless(world, saved or Saved(), lock or threading.Lock())
    command = InvitePerson(new_id(), "Camille Laurent", f"c.{new_id().hex}@example.org", "coordinator", None)
    with world.service("accounts") as service, service.work() as context:
        _person, token = accounts.invite_person(context, command, None)
    browser.open(f"/accounts/link/{token}")
    browser.send(browser.form(f"/accounts/link/{token}"))
    return browser


class _NothingNew(Exception):
    """The ceiling is that already."""


def _opened(browser: Browser, path: str, action: str) -> Form:
    browser.open(path)
    return browser.form(action)


def _line(chance: random.Random) -> Line:
    amount = f"{chance.randint(100, 9000)}.{chance.randint(0, 99):02d}"
    kind = chance.choice(("cash", "in_kind"))
    return f"Source {chance.getrandbits(32):08x}", kind, chance.choice(("indicative", "confirmed")), amount, "USD"


def _typed(lines: list[Line]) -> dict[str, str]:
    fields = {}
    for number, (name, kind, status, amount, currency) in enumerate(lines):
        values = {
            "source_name": name,
            "source": "own",
            "kind": kind,
            "status": status,
            "amount": amount,
            "currency": currency,
        }
        fields |= {f"lines-{number}-{key}": value for key, value in values.items()}
    return fields


def _number(text: str) -> Decimal | None:
    digits = "".join(letter for letter in text if letter.isdigit() or letter == ".")
    return Decimal(digits) if digits else None
