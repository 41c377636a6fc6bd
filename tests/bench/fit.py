"""The fit: how well each version of the weights tells labelled pairs apart, and how long other weights take.

100 proposals against the 69 windows of the inventory, on SQLite. Beside putting weights in force stands judging every
pair again with all of its rules, which it spares; and the same in the background, after the rules have changed.
"""

import random
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import select

from contracts.events import ActionRef
from contracts.values import Money
from contracts.vocabulary import codes
from services.chassis.migrations import upgrade
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.donors.shipped import shipped_windows
from services.matching import shipped
from services.matching.commands.weights import PutWeights
from services.matching.component import COMPONENT
from services.matching.handlers.judging import facts_from, judge_proposal
from services.matching.handlers.previewing import preview
from services.matching.handlers.renewing import renew_some
from services.matching.handlers.reweighing import put_weights
from services.matching.handlers.terms import all_terms
from services.matching.rules import Weights
from services.matching.rules.labelled import quality
from services.matching.tables import ProposalCopy, WindowCopy
from tests.integration.matching.events import hand, published, submitted, text

PROPOSALS: Final = 100
NOW: Final = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OTHER: Final = {
    "priority": 10, "themes": 30, "species": 18, "states": 6, "size": 14, "time": 8, "cofinancing": 6, "history": 8,
}  # fmt: skip


def measure(proposals: int = PROPOSALS) -> dict[str, Any]:
    """Precision, recall and order of every shipped version beside the floor, and milliseconds."""
    labelled, windows = shipped.labelled(), {terms.window_id: terms for terms in shipped_windows()}
    found: dict[str, Any] = {
        f"version_{version}": {
            name: None if figure is None else float(figure)
            for name, figure in quality(
                labelled, windows, shipped.weights(version), shipped.rates()
            ).figures.items()
        }
        for version in range(1, shipped.WEIGHTS_VERSION + 1)
    }  # fmt: skip
    found["floor"] = {name: float(least) for name, least in labelled.floor.items()}
    found["labelled_pairs"] = sum(len(one.labels) for one in labelled.proposals)
    return found | _speed(proposals, list(windows.values()))


def _speed(proposals: int, windows: list[Any]) -> dict[str, Any]:
    with (
        TemporaryDirectory(prefix="cami-bench-") as folder,
        closing(Service(COMPONENT, Settings(data_dir=Path(folder)))) as service,
    ):
        service.clock = lambda: NOW
        upgrade(COMPONENT, service.db)
        hand(service, *(published(terms) for terms in windows))
        chance = random.Random(4)
        hand(service, *(_proposal(chance, number) for number in range(proposals)))
        command = PutWeights(shipped.WEIGHTS_VERSION, OTHER, {}, UUID(int=7), "Bench")
        with service.read() as session:
            wanted = Weights.from_data({**shipped.weights_data(), "proposal": [
                {"part": part, "points": points, "reason": ""} for part, points in OTHER.items()
            ]})  # fmt: skip
            looked, foreseen = _timed(lambda: preview(session, NOW, wanted))
        put, _ = _timed(lambda: service.run(lambda context: put_weights(context, command)))
        judged, _ = _timed(lambda: service.run(_judge_all))
        renewed = _renew(service)
    return {
        "pairs": proposals * len(windows), "pairs_with_a_fit": foreseen.moves.pairs,
        "pairs_moved": len(foreseen.moves.moved), "preview_ms": looked, "put_in_force_ms": put,
        "judging_all_again_ms": judged, "newer_rules": renewed,
    }  # fmt: skip


def _renew(service: Service) -> dict[str, Any]:
    """What is done in the background after the rules have changed: in how many transactions, and the longest of them,
    for which whoever else wants to write waits."""
    with service.db.write() as session:
        for table in (ProposalCopy, WindowCopy):
            session.connection().execute(update(table).values(rules=0))
    times: list[int] = []
    used = time.process_time()
    while True:
        took, more = _timed(lambda: service.run(renew_some))
        if not more:
            break
        times.append(took)
    return {
        "ms": sum(times), "of_the_processor_ms": round(1000 * (time.process_time() - used)), "transactions": len(times),
        "median_ms": sorted(times)[len(times) // 2], "longest_ms": max(times),
    }  # fmt: skip


def _judge_all(context: Any) -> None:
    terms = all_terms(context.session)
    for proposal in context.session.exec(select(ProposalCopy)).all():
        judge_proposal(context, proposal, facts_from(proposal), terms, "proposal")


def _timed(work: Callable[[], Any]) -> tuple[int, Any]:
    started = time.perf_counter()
    result = work()
    return round(1000 * (time.perf_counter() - started)), result


def _proposal(chance: random.Random, number: int) -> Any:
    """A proposal of any kind, place and size, for one species and one or two themes."""
    states, themes = codes("states"), codes("themes")
    asked = Decimal(round(10 ** chance.uniform(3.6, 6.8), -2))
    usd = Money(amount=asked, currency="USD")
    about = chance.sample(themes, chance.choice((1, 2, 3)))
    base = submitted(UUID(int=number + 1), requested=asked)
    kind = chance.choice(("ngo_local", "ngo_intl", "government", "research", "individual", "community"))
    return base.model_copy(update={
        "organisation": base.organisation.model_copy(update={"applicant_kind": kind}),
        "states": chance.sample(states, chance.choice((1, 1, 2))), "species": chance.sample(codes("species")[:15], 1),
        "themes": about, "starts": date(2028, 1, 1), "requested": usd,
        "actions": [ActionRef(action_id="3.1", priority=chance.choice(("high", "medium", "low")), title=text("Work"),
                              themes=about[:1])],
    })  # fmt: skip
