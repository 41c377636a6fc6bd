"""Making clients: a failure leaves nothing behind and says why, and each can be told from all others."""

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from itertools import count
from threading import Lock
from typing import Any, Final

from kafka.errors import KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError
from kafka.net.compat import KafkaNetClient

from services.chassis.processes import Process, this_process


class _Reasons(logging.Handler):
    """Keeps why connections failed of late: the exceptions that reach us speak of time limits only."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        # In words only: an exception would keep its traceback, and with that sockets, from being let go.
        self._kept: deque[tuple[float, bool, str]] = deque(maxlen=100)

    def emit(self, record: logging.LogRecord) -> None:
        for value in record.args if isinstance(record.args, tuple) else ():
            if isinstance(value, Exception) and not isinstance(value, KafkaTimeoutError):
                refused = isinstance(value, SaslAuthenticationFailedError) or "Handshake" in str(value)
                self._kept.append((time.monotonic(), refused, str(value)))

    def since(self, begun: float) -> str:
        """Why, as far as it is known: who was not let in is told that first."""
        reasons = [(refused, text) for at, refused, text in list(self._kept) if at >= begun]
        refusals = [text for refused, text in reasons if refused]
        return (refusals or [text for _, text in reasons[-1:]] or [""])[0]


_REASONS: Final = _Reasons()
# The clients retry for ever and say so each time, on every connection. What lasts is raised, and is said once then.
logging.getLogger("kafka").setLevel(logging.CRITICAL)
logging.getLogger("kafka.net").setLevel(logging.ERROR)
logging.getLogger("kafka.net").addHandler(_REASONS)
logging.getLogger("kafka.net").propagate = False

_NUMBERS: Final = count(1)
_OPEN: Final[set[str]] = set()
"""The ids of this process' clients that have not been closed."""
_LOCK: Final = Lock()


def new_id(purpose: str) -> str:
    """An id that says which client of which process of which machine it is. Give it back with `retire`."""
    me = this_process()
    made = f"cami-{purpose}-{_short(me.machine)}-{me.pid}-{int(me.started)}-{next(_NUMBERS)}"
    with _LOCK:
        _OPEN.add(made)
    return made


def retire(client_id: str) -> None:
    """The client of that id has been closed."""
    with _LOCK:
        _OPEN.discard(client_id)


def is_dead(client_id: str) -> bool:
    """Whether that client surely is no more: it was closed here, or its process on this machine has ended."""
    parts = client_id.rsplit("-", 4)
    me = this_process()
    if len(parts) != 5 or parts[1] != _short(me.machine) or not all(part.isdigit() for part in parts[2:]):
        return False
    process = Process(me.machine, int(parts[2]), float(parts[3]))
    if process.pid == me.pid and not process.is_dead():
        with _LOCK:
            return client_id not in _OPEN
    return process.is_dead()


def make(kind: Callable[..., Any], **options: Any) -> Any:
    """A client of `kind`. Raises what it raises; its threads have ended then, and the exception says why."""
    made: list[Any] = []

    def network(**configuration: Any) -> Any:
        made.append(KafkaNetClient(**configuration))
        return made[-1]

    begun = time.monotonic()
    try:
        return kind(**options, kafka_client=network)
    except BaseException as error:
        for client in made:
            with suppress(KafkaError, OSError, RuntimeError):
                client.close()
        if isinstance(error, KafkaTimeoutError) and (reason := _REASONS.since(begun)):
            raise KafkaTimeoutError(reason) from error
        raise


def _short(machine: str) -> str:
    return sha256(machine.encode()).hexdigest()[:12]
