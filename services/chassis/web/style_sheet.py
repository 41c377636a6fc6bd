"""Sample data for the living style sheet."""

from datetime import datetime
from typing import Any


def samples(now: datetime) -> dict[str, Any]:
    """What the page `style.html` shows."""
    return {}
