"""The Secrets that are there once everybody has done their part."""

import subprocess

import yaml

from tests.deploy.files import KUBERNETES, Resource, of_kind


def printed_secrets() -> list[Resource]:
    """What deploy/kubernetes/secrets.sh prints."""
    script = ["sh", str(KUBERNETES / "secrets.sh")]
    return list(yaml.safe_load_all(subprocess.run(script, capture_output=True, text=True, check=True).stdout))


def made_secrets(resources: tuple[Resource, ...]) -> dict[str, set[str]]:
    """Secret -> its keys: from secrets.sh, from the operators, and the two that only an administrator has."""
    made = {secret["metadata"]["name"]: set(secret["stringData"]) for secret in printed_secrets()}
    for user in of_kind(resources, "KafkaUser"):
        made[user] = {"password", "sasl.jaas.config"}
    for cluster in of_kind(resources, "Kafka"):
        made[f"{cluster}-cluster-ca-cert"] = {"ca.crt", "ca.p12", "ca.password"}
    for cluster in of_kind(resources, "Cluster"):
        made[f"{cluster}-ca"] = {"ca.crt", "ca.key"}
    made["cami-tls"] = {"tls.crt", "tls.key"}
    made["cami-backups"] = {"access-key-id", "secret-access-key"}
    return made
