"""The Kubernetes files: what one names another one has, and the program understands."""

import re
from typing import Any

import pytest
import yaml

from services.chassis.settings import Settings
from services.registry import COMPONENTS
from tests.deploy.files import (
    DEPLOY,
    KUBERNETES,
    OVERLAYS,
    SERVICES,
    Resource,
    container_of,
    deployments,
    of_kind,
    overlay,
    pod_of,
    settings_of,
    walk,
    workloads,
)  # fmt: skip
from tests.deploy.made import made_secrets

PARAMETERS = [(name, service) for name in OVERLAYS for service in SERVICES]


def service_of(name: str, service: str) -> Resource:
    return deployments(name)[f"cami-{service}"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_service_of_the_program_is_there(name: str) -> None:
    assert set(COMPONENTS) == set(SERVICES)
    assert set(deployments(name)) == {f"cami-{service}" for service in SERVICES} | {"cami-proxy"}
    for service in SERVICES:
        assert container_of(service_of(name, service))["args"] == ["run", f"--target={service}"]


@pytest.mark.parametrize(("name", "service"), PARAMETERS)
def test_every_variable_is_a_setting_that_the_program_understands(name: str, service: str) -> None:
    environment = settings_of(service_of(name, service), name)
    given = {key.removeprefix("CAMI_").lower(): value for key, value in environment.items() if key.startswith("CAMI_")}
    assert set(given) <= set(Settings.model_fields)
    assert set(environment) - {f"CAMI_{key.upper()}" for key in given} == {"PGPASSWORD"}
    settings = Settings.model_validate(given)
    url = settings.database_url_of(service)
    assert url.startswith(
        f"postgresql+psycopg://cami_{service}@cami-postgres-rw:5432/cami_{service}?sslmode=verify-full"
    )
    assert settings.kafka_security_protocol == "SASL_SSL"
    assert settings.kafka_sasl_mechanism == "SCRAM-SHA-512"
    assert settings.kafka_sasl_username == f"cami-{service}"
    assert settings.secure_cookies is True
    assert settings.welcome is False, "nobody is let in by a link in a log"
    # Files that settings name lie where a volume puts them.
    (authorities,) = (volume for volume in pod_of(service_of(name, service))["volumes"] if volume["name"] == "ca")
    (mount,) = (m for m in container_of(service_of(name, service))["volumeMounts"] if m["name"] == "ca")
    laid = {
        f"{mount['mountPath']}/{item['path']}"
        for source in authorities["projected"]["sources"]
        for item in source["secret"]["items"]
    }
    assert laid == {settings.kafka_ssl_cafile, url.rpartition("sslrootcert=")[2]}


@pytest.mark.parametrize("name", OVERLAYS)
def test_replication_is_what_the_brokers_can_give(name: str) -> None:
    settings = Settings.model_validate({
        key.removeprefix("CAMI_").lower(): value
        for key, value in settings_of(service_of(name, "matching"), name).items()
        if key.startswith("CAMI_")
    })  # fmt: skip
    brokers = of_kind(overlay(name), "KafkaNodePool")["nodes"]["spec"]["replicas"]
    config = of_kind(overlay(name), "Kafka")["cami-kafka"]["spec"]["kafka"]["config"]
    assert settings.kafka_replication == brokers
    assert settings.kafka_min_insync_replicas == config["min.insync.replicas"] == (2 if brokers == 3 else 1)
    copies = {key: value for key, value in config.items() if "replication.factor" in key}
    assert set(copies.values()) == {brokers}
    assert len(copies) == 4


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_secret_and_map_that_is_named_comes_from_somewhere(name: str) -> None:
    """Ours by secrets.sh, Kafka's by Strimzi, the authorities by both operators, two by the administrator."""
    resources = overlay(name)
    made = made_secrets(resources)
    maps = {key: set(found.get("data", {})) for key, found in of_kind(resources, "ConfigMap").items()}
    for deployment in workloads(name).values():
        for key, value in walk(deployment):
            if key in {"secretKeyRef", "configMapKeyRef"}:
                assert value["key"] in (made if key == "secretKeyRef" else maps)[value["name"]]
            if key in {"configMapRef", "configMap"}:
                assert value["name"] in maps
            if key == "secret":
                assert {item["key"] for item in value["items"]} <= made[value["name"]]
    assert not of_kind(resources, "Secret"), "a secret does not lie in a repository"


@pytest.mark.parametrize("name", OVERLAYS)
def test_what_is_mounted_is_there(name: str) -> None:
    maps = of_kind(overlay(name), "ConfigMap")
    for deployment in workloads(name).values():
        volumes = {volume["name"]: volume for volume in pod_of(deployment)["volumes"]}
        mounts = container_of(deployment)["volumeMounts"]
        assert {mount["name"] for mount in mounts} == set(volumes)
        for mount in mounts:
            if "subPath" in mount:
                assert mount["subPath"] in maps[volumes[mount["name"]]["configMap"]["name"]]["data"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_pods_keep_the_restricted_profile(name: str) -> None:
    for deployment in workloads(name).values():
        pod, container = pod_of(deployment), container_of(deployment)
        assert pod["automountServiceAccountToken"] is False
        account = of_kind(overlay(name), "ServiceAccount")[pod["serviceAccountName"]]
        assert account["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert not [volume for volume in pod["volumes"] if "hostPath" in volume]


@pytest.mark.parametrize(("name", "service"), PARAMETERS)
def test_probes_ask_for_pages_that_exist(name: str, service: str) -> None:
    pages = (DEPLOY.parent / "services" / "chassis" / "web" / "own_pages.py").read_text("utf-8")
    container = container_of(service_of(name, service))
    (port,) = container["ports"]
    assert str(port["containerPort"]) == str(Settings.model_fields["port"].default)
    probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {probe["port"] for probe in probes.values()} == {port["name"]}
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz",
    }  # fmt: skip
    for path in (*(probe["path"] for probe in probes.values()), "/metrics"):
        assert f'"{path}"' in pages
    notes = service_of(name, service)["spec"]["template"]["metadata"]["annotations"]
    assert notes["prometheus.io/path"] == "/metrics"
    assert notes["prometheus.io/port"] == str(port["containerPort"])
    grace = pod_of(service_of(name, service))["terminationGracePeriodSeconds"]
    assert container["lifecycle"]["preStop"]["sleep"]["seconds"] < grace


def test_backups_read_every_database_and_nobody_finds_their_pods() -> None:
    job = of_kind(overlay("production"), "CronJob")["cami-backup"]
    environment = settings_of(job, "production")
    given = {key.removeprefix("CAMI_").lower(): value for key, value in environment.items()}
    assert set(given) <= set(Settings.model_fields)
    assert environment["CAMI_KAFKA_SASL_USERNAME"] in of_kind(overlay("production"), "KafkaUser")
    (passwords,) = (volume for volume in pod_of(job)["volumes"] if volume["name"] == "passwords")
    files = {
        item["path"]: (source["secret"]["name"], item["key"])
        for source in passwords["projected"]["sources"]
        for item in source["secret"]["items"]
    }
    assert files == {service: (f"cami-{service}-database", "password") for service in COMPONENTS}
    claims = of_kind(overlay("production"), "PersistentVolumeClaim")
    assert {
        v["persistentVolumeClaim"]["claimName"] for v in pod_of(job)["volumes"] if "persistentVolumeClaim" in v
    } == set(claims)
    labels = job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    for service in of_kind(overlay("production"), "Service").values():
        assert not service["spec"]["selector"].items() <= labels.items()
    (policy,) = (p for n, p in of_kind(overlay("production"), "NetworkPolicy").items() if n == "services")
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items(), "it could reach no engine"


@pytest.mark.parametrize("name", OVERLAYS)
def test_services_and_budgets_find_their_pods(name: str) -> None:
    services, budgets = of_kind(overlay(name), "Service"), of_kind(overlay(name), "PodDisruptionBudget")
    assert set(services) == set(budgets) == set(deployments(name))
    for key, deployment in deployments(name).items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        selectors = [
            services[key]["spec"]["selector"], budgets[key]["spec"]["selector"]["matchLabels"],
            deployment["spec"]["selector"]["matchLabels"],
        ]  # fmt: skip
        for selector in selectors:
            assert selector.items() <= labels.items()
        others = [d for other, d in deployments(name).items() if other != key]
        for other in others:
            assert not selectors[0].items() <= other["spec"]["template"]["metadata"]["labels"].items()
        (port,) = services[key]["spec"]["ports"]
        assert port["targetPort"] in {p["name"] for p in container_of(deployment)["ports"]}
        for spread in pod_of(deployment)["topologySpreadConstraints"]:
            assert spread["labelSelector"]["matchLabels"].items() <= labels.items()
            assert set(spread.get("matchLabelKeys", [])) <= set(labels)


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_front_door_leads_to_every_service(name: str) -> None:
    (ingress,) = of_kind(overlay(name), "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    backend = path["backend"]["service"]
    assert backend["name"] in of_kind(overlay(name), "Service")
    assert ingress["spec"]["tls"] == [{"hosts": [rule["host"]], "secretName": "cami-tls"}]
    base_url = settings_of(service_of(name, "accounts"), name)["CAMI_BASE_URL"]
    assert base_url == f"https://{rule['host']}"
    notes = ingress["metadata"]["annotations"]
    limit = Settings.model_validate({}).max_body_bytes
    assert int(notes["nginx.ingress.kubernetes.io/proxy-body-size"].removesuffix("m")) * 1024**2 > limit
    environment = settings_of(deployments(name)["cami-proxy"], name)
    assert environment["CAMI_MAX_BODY_BYTES"] == str(limit)
    for service in SERVICES:
        assert environment[f"CAMI_{service.upper()}_SERVERS"].startswith(f"server cami-{service}:8080 ")
    template = (DEPLOY / "nginx" / "cami.conf.template").read_text("utf-8")
    code = "\n".join(line for line in template.splitlines() if not line.lstrip().startswith("#"))
    assert set(re.findall(r"\$\{(CAMI_[A-Z_]+)\}", code)) == {key for key in environment if key.startswith("CAMI_")}


def test_every_page_of_the_proxy_is_taken_along() -> None:
    made: dict[str, Any] = yaml.safe_load((DEPLOY / "nginx" / "kustomization.yaml").read_text("utf-8"))
    (pages,) = (entry["files"] for entry in made["configMapGenerator"] if entry["name"] == "cami-nginx-pages")
    assert {f"pages/{path.name}" for path in (DEPLOY / "nginx" / "pages").iterdir()} == set(pages)


def test_settings_are_not_given_twice() -> None:
    lines = (KUBERNETES / "base" / "settings.env").read_text("utf-8").split()
    assert len({line.partition("=")[0] for line in lines}) == len(lines)
