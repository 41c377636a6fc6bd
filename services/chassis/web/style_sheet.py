"""Sample data for the living style sheet, `/style`."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from contracts.values import LocalizedText, Money, Text
from services.chassis.errors import FieldError
from services.chassis.forms import REQUIRED, FormState
from services.chassis.paging import Page
from services.chassis.parsing import NOT_MONEY

_STATES = ("KAZ", "KGZ", "MNG", "TJK", "UZB")


def samples(now: datetime) -> dict[str, Any]:
    """What the page `style.html` shows, as of `now`."""
    today = now.date()
    wrong = [
        FieldError("title", REQUIRED, (("label", "Title of the project"),)),
        FieldError("requested", NOT_MONEY, (("label", "Amount asked for"),)),
    ]
    typed: dict[str, str | list[str]] = {
        "title": "", "requested": "forty thousand", "summary": "Two herder cooperatives share one pasture plan.",
        "state": "KGZ", "species": ["snow_leopard", "argali"], "mode": "cash", "agree": "1",
    }  # fmt: skip
    russian = LocalizedText(source="ru", versions={"ru": Text(text="Пастбищный план для двух кооперативов")})
    return {
        "form": FormState(typed, wrong),
        "page": Page(items=list(range(10)), number=3, size=10, total=228),
        "money": Money(amount=Decimal("45000"), currency="USD"),
        "dates": [today + timedelta(days=days) for days in (12, 160, -5)],
        "moment": now,
        "russian": russian,
        "tasks": [
            {"title": "Summary", "href": "#tasks", "state": "done", "hint": ""},
            {"title": "Actions addressed", "href": "#tasks", "state": "in_progress", "hint": "One has no note"},
            {"title": "Budget", "href": "#tasks", "state": "needs_you", "hint": "One line has no category"},
            {"title": "Contacts", "href": "#tasks", "state": "not_started", "hint": ""},
        ],
        "fit": [
            {"name": "Themes", "points": 26, "out_of": 30},
            {"name": "Species", "points": 20, "out_of": 25},
            {"name": "Countries", "points": 18, "out_of": 20},
            {"name": "Amount", "points": 9, "out_of": 15},
            {"name": "Co-financing", "points": 5, "out_of": 10},
        ],
        "gaps": [(name, [(n * 7 + i * 5) % 11 / 10 for i in range(5)]) for n, name in enumerate(_STATES)],
        "trend": [4, 6, 5, 8, 9, 9, 12],
    }
