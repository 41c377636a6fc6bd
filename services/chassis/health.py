"""Whether the process lives and whether it can work: `/healthz`, `/readyz`."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import text

from services.chassis.service import Service


def readiness(
    services: Mapping[str, Service], checks: Iterable[Callable[[], str | None]]
) -> tuple[bool, dict[str, str]]:
    """Whether all is well, and the state of each part: "ok" or what is wrong. Blocks for as long as databases do."""
    parts: dict[str, str] = {}
    for name, service in services.items():
        try:
            with service.read() as session:
                session.execute(text("SELECT 1"))
            parts[f"database:{name}"] = "ok"
        except Exception as error:
            parts[f"database:{name}"] = type(error).__name__
    for check in checks:
        name = getattr(check, "__name__", "check").strip("_")
        try:
            parts[name] = check() or "ok"
        except Exception as error:
            parts[name] = type(error).__name__
    return all(state == "ok" for state in parts.values()), parts
