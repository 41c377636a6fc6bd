"""What every client of the broker shares: where it is, how to be let in, and what its failures become here."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kafka.errors import KafkaError

from services.chassis.bus import Message
from services.chassis.errors import BusUnavailable, CamiError
from services.chassis.settings import Settings

REQUEST_SECONDS: Final = 10.0
"""How long an answer may take; a broker that hangs is left for another one after that."""
HUNG_UP: Final = "disconnected"
"""In the client's words for a broker that hangs up: it may do so before its refusal has been read."""
FRAME_SLACK: Final = 64 * 1024
"""What the protocol adds to a message, at most."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# A peer that has vanished without a word (a pulled cable, a forgetful firewall) is noticed in half a minute.
_SOCKET_OPTIONS: Final = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4))
        if hasattr(socket, name)
    ),
]


class Connection:
    """How to reach one cluster. Connects to nothing by itself."""

    def __init__(self, servers: str, settings: Settings) -> None:
        """`servers` is HOST:PORT[,HOST:PORT...]. Raises CamiError for anything else."""
        self.servers = [server.strip() for server in servers.split(",")]
        for server in self.servers:
            host, _, port = server.rpartition(":")
            if not host or not port.isdigit():
                raise CamiError(
                    f"{server!r} is no address of a Kafka broker: CAMI_BUS_URL is kafka:HOST:PORT[,HOST:PORT]"
                )
        self.settings = settings

    def options(self, client_id: str) -> dict[str, Any]:
        """Arguments of every kind of client. The version of the protocol is always asked of the broker."""
        settings = self.settings
        options: dict[str, Any] = {
            "bootstrap_servers": self.servers,
            "client_id": client_id,
            "security_protocol": settings.kafka_security_protocol,
            "socket_options": _SOCKET_OPTIONS,
            "request_timeout_ms": int(1000 * min(REQUEST_SECONDS, settings.kafka_delivery_seconds / 2)),
            "bootstrap_timeout_ms": int(1000 * settings.kafka_connect_seconds),
            "reconnect_backoff_max_ms": 1000,
        }
        if "SASL" in settings.kafka_security_protocol:
            options |= {
                "sasl_mechanism": settings.kafka_sasl_mechanism,
                "sasl_plain_username": settings.kafka_sasl_username,
                "sasl_plain_password": settings.kafka_sasl_password,
            }
        if "SSL" in settings.kafka_security_protocol:
            options |= {
                "ssl_cafile": settings.kafka_ssl_cafile or None,
                "ssl_certfile": settings.kafka_ssl_certfile or None,
                "ssl_keyfile": settings.kafka_ssl_keyfile or None,
            }
        return options

    @contextmanager
    def boundary(self) -> Iterator[None]:
        """Where the client's exceptions become ours, with the address that did not answer as it should."""
        try:
            yield
        except (KafkaError, OSError) as error:
            raise self.unavailable(str(error)) from error
        except RuntimeError as error:
            if "closed" not in str(error).lower():
                raise
            raise self.unavailable(str(error)) from error  # a client that was closed while it was used

    def unavailable(self, why: str) -> BusUnavailable:
        """The exception to raise."""
        if HUNG_UP in why and "SASL" in self.settings.kafka_security_protocol:
            why += " (perhaps authentication failed: look at CAMI_KAFKA_SASL_USERNAME and CAMI_KAFKA_SASL_PASSWORD)"
        return BusUnavailable(f"Kafka at {','.join(self.servers)}: {why}")


def to_message(record: Any) -> Message:
    """A record of the broker as a message."""
    return Message(
        record.topic,
        record.partition,
        record.offset,
        (record.key or b"").decode("utf-8", "replace"),
        {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers},
        record.value or b"",
        EPOCH + timedelta(milliseconds=record.timestamp),
    )


def to_headers(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Headers as they travel."""
    return [(name, value.encode()) for name, value in headers.items()]


def millis_from(moment: datetime) -> int:
    """The first full millisecond that is not before `moment`: brokers count no finer."""
    return -((EPOCH - moment) // timedelta(milliseconds=1))
