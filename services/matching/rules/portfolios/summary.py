"""The few figures of a plan that lists and comparisons show."""

from collections.abc import Mapping
from typing import Any


def summary_of(
    request: Mapping[str, Any], record: Mapping[str, Any], answer: Mapping[str, Any], others: Mapping[str, Any]
) -> dict[str, Any]:
    """Value, bound and gap, how much is funded with how much from how many windows, and what it is measured by."""
    grants = answer["grants"]
    return {
        "value": answer["value"], "bound": answer["bound"], "gap": answer["gap"], "status": answer["status"],
        "greedy": others["greedy"]["value"], "pursuits": others["pursuits"]["value"],
        "funded": len(answer["funded"]), "proposals": len(request["proposals"]),
        "windows": len({window for _, window, _ in grants}), "grants": len(grants),
        "dollars": sum(amount for _, _, amount in grants), "awarded": sum(record["awarded"]),
        "seconds": answer["seconds"],
    }  # fmt: skip
