"""The recommended alarms ask for metrics and labels that the program really has, in PromQL that Prometheus can read."""

import re
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from services.chassis import metrics
from services.chassis.web import edge
from services.registry import COMPONENTS
from tests.deploy.files import DEPLOY

RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
GIVEN_BY_PROMETHEUS = {"job", "instance", "le"}
DURATION = re.compile(r"\d+(s|m|h)")


def labels_of_samples() -> dict[str, set[str]]:
    """Name of a sample, as PromQL asks for it -> the labels it can have."""
    found: dict[str, set[str]] = {}
    for module in (metrics, edge):
        for metric in vars(module).values():
            if isinstance(metric, MetricWrapperBase):
                (family,) = metric.describe()
                endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}[
                    family.type
                ]
                for ending in endings:
                    found[family.name + ending] = set(metric._labelnames) | GIVEN_BY_PROMETHEUS
    return found


def selectors(expression: str) -> list[Any]:
    """The selectors of an expression. Raises ValueError for what is no PromQL."""
    found: list[Any] = []

    def visit(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        elif isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def test_the_program_is_asked_itself() -> None:
    assert len(labels_of_samples()) > 15
    assert {name.removesuffix("_total") for name in labels_of_samples()} & set(REGISTRY._names_to_collectors)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_asks_for_what_there_is(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert DURATION.fullmatch(rule.get("for", "0s"))
    samples = labels_of_samples()
    asked = selectors(rule["expr"])
    assert asked
    for selector in asked:
        assert selector.name in samples
        assert {matcher.name for matcher in selector.matchers.matchers} <= samples[selector.name]
    known = set.union(*(samples[selector.name] for selector in asked))
    for grouping in re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", rule["expr"]):
        assert {label.strip() for label in grouping.split(",")} <= known
    spoken = " ".join(rule["annotations"].values())
    assert "summary" in rule["annotations"]
    kept = re.findall(r"\bby \(([^)]*)\)", rule["expr"])
    shown = {label.strip() for grouping in kept for label in grouping.split(",")} | {"service"}
    assert set(re.findall(r"\$labels\.(\w+)", spoken)) <= shown


def test_no_service_is_away_unseen() -> None:
    (rule,) = (rule for rule in RULES if rule["alert"] == "CamiServiceAway")
    assert set(re.findall(r'service="(\w+)"', rule["expr"])) == set(COMPONENTS)


def test_names_are_taken_once() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
