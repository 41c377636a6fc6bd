"""Kafka, PostgreSQL and the autoscaler as their operators will read them, and as the program needs them.

`operators.yaml` is the closed form that is always checked. With CAMI_CRDS=FOLDER the resources are held against the
custom resource definitions in that folder besides, those of a cluster for instance:
`kubectl get crd -o yaml > FOLDER/all.yaml`.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from contracts.events import NAMES, topic_of
from services.chassis.groups import groups_of, topics_of
from services.chassis.settings import Settings
from services.registry import COMPONENTS
from tests.deploy.files import KUBERNETES, OVERLAYS, SERVICES, Resource, deployments, of_kind, overlay, settings_of
from tests.deploy.made import made_secrets, printed_secrets

Schema = dict[str, Any]


def closed(form: Any) -> Schema:
    """The JSON Schema of one entry of operators.yaml."""
    if isinstance(form, str):
        return {"type": form}
    if isinstance(form, list):
        (only, *_) = form
        if isinstance(only, list):
            return {"type": "array", "items": {"enum": only}, "minItems": 1}
        if isinstance(only, dict) or form == ["string"]:
            return {"type": "array", "items": closed(only), "minItems": 1}
        return {"enum": form}
    if form.get("open"):
        return {"type": "object"}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name.rstrip("!"): closed(inner) for name, inner in form.items()},
        "required": [name.rstrip("!") for name in form if name.endswith("!")],
    }


@cache
def forms() -> dict[str, Schema]:
    """`apiVersion kind` -> JSON Schema of its `spec`."""
    found = yaml.safe_load((Path(__file__).parent / "operators.yaml").read_text("utf-8"))
    return {name: closed(form) for name, form in found.items()}


def of_operators(name: str) -> list[Resource]:
    return [r for r in overlay(name) if f"{r['apiVersion']} {r['kind']}" in forms()]


@pytest.mark.parametrize("name", OVERLAYS)
def test_operators_resources_have_their_form(name: str) -> None:
    found = of_operators(name)
    for resource in found:
        assert set(resource) == {"apiVersion", "kind", "metadata", "spec"}
        jsonschema.validate(resource["spec"], forms()[f"{resource['apiVersion']} {resource['kind']}"])
    groups = {resource["apiVersion"].partition("/")[0] for resource in found}
    ours = {"kafka.strimzi.io", "postgresql.cnpg.io"} | (
        {"keda.sh", "barmancloud.cnpg.io"} if name == "production" else set()
    )
    assert groups == ours
    known = {"apps", "networking.k8s.io", "policy", "v1"} | ({"batch"} if name == "production" else set())
    assert {r["apiVersion"].partition("/")[0] for r in overlay(name)} == known | ours, (
        "somebody's resource is unchecked"
    )


def strict(schema: Any) -> Any:
    """A definition's schema that refuses unknown fields, as a cluster warns of them."""
    if isinstance(schema, list):
        return [strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(inner) for key, inner in schema.items()}
    if "properties" in made and not made.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    if made.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    return made


@pytest.mark.skipif(not os.environ.get("CAMI_CRDS"), reason="CAMI_CRDS names no folder of custom resource definitions")
@pytest.mark.parametrize("name", OVERLAYS)
def test_operators_own_definitions_take_them(name: str) -> None:
    definitions: dict[tuple[str, str], Schema] = {}
    for path in Path(os.environ["CAMI_CRDS"]).glob("*.yaml"):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            for crd in (document or {}).get("items", [document]):
                for version in crd["spec"]["versions"] if crd and crd["kind"] == "CustomResourceDefinition" else []:
                    key = (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"])
                    definitions[key] = strict(version["schema"]["openAPIV3Schema"])
    for resource in of_operators(name):
        schema = definitions[resource["apiVersion"], resource["kind"]]
        schema["properties"]["metadata"] = {}
        jsonschema.validate(resource, schema)


@pytest.mark.parametrize("name", OVERLAYS)
def test_each_service_may_do_on_kafka_what_it_does_and_no_more(name: str) -> None:
    topics = {topic_of(event) for event in NAMES}
    cluster = of_kind(overlay(name), "Kafka")["cami-kafka"]
    assert cluster["spec"]["kafka"]["authorization"] == {"type": "simple"}
    for service in SERVICES:
        user = of_kind(overlay(name), "KafkaUser")[f"cami-{service}"]
        assert user["metadata"]["labels"]["strimzi.io/cluster"] == "cami-kafka"

        def may(operation: str, kind: str, what: str, acls: list[Any] = user["spec"]["authorization"]["acls"]) -> bool:
            return any(
                operation in acl["operations"] and acl["resource"]["type"] == kind
                and (what.startswith(acl["resource"]["name"]) if acl["resource"]["patternType"] == "prefix"
                     else what == acl["resource"]["name"])
                for acl in acls
            )  # fmt: skip

        component = COMPONENTS[service]
        own = {topic_of(event) for event in NAMES if event.startswith(f"cami.{service}.")}
        assert len(own) == 1
        for topic in topics:
            assert may("Write", "topic", topic) == (topic in own)
        for topic in own | set(topics_of(component)):
            for operation in ("Create", "Describe", "Read"):
                assert may(operation, "topic", topic)
        for group in groups_of(component):
            assert may("Read", "group", group)
            assert may("Describe", "group", group)
        for other in SERVICES:
            if other != service:
                assert not any(may("Read", "group", group) for group in groups_of(COMPONENTS[other]))


@pytest.mark.parametrize("name", OVERLAYS)
def test_each_service_has_its_database_and_its_role(name: str) -> None:
    cluster = of_kind(overlay(name), "Cluster")["cami-postgres"]["spec"]
    roles = {role["name"]: role["passwordSecret"]["name"] for role in cluster["managed"]["roles"]}
    databases = {d["spec"]["name"]: d["spec"]["owner"] for d in of_kind(overlay(name), "Database").values()}
    assert roles == {f"cami_{service}": f"cami-{service}-database" for service in SERVICES}
    assert databases == {f"cami_{service}": f"cami_{service}" for service in SERVICES}
    assert {d["spec"]["cluster"]["name"] for d in of_kind(overlay(name), "Database").values()} == {"cami-postgres"}
    secrets = {secret["metadata"]["name"]: secret for secret in printed_secrets()}
    for role, secret in roles.items():
        assert secrets[secret]["stringData"]["username"] == role
        assert secrets[secret]["type"] == "kubernetes.io/basic-auth"
    assert len({secret["stringData"].get("password", "-") for secret in secrets.values()}) == len(secrets)
    assert cluster["postgresql"]["pg_hba"] == ["hostssl sameuser all all scram-sha-256", "host all all all reject"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_connections_suffice(name: str) -> None:
    settings = Settings.model_validate({})
    each = settings.database_pool_size + settings.database_pool_overflow
    most = {key: deployment["spec"].get("replicas", 0) for key, deployment in deployments(name).items()}
    if name == "production":
        most["cami-matching"] = of_kind(overlay(name), "ScaledObject")["cami-matching"]["spec"]["maxReplicaCount"]
    del most["cami-proxy"]
    allowed = of_kind(overlay(name), "Cluster")["cami-postgres"]["spec"]["postgresql"]["parameters"]["max_connections"]
    assert each * (sum(most.values()) + 1) < int(allowed) - 10  # one more, while a new version comes up


def test_production_loses_nothing_with_one_machine() -> None:
    resources = overlay("production")
    cluster = of_kind(resources, "Cluster")["cami-postgres"]["spec"]
    assert cluster["instances"] == 3
    assert cluster["postgresql"]["synchronous"] == {"method": "any", "number": 1, "dataDurability": "required"}
    (plugin,) = cluster["plugins"]
    assert plugin["parameters"]["barmanObjectName"] in of_kind(resources, "ObjectStore")
    (backup,) = of_kind(resources, "ScheduledBackup").values()
    assert backup["spec"]["pluginConfiguration"]["name"] == plugin["name"]
    assert backup["spec"]["cluster"]["name"] == "cami-postgres"
    pool = of_kind(resources, "KafkaNodePool")["nodes"]
    assert pool["metadata"]["labels"]["strimzi.io/cluster"] in of_kind(resources, "Kafka")
    assert all(volume["deleteClaim"] is False for volume in pool["spec"]["storage"]["volumes"])
    (store,) = of_kind(resources, "ObjectStore").values()
    made = made_secrets(resources)
    for reference in store["spec"]["configuration"]["s3Credentials"].values():
        assert reference["key"] in made[reference["name"]]


def test_matching_follows_the_lag_of_its_own_groups() -> None:
    resources = overlay("production")
    scaled = of_kind(resources, "ScaledObject")["cami-matching"]["spec"]
    target = deployments("production")[scaled["scaleTargetRef"]["name"]]
    assert "replicas" not in target["spec"], "kubectl apply would undo what the autoscaler has done"
    metadata = [trigger["metadata"] for trigger in scaled["triggers"]]
    assert {entry["consumerGroup"]: entry["topic"] for entry in metadata} == groups_of(COMPONENTS["matching"])
    environment = settings_of(target, "production")
    assert {f"kafka:{entry['bootstrapServers']}" for entry in metadata} == {environment["CAMI_BUS_URL"]}
    assert scaled["maxReplicaCount"] <= int(environment["CAMI_KAFKA_PARTITIONS"])
    assert scaled["minReplicaCount"] >= 2
    (named,) = {trigger["authenticationRef"]["name"] for trigger in scaled["triggers"]}
    authentication = of_kind(resources, "TriggerAuthentication")[named]["spec"]
    made = made_secrets(resources)
    for reference in authentication["secretTargetRef"]:
        assert reference["key"] in made[reference["name"]]
    maps = of_kind(resources, "ConfigMap")
    given = {r["parameter"]: maps[r["name"]]["data"][r["key"]] for r in authentication["configMapTargetRef"]}
    assert given == {"username": "cami-keda", "sasl": "scram_sha512", "tls": "enable"}
    assert given["username"] in of_kind(resources, "KafkaUser")
    assert not (KUBERNETES / "base" / "scaling").exists()
    assert not of_kind(overlay("small"), "ScaledObject")
