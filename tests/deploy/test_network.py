"""Who may speak to whom, worked out from the network policies as a cluster would: what is needed, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.deploy.files import OVERLAYS, SERVICES, Resource, deployments, of_kind, overlay


@dataclass(frozen=True)
class Pod:
    """One kind of pod: its labels, and the namespace that it is in."""

    name: str
    labels: Mapping[str, str]
    namespace: str = "cami"


KAFKA: Final = Pod("kafka", {"strimzi.io/cluster": "cami-kafka", "strimzi.io/name": "cami-kafka-kafka"})
USER_OPERATOR: Final = Pod(
    "user operator", {"strimzi.io/cluster": "cami-kafka", "strimzi.io/name": "cami-kafka-entity-operator"}
)
POSTGRES: Final = Pod("postgres", {"cnpg.io/cluster": "cami-postgres"})
DNS: Final = Pod("dns", {"k8s-app": "kube-dns"}, "kube-system")
OUTSIDE: Final = {
    name: Pod(name, {"any": "pod"}, name) for name in ("ingress-nginx", "monitoring", "keda", "cnpg-system", "default")
}
INTERFACE: Final = Pod("Kubernetes' interface", {}, "")
"""An address that is no pod's."""


def pods(name: str) -> dict[str, Pod]:
    found = {
        key.removeprefix("cami-"): Pod(key, deployment["spec"]["template"]["metadata"]["labels"])
        for key, deployment in deployments(name).items()
    }
    return found | {"kafka": KAFKA, "postgres": POSTGRES}


def selected(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    if selector is None:
        return True
    assert set(selector) <= {"matchLabels"}
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def is_peer(peer: Mapping[str, Any], pod: Pod) -> bool:
    if "ipBlock" in peer:
        return peer["ipBlock"]["cidr"] == "0.0.0.0/0" and pod is INTERFACE
    if pod is INTERFACE:
        return False
    here = pod.namespace == "cami"
    if "namespaceSelector" in peer:
        here = selected(peer["namespaceSelector"], {"kubernetes.io/metadata.name": pod.namespace})
    return here and selected(peer.get("podSelector"), pod.labels)


def policies_of(name: str, pod: Pod, direction: str) -> Iterator[Resource]:
    for policy in of_kind(overlay(name), "NetworkPolicy").values():
        spec = policy["spec"]
        if direction in spec["policyTypes"] and selected(spec["podSelector"], pod.labels):
            yield spec


def allows(name: str, pod: Pod, direction: str, other: Pod, port: int, protocol: str = "TCP") -> bool:
    """Whether `pod` may send to (Egress) or be sent from (Ingress) `other`, on a port of the receiving one."""
    if pod.namespace != "cami":
        return True  # not ours to say
    side = {"Egress": "to", "Ingress": "from"}[direction]
    for spec in policies_of(name, pod, direction):
        for rule in spec.get(direction.lower(), []):
            ports = {(entry["protocol"], entry["port"]) for entry in rule["ports"]}
            if (protocol, port) in ports and any(is_peer(peer, other) for peer in rule[side]):
                return True
    if direction == "Ingress" and pod in (KAFKA, USER_OPERATOR):  # what Strimzi writes from the listeners
        if selected({"matchLabels": {"strimzi.io/cluster": "cami-kafka"}}, other.labels) and port in {9090, 9091}:
            return True
        for listener in of_kind(overlay(name), "Kafka")["cami-kafka"]["spec"]["kafka"]["listeners"]:
            if listener["port"] == port and any(is_peer(peer, other) for peer in listener["networkPolicyPeers"]):
                return True
    return False


def reaches(name: str, source: Pod, target: Pod, port: int, protocol: str = "TCP") -> bool:
    goes = allows(name, source, "Egress", target, port, protocol)
    return goes and (target is INTERFACE or allows(name, target, "Ingress", source, port, protocol))


@pytest.mark.parametrize("name", OVERLAYS)
def test_everybody_is_denied_first(name: str) -> None:
    spec = of_kind(overlay(name), "NetworkPolicy")["default-deny"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("name", OVERLAYS)
def test_what_is_needed_goes_through(name: str) -> None:
    there = pods(name)
    for service in SERVICES:
        pod = there[service]
        assert reaches(name, there["proxy"], pod, 8080)
        assert reaches(name, pod, KAFKA, 9093)
        assert reaches(name, pod, POSTGRES, 5432)
        assert reaches(name, OUTSIDE["monitoring"], pod, 8080)
        assert reaches(name, pod, OUTSIDE["monitoring"], 4318)
        assert reaches(name, pod, DNS, 53, "UDP")
    assert reaches(name, OUTSIDE["ingress-nginx"], there["proxy"], 8080)
    assert reaches(name, there["proxy"], DNS, 53, "UDP")
    assert reaches(name, OUTSIDE["keda"], KAFKA, 9093)
    assert reaches(name, KAFKA, KAFKA, 9090)
    assert reaches(name, KAFKA, KAFKA, 9091)
    assert reaches(name, USER_OPERATOR, KAFKA, 9091)
    assert reaches(name, USER_OPERATOR, INTERFACE, 443)
    assert reaches(name, POSTGRES, POSTGRES, 5432)
    assert reaches(name, POSTGRES, POSTGRES, 8000)
    assert reaches(name, OUTSIDE["cnpg-system"], POSTGRES, 8000)
    assert reaches(name, OUTSIDE["monitoring"], POSTGRES, 9187)
    assert reaches(name, POSTGRES, INTERFACE, 443)


@pytest.mark.parametrize("name", OVERLAYS)
def test_nothing_else_does(name: str) -> None:
    there = pods(name)
    proxy = there["proxy"]
    for service in SERVICES:
        pod = there[service]
        for other in SERVICES:
            assert not reaches(name, pod, there[other], 8080), "services speak through events only"
        assert not reaches(name, pod, INTERFACE, 443)
        assert not reaches(name, pod, KAFKA, 9090)
        assert not reaches(name, pod, POSTGRES, 8000)
        assert not reaches(name, OUTSIDE["default"], pod, 8080)
        assert not reaches(name, OUTSIDE["ingress-nginx"], pod, 8080)
    assert not reaches(name, proxy, KAFKA, 9093)
    assert not reaches(name, proxy, POSTGRES, 5432)
    assert not reaches(name, OUTSIDE["default"], proxy, 8080)
    for stranger in (OUTSIDE["default"], OUTSIDE["monitoring"], OUTSIDE["ingress-nginx"]):
        assert not reaches(name, stranger, KAFKA, 9093)
        assert not reaches(name, stranger, POSTGRES, 5432)


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_policy_is_about_somebody(name: str) -> None:
    known = [*pods(name).values(), USER_OPERATOR]
    for key, policy in of_kind(overlay(name), "NetworkPolicy").items():
        assert any(selected(policy["spec"]["podSelector"], pod.labels) for pod in known), f"{key} selects nobody"
        for rule in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]:
            for peer in rule.get("to", rule.get("from")):
                everybody = [*known, DNS, *OUTSIDE.values(), INTERFACE]
                assert any(is_peer(peer, pod) for pod in everybody), f"{key}: nobody is {peer}"
