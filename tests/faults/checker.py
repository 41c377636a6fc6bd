"""After a round: what people were told of is there, each effect once, sums agree, copies are what the log makes."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from contracts.envelope import Event, UnreadableEvent, read
from contracts.events import PairDecided, ProposalSubmitted, ProposalWithdrawn, WindowPublished, topic_of
from contracts.windows import WindowTerms
from services.chassis import parked
from services.chassis.groups import group_of, topics_of
from services.chassis.outbox import depth_and_age
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.registry import COMPONENTS
from tests.faults.findings import Findings
from tests.faults.mischief import POISON, Planted
from tests.faults.people import Line, Saved
from tests.faults.world import World

Rows = list[dict[str, Any]]


class Checker:
    """Looks at a world that has come to rest."""

    def __init__(self, world: World, saved: Saved, planted: Planted) -> None:
        self._world, self._saved, self._planted = world, saved, planted
        self._found = Findings()

    def rest(self) -> None:
        """Wait until every outbox is empty and every consumer has caught up."""

        def settled() -> bool:
            with self._world.bus() as bus:
                for name, component in COMPONENTS.items():
                    with self._world.service(name) as service, service.read() as session:
                        if depth_and_age(session, component.messaging, service.clock()).events:
                            return False
                    for topic in topics_of(component):
                        if bus.lag(group_of(component, topic)).get(topic) != 0:
                            return False
            return True

        self._world.until(settled, "that everything is published and handled")

    def check(self) -> Findings:
        """All checks."""
        tables = {name: self._tables(name) for name in COMPONENTS}
        self._proposals(tables)
        self._windows(tables)
        self._decisions(tables)
        self._pairs(tables)
        self._events(tables)
        self._parked()
        self._rebuilt()
        return self._found

    def _tables(self, name: str) -> dict[str, Rows]:
        component = COMPONENTS[name]
        kept = {"programme", "action", "action_pair", "pairing", "outbox"}
        with self._world.service(name) as service, service.read() as session:
            return {
                table.name: [dict(row) for row in session.execute(select(table)).mappings()]
                for table in component.metadata.sorted_tables if table.name not in kept
            }  # fmt: skip

    # --- proposals and their co-financing

    def _proposals(self, tables: dict[str, dict[str, Rows]]) -> None:
        versions: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        for row in tables["projects"]["proposal_version"]:
            versions[str(row["proposal_id"])][row["version"]] = row
        self._found.once(
            "submitted version",
            [(one, version) for one, rows in versions.items() for version in rows],
            [(one, n) for one, lists in self._saved.cofinancing.items() for n in range(1, len(lists) + 1)],
        )
        typed = Decimal(0)
        sums: Counter[str] = Counter()
        copies = {
            name: {str(row.get("proposal_id") or row["id"]): row for row in tables[name]["proposal"]}
            for name in ("matching", "reports")
        }
        ledger: dict[str, Decimal] = defaultdict(Decimal)
        for row in tables["projects"]["cofinancing_line"]:
            ledger[str(row["proposal_id"])] += row["amount"]
        now = {str(row["id"]): row for row in tables["projects"]["proposal"]}
        for proposal, lists in self._saved.cofinancing.items():
            for number, lines in enumerate(lists, start=1):
                if number not in versions[proposal]:
                    continue
                said = ProposalSubmitted.model_validate(versions[proposal][number]["payload"])
                self._found.once(
                    "co-financing line", [(proposal, number, *line) for line in _lines(said)],
                    [(proposal, number, *line) for line in lines],
                )  # fmt: skip
                wanted = sum((Decimal(line[3]) for line in lines), Decimal(0))
                self._found.expect("co-financing sum", said.cofinancing_total.amount, wanted, f"{proposal} v{number}")
                self._found.expect(
                    "co-financing sum", sum(one.usd for one in said.cofinancing), said.cofinancing_usd, proposal
                )
            newest, last = len(lists), sum((Decimal(line[3]) for line in lists[-1]), Decimal(0))
            withdrawn = self._saved.withdrawn.get(proposal, 0)
            if now[proposal]["status"] == "submitted":
                self._found.expect("ledger", ledger[proposal], last, f"lines of {proposal}")
            for name, rows in copies.items():
                if proposal not in rows:
                    self._found.losses.append(f"{name} has never heard of proposal {proposal}")
                    continue
                row = rows[proposal]
                self._found.expect("copy of a proposal", row["version"], newest, f"{name}: version of {proposal}")
                self._found.expect(
                    "copy of a proposal", row["withdrawn_version"], withdrawn, f"{name}: withdrawn {proposal}"
                )
                if newest in versions[proposal]:
                    source = versions[proposal][newest]["payload"]
                    self._found.expect("copy of a proposal", row["payload"], source, f"{name}: {proposal}")
                sums[name] += ProposalSubmitted.model_validate(row["payload"]).cofinancing_total.amount  # type: ignore[assignment]
            typed += last
        for name, amount in sums.items():
            self._found.expect("co-financing sum", amount, typed, f"{name}: sum of all co-financing")

    # --- windows

    def _windows(self, tables: dict[str, dict[str, Rows]]) -> None:
        edits = [row for row in tables["donors"]["window_revision"] if row["reason"].startswith("Edit ")]
        self._found.once(
            "edit of a window",
            [(row["window_id"], row["reason"], _ceiling(row["terms"])) for row in edits],
            [(window, reason, ceiling) for (window, reason), ceiling in self._saved.terms.items()],
        )
        numbers: dict[str, list[int]] = defaultdict(list)
        for row in tables["donors"]["window_revision"]:
            numbers[row["window_id"]].append(row["revision"])
        copies = {row["window_id"]: row for row in tables["matching"]["window"]}
        printed = {row["id"]: row for row in tables["reports"]["funding_window"]}
        for row in tables["donors"]["funding_window"]:
            window, terms = row["id"], WindowTerms.model_validate(row["terms"])
            self._found.expect(
                "window", sorted(numbers[window]), list(range(1, terms.revision + 1)), f"revisions of {window}"
            )
            for name, copy, key in (("matching", copies, "terms"), ("reports", printed, "payload")):
                if window not in copy:
                    self._found.losses.append(f"{name} has never heard of the window {window}")
                    continue
                self._found.expect("copy of a window", copy[window]["revision"], terms.revision, f"{name}: {window}")
                kept = WindowTerms.model_validate(copy[window][key])
                self._found.expect("copy of a window", kept, terms, f"{name}: terms of {window}")

    # --- decisions and verdicts

    def _decisions(self, tables: dict[str, dict[str, Rows]]) -> None:
        taken = sorted(tables["matching"]["pair_decision"], key=lambda row: str(row["decision_id"]))
        self._found.once(
            "decision",
            [(str(row["proposal_id"]), row["window_id"], row["stage"], row["reason"]) for row in taken],
            [(*pair, *one) for pair, decisions in self._saved.decisions.items() for one in decisions],
        )
        pairs = {(str(row["proposal_id"]), row["window_id"]): row for row in tables["matching"]["pair"]}
        told = {(str(row["proposal_id"]), row["window_id"]): row for row in tables["reports"]["decision"]}
        for pair, decisions in self._saved.decisions.items():
            stage, reason = decisions[-1]
            self._found.expect(
                "decision", (pairs[pair]["stage"], pairs[pair]["stage_reason"]), (stage, reason), f"{pair}"
            )
            self._found.expect("decision", told[pair]["stage"] if pair in told else None, stage, f"reports: {pair}")

    def _pairs(self, tables: dict[str, dict[str, Rows]]) -> None:
        windows = {row["window_id"]: row["revision"] for row in tables["matching"]["window"]}
        verdicts = {(row["proposal_id"], row["window_id"]): row for row in tables["reports"]["verdict"]}
        pairs = {(row["proposal_id"], row["window_id"]): row for row in tables["matching"]["pair"]}
        for proposal in tables["matching"]["proposal"]:
            if proposal["version"] <= proposal["withdrawn_version"]:
                continue
            key = proposal["proposal_id"]
            self._found.once(
                "pair", [window for one, window in pairs if one == key], list(windows),
            )  # fmt: skip
            for window, revision in windows.items():
                if (pair := pairs.get((key, window))) is None:
                    continue
                at = (pair["proposal_version"], pair["window_revision"])
                self._found.expect("pair", at, (proposal["version"], revision), f"{key} and {window} judged at")
                told = verdicts.get((key, window), {})
                names = ("window_revision", "overall", "yes", "unknown", "no", "fit")
                self._found.expect(
                    "verdict in reports", [told.get(name) for name in names], [pair[name] for name in names],
                    f"{key} and {window}",
                )  # fmt: skip

    # --- messages

    def _events(self, tables: dict[str, dict[str, Rows]]) -> None:
        """One event for each fact, however often it stands on the bus; each claimed by all who listen to it."""
        facts: Counter[tuple[Any, ...]] = Counter()
        ids: dict[str, Event[Any]] = {}
        with self._world.bus() as bus:
            for topic in bus.topics():
                offsets: dict[int, int] = {}
                while messages := bus.read(topic, from_offset=dict(offsets), limit=2000):
                    for message in messages:
                        offsets[message.partition] = message.offset + 1
                        if message.headers["ce_id"] in ids:
                            self._found.repeats_dropped += 1
                            continue
                        try:
                            event = read(message.headers, message.body)
                        except UnreadableEvent:
                            continue
                        ids[str(event.id)] = event
                        if str(event.id) not in self._planted.late and (fact := _fact(event)):
                            facts[fact] += 1
        self._found.duplicates += [f"event: {fact}" for fact, count in facts.items() if count > 1]
        self._found.once(
            "event",
            [fact for fact in facts if fact[0] in ("submitted", "decided")],
            [
                *(
                    ("submitted", one, n)
                    for one, all_ in self._saved.cofinancing.items()
                    for n in range(1, len(all_) + 1)
                ),
                *(
                    ("decided", str(row["proposal_id"]), row["window_id"], row["reason"])
                    for row in tables["matching"]["pair_decision"]
                ),
            ],
        )
        for name, component in COMPONENTS.items():
            claimed = {str(row["event_id"]) for row in tables[name]["inbox"]}
            heard = {key for key, event in ids.items() if type(event.data) in component.routes}
            self._found.checked["claim"] += len(heard)
            self._found.losses += [f"{name} has not handled {ids[key].type} {key}" for key in heard - claimed]

    def _parked(self) -> None:
        for name, component in COMPONENTS.items():
            with self._world.service(name) as service, service.read() as session:
                waiting = parked.waiting(session, component.messaging, limit=1000)
            listens = topic_of(POISON) in topics_of(component) and any(
                payload is ProposalSubmitted for payload in component.routes
            )
            wanted = self._planted.poison if listens else set()
            here = {one.headers.get("ce_id", ""): one.reason for one in waiting}
            self._found.checked["parked message"] += len(wanted)
            self._found.losses += [f"{name} has not parked the poison {key}" for key in wanted - here.keys()]
            for key in here.keys() - wanted:
                self._found.differences.append(f"{name} has parked {key}: {here[key][:300]}")

    def _rebuilt(self) -> None:
        with self._world.bus() as bus:
            for name, component in COMPONENTS.items():
                if not component.copies:
                    continue
                with self._world.service(name) as service:
                    report = rebuild(service, bus, check=True)
                self._found.checked["row compared with a rebuild"] += _rows(service)
                self._found.losses += [f"{name} has passed {key} without handling it" for key in report.lost]
                for table, found in report.tables.items():
                    if len(found):
                        counts = f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed"
                        which = f"{counts}; {sorted(found.keys, key=str)[:2]}"
                        self._found.differences.append(f"{name}.{table} is not what the log makes of it: {which}")


def _rows(service: Service) -> int:
    with service.read() as session:
        return sum(len(session.execute(select(*table.primary_key)).all()) for table in service.component.copies)


def _fact(event: Event[Any]) -> tuple[Any, ...]:
    data = event.data
    if isinstance(data, ProposalSubmitted):
        return "submitted", str(data.proposal_id), data.version
    if isinstance(data, ProposalWithdrawn):
        return "withdrawn", str(data.proposal_id), data.version
    if isinstance(data, WindowPublished):
        return "window", data.terms.window_id, data.terms.revision
    if isinstance(data, PairDecided):
        return "decided", str(data.proposal_id), data.window_id, data.reason
    return ()


def _lines(said: ProposalSubmitted) -> list[Line]:
    return [
        (one.source_name, one.kind, one.status, f"{one.money.amount:.2f}", one.money.currency)
        for one in said.cofinancing
    ]


def _ceiling(terms: dict[str, Any]) -> str:
    amount = WindowTerms.model_validate(terms).amount.maximum
    return f"{amount:.0f}" if amount is not None else ""
