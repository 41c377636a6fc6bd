"""Reading the funding-gap map off its page, for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import Element

import html5lib

from services.chassis.service import Service
from tests.integration.matching.events import action, hand, imported, published, submitted
from tests.unit.matching.build import window

X = "{http://www.w3.org/1999/xhtml}"
NGO = UUID(int=100)
SHARED = UUID(int=11)
"""A proposal for 3.1 and 9.1 in Kyrgyzstan and Mongolia; nobody's action names Mongolia but 3.2."""
LONE = UUID(int=12)
"""A proposal of another organisation for 3.2 in Kazakhstan."""


def at(month: int, day: int = 10) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def inventory(service: Service) -> None:
    """Two windows and four actions: 3.1 in Kyrgyzstan and Kazakhstan, 3.2 in Kazakhstan and Mongolia, 9.1 in
    Kyrgyzstan, and 31.5 for the whole region."""
    hand(
        service, published(window("a", name="Small Grant")), published(window("b", name="Large Grant")),
        action("3.1", states=["KGZ", "KAZ"]), action("3.2", "high_medium", states=["KAZ", "MNG"]),
        action("9.1", "low", species=["saiga"]), action("31.5", None, states=[], species=[]), imported(4),
    )  # fmt: skip


def propose(service: Service, proposal: UUID, *actions: str, **changed: Any) -> None:
    """A proposal that addresses some actions."""
    refs = [{"action_id": one, "priority": "high", "title": {"source": "en", "versions": {}}} for one in actions]
    hand(service, submitted(proposal, **{"actions": refs, "reference": f"CAMI-{proposal.int}", **changed}))


@dataclass(frozen=True)
class Table:
    """The heat map as the page shows it."""

    columns: list[str]
    rows: dict[str, list[str]]
    """Section's number -> its figures, the total last. `all` is the row of totals."""
    hatched: set[tuple[str, str]]

    def figure(self, section: str, column: str) -> str:
        """What stands in a cell."""
        return self.rows[section][self.columns.index(column)]


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def table_of(page: str) -> Table:
    """Reads the page strictly: raises at the first fault of its markup."""
    root = html5lib.HTMLParser(strict=True).parse(page)
    table = next(one for one in root.iter(f"{X}table") if one.get("class") == "gapmap")
    head, body, foot = (table.find(f"{X}{part}") for part in ("thead", "tbody", "tfoot"))
    assert head is not None
    assert body is not None
    assert foot is not None
    columns = [text_of(cell) for cell in head.iter(f"{X}th")][1:]
    rows, hatched = {}, set()
    for row in body.iter(f"{X}tr"):
        name = text_of(row.findall(f"{X}th")[0]).split()[0]
        cells = row.findall(f"{X}td")
        rows[name] = [text_of(cell) for cell in cells]
        hatched |= {
            (name, column)
            for column, cell in zip(columns, cells, strict=True)
            if "gap--hatch" in (cell.get("class") or "")
        }
    rows["all"] = [text_of(cell) for cell in foot.iter(f"{X}td")]
    return Table(columns, rows, hatched)
