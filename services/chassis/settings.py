"""Settings, read from the environment (`CAMI_...`) and nowhere else. `docs/settings.md` lists them."""

import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.errors import CamiError

MEBIBYTE: Final = 1024 * 1024
_LEVELS: Final = "(?i)^(debug|info|warning|error)$"


class Settings(BaseSettings):
    """All settings of one process."""

    model_config = SettingsConfigDict(env_prefix="CAMI_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var"), description="Folder of the databases, the event log, secrets and documents.")
    database_url: str = Field(
        "sqlite:///{data_dir}/{service}.sqlite3",
        description="Database of a service; `{service}` and `{data_dir}` are filled in.",
    )
    database_pool_size: int = Field(5, ge=1, le=100, description="Connections that each service keeps open.")
    database_pool_overflow: int = Field(15, ge=0, le=200, description="Connections that it opens besides at a rush.")
    database_pool_timeout_seconds: float = Field(
        10.0, gt=0, description="Longest wait for a free connection, in seconds; then the answer is: busy, try again."
    )
    bus_url: str = Field("log:{data_dir}/events.sqlite3", description="The event bus; `{data_dir}` is filled in.")
    max_message_bytes: int = Field(
        8 * MEBIBYTE, ge=64 * 1024, description="Largest event, in bytes, key and headers included."
    )
    kafka_partitions: int = Field(6, ge=1, le=1000, description="Partitions of a topic that is made.")
    kafka_replication: int = Field(1, ge=1, le=10, description="Brokers that keep a copy of a topic that is made.")
    kafka_min_insync_replicas: int = Field(
        1, ge=1, le=10, description="Copies that must have an event before it counts as published."
    )
    kafka_retention_days: float = Field(
        -1, ge=-1, description="How long a topic keeps its events; -1: for ever, so that read copies can be rebuilt."
    )
    kafka_connect_seconds: float = Field(10.0, ge=1, description="Longest wait for the first answer of a broker.")
    kafka_delivery_seconds: float = Field(
        30.0, ge=4, description="Longest time that one publication may take before it counts as failed."
    )
    kafka_session_seconds: float = Field(
        10.0, ge=1, description="After so long without a sign of life a reader's partitions pass to others."
    )
    kafka_security_protocol: str = Field(
        "PLAINTEXT",
        pattern="^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$",
        description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.",
    )
    kafka_sasl_mechanism: str = Field(
        "SCRAM-SHA-512",
        pattern="^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512)$",
        description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.",
    )
    kafka_sasl_username: str = Field("", description="Name for SASL.")
    kafka_sasl_password: str = Field("", repr=False, description="Password for SASL.")
    kafka_ssl_cafile: str = Field(
        "", description="PEM file of who signed the brokers' certificates; empty: the system's."
    )
    kafka_ssl_certfile: str = Field("", description="PEM file of our own certificate, where brokers ask for one.")
    kafka_ssl_keyfile: str = Field("", description="PEM file of its key.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    base_url: str = Field("", description="Address under which people reach the program; empty: http://HOST:PORT.")
    secret_key: str = Field("", description="Key that signs sessions; empty: one is made and kept in the data folder.")
    secure_cookies: bool = Field(False, description="Send cookies over HTTPS only; set it behind a TLS proxy.")
    session_hours: int = Field(12, ge=1, le=720, description="How long a signed session lasts, in hours.")
    max_body_bytes: int = Field(2 * MEBIBYTE, ge=1024, description="Largest request body that is read, in bytes.")
    pdf_workers: int = Field(1, ge=1, le=16, description="Processes that render PDF documents.")
    pdf_timeout_seconds: float = Field(120.0, gt=0, description="Longest time one document may take, in seconds.")
    welcome: bool = Field(True, description="Make example people at the first start and print sign-in links for them.")
    log_level: str = Field(
        "INFO",
        pattern="(?i)^(debug|info|warning|error)$",
        description="Least level of log lines: DEBUG, INFO, WARNING, ERROR.",
    )
    log_format: str = Field("text", pattern="^(text|json)$", description="Form of log lines: text or json.")
    consumer_retries: int = Field(5, ge=0, le=50, description="Tries after the first before a message is parked.")
    retry_seconds: float = Field(0.2, gt=0, description="Pause before the first retry, in seconds; doubles each time.")
    outbox_keep_days: int = Field(
        7, ge=0, le=3650, description="How long published events stay in a service's outbox, in days; 0: for ever."
    )
    poll_seconds: float = Field(0.5, gt=0, description="Longest wait for news from another process, in seconds.")

    def database_url_of(self, service: str) -> str:
        """The SQLAlchemy URL of the database of `service`."""
        return self.database_url.format(service=service, data_dir=self.data_dir)

    @property
    def bus(self) -> str:
        """The bus URL with its folder filled in."""
        return self.bus_url.format(data_dir=self.data_dir)

    @property
    def address(self) -> str:
        """The program's address as people reach it, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def key(self) -> str:
        """The signing key: `secret_key`, else the one kept in the data folder, made by the first process to ask.

        Raises CamiError when the file holds none.
        """
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret.key"
        if not path.exists():
            _make_key(path)
        if not (key := path.read_text(encoding="ascii").strip()):
            raise CamiError(f"{path} is empty; delete it, and the next start makes a new key")
        return key


def keep_key(data_dir: Path, key: str) -> None:
    """Keep `key` in the data folder instead of whatever key is there."""
    path = data_dir / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix="secret-", encoding="ascii", delete=False) as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


def _make_key(path: Path) -> None:
    """Keep a new key at `path`, whole or not at all, unless another process has been first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix="secret-", encoding="ascii") as file:  # for its owner alone
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
