"""How soon the system works again after kill -9 of one of its parts: a form is saved, and its effect is there."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx

from services.chassis.service import Service
from services.matching.tables import WindowCopy
from services.registry import COMPONENTS
from tests.faults import engines
from tests.faults.engines import Engines
from tests.faults.people import WINDOWS, Tireless, coordinator_of
from tests.faults.world import World, world_on
from tests.needs import LACKS

TIMES: Final = 3


def measure() -> dict[str, Any]:
    """Seconds from the kill of each part, with its new start begun at once, until it does its work again."""
    found: dict[str, Any] = {"embedded": _on(engines.files, brokers=False)}
    lacking = [reason for name in ("kafka", "postgres") if (reason := LACKS[name]())]
    found["kafka+postgres"] = "; ".join(lacking) if lacking else _on(engines.servers, brokers=True)
    return found


def _on(opened: Callable[[], AbstractContextManager[Engines]], *, brokers: bool) -> dict[str, float]:
    with TemporaryDirectory(prefix="cami-bench-") as folder, opened() as made, world_on(Path(folder), made) as world:
        coordinator = coordinator_of(world)
        _effect(world, coordinator, 0)
        seconds = {name: _median(lambda name=name: _service(world, name)) for name in COMPONENTS}  # type: ignore[misc]
        if brokers:
            assert made.broker is not None
            assert made.postgres is not None
            kills: dict[str, tuple[Callable[[], None], Callable[[], object]]] = {
                "kafka": (made.broker.kill, made.broker.start), "postgres": (made.postgres.kill, made.postgres.start),
            }  # fmt: skip
            for number, (name, (kill, start)) in enumerate(kills.items(), start=1):
                seconds[name] = _median(lambda n=number, k=kill, s=start: _engine(world, coordinator, n, k, s))  # type: ignore[misc]
        return seconds


def _median(run: Callable[[], float]) -> float:
    return round(median(run() for _ in range(TIMES)), 2)


def _service(world: World, name: str) -> float:
    """Until it answers that it is ready: its consumers have caught up then."""
    begun = time.perf_counter()
    world.kill(name)
    world.start(name, wait=False)

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{world.parts[name].port}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    world.until(ready, f"that {name} is ready")
    return time.perf_counter() - begun


def _engine(
    world: World, coordinator: Tireless, number: int, kill: Callable[[], None], start: Callable[[], object]
) -> float:  # fmt: skip
    """Until a window that is edited after the kill is judged anew at its new terms."""
    begun = time.perf_counter()
    kill()
    start()
    _effect(world, coordinator, number)
    return time.perf_counter() - begun


def _effect(world: World, coordinator: Tireless, number: int) -> None:
    window = WINDOWS[number % len(WINDOWS)]
    with world.service("matching") as matching:
        before = _revision(matching, window)
        ceiling = 500_000 + time.time_ns() // 1_000_000 % 400_000

        def edit() -> None:
            coordinator.open(f"/donors/windows/{window}/edit?only=amount")
            fields = {"amount_maximum": str(ceiling), "amount_maximum_known": "1", "amount_currency": "USD"}
            coordinator.send(coordinator.form("/edit"), {**fields, "reason": "Measured.", "step": "save"})

        coordinator.insist(edit)
        world.until(lambda: _revision(matching, window) > before, "that matching hears of it")


def _revision(matching: Service, window: str) -> int:
    with matching.read() as session:
        row = session.get(WindowCopy, window)
        return row.revision if row else 0
