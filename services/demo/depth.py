"""What the coordinator does with all that has come in: answers, pursuits, a plan with its proof, and the gap map."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.demo.browser import Browser, Missing

ASKED: Final = "gef-sgp-regular"
"""The window whose question is answered and whose money is then asked for and awarded."""
QUESTION: Final = "endorses"
PATIENCE_SECONDS: Final = 120.0
AWARD: Final = "45 000"
Stepping = Callable[[str], AbstractContextManager[None]]


def drive(coordinator: Browser, proposal: str, step: Stepping, out: Path) -> list[str]:
    """All of it; answers the files that were kept. Raises Missing."""
    _answer(coordinator, proposal, step)
    _pursue(coordinator, proposal, step)
    _plan(coordinator, step)
    return _take_away(coordinator, step, out)


def _answer(coordinator: Browser, proposal: str, step: Stepping) -> None:
    with step("The coordinator answers a question once, with its source"):
        path = f"/matching/questions/{ASKED}/{QUESTION}"
        coordinator.open(path)
        told = {"choice": "no", "sentence": "The national coordinator needs no letter of endorsement for a grant.",
                "told_by": "The national coordinator, by telephone"}  # fmt: skip
        if not coordinator.has_form(f"{path}/take-back"):  # an earlier demonstration has answered it
            coordinator.post(coordinator.form(path), told)
    with step("Every pair that asked it is settled"):
        coordinator.open(f"/matching/proposals/{proposal}/windows/{ASKED}")
        coordinator.expect("by telephone")


def _pursue(coordinator: Browser, proposal: str, step: Stepping) -> None:
    pair = f"/matching/proposals/{proposal}/windows/{ASKED}"
    with step("A pursuit is submitted to the donor"):
        coordinator.open(pair)
        coordinator.post(coordinator.form("/pursuit"), {"pursuit-stage": "submitted"})
    with step("… and the donor awards it"):
        today = datetime.now(UTC).date().isoformat()
        coordinator.post(
            coordinator.form("/pursuit"), {"pursuit-stage": "awarded", "pursuit-amount": AWARD, "pursuit-day": today}
        )
        coordinator.expect(f"USD {AWARD.replace(' ', ',')}")


def _plan(coordinator: Browser, step: Stepping) -> None:
    with step("Today's best portfolio is computed, with its proof"):
        coordinator.open("/matching/portfolios")
        if coordinator.has_form("/portfolios/today"):
            coordinator.post(coordinator.form("/portfolios/today"))
        else:  # an earlier demonstration has begun with it
            coordinator.open(str(coordinator.page.xpath("//a[@data-row-link]/@href")[0]))
            coordinator.post(coordinator.form("/runs"))
        _until(coordinator, "This plan funds")


def _take_away(coordinator: Browser, step: Stepping, out: Path) -> list[str]:
    with step("The funding-gap map is taken away as a workbook"):
        content = coordinator.download("/matching/gaps.xlsx")
        if not content.startswith(b"PK"):
            raise Missing("/matching/gaps.xlsx: this is no workbook")
        (out / "funding-gaps.xlsx").write_bytes(content)
    return [str(out / "funding-gaps.xlsx")]


def _until(browser: Browser, sign: str) -> None:
    """Look at the same page again until it shows `sign`; raises Missing when that takes too long."""
    address, until = browser.url.partition("#")[0], time.monotonic() + PATIENCE_SECONDS
    while sign not in browser.text():
        if time.monotonic() > until:
            raise Missing(f"{address}: {sign!r} did not appear within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.1)
        browser.open(address)
