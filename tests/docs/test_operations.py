"""docs/operations.md names every metric and every field of a log line, and none that does not exist."""

import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from services.chassis import runner
from services.chassis.logging import EXTRAS, TRAIL
from services.chassis.web import edge
from services.registry import COMPONENTS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
PARTS = (runner, edge, COMPONENTS)
"""What has metrics is imported by now."""


def metrics() -> list[str]:
    """A row of the table for each metric of ours."""
    collectors = {
        collector for name, collector in REGISTRY._names_to_collectors.items() if name.startswith("cami_")
    }  # fmt: skip
    rows = []
    for collector in collectors:
        assert isinstance(collector, MetricWrapperBase)
        name = f"{collector._name}_total" if collector._type == "counter" else collector._name
        labels = ", ".join(collector._labelnames) or "-"
        rows.append(f"| `{name}` | {collector._type} | {labels} | {collector._documentation} |")
    return sorted(rows)


@pytest.mark.parametrize("row", metrics())
def test_every_metric_is_documented(row: str) -> None:
    assert row in TEXT.splitlines()


def test_no_metric_is_documented_that_does_not_exist() -> None:
    assert sorted(re.findall(r"^\| `cami_.*$", TEXT, re.M)) == metrics()
    mentioned = set(re.findall(r"`(cami_[a-z_]+)", TEXT))
    assert mentioned <= {row.split("`")[1] for row in metrics()}


def test_every_field_of_a_log_line_is_documented() -> None:
    table = TEXT.split("## Log lines")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `([a-z]+)`", table, re.M)
    assert sorted(documented) == sorted(["at", "level", "logger", "message", "error", *TRAIL, *EXTRAS])
