"""A TCP proxy on the loopback address that can be told to fail as networks do."""

import socket
import threading
from contextlib import suppress
from typing import Literal, Self

State = Literal["whole", "cut", "black hole", "half open"]
"""`cut`: connections are reset and new ones refused. `black hole`: all stay open, and nothing arrives on either side.
`half open`: what the client says arrives, what the server answers does not."""


class Proxy:
    """Carries bytes between `port`, which it listens on, and the server at `target`. Use as a context manager."""

    def __init__(self, target: int = 0) -> None:
        self.target = target
        self._state: State = "whole"
        self._whole = threading.Event()
        self._whole.set()
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="fault-proxy", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._whole.set()
        self._reset()
        self._thread.join(timeout=10)

    def become(self, state: State) -> None:
        """Fail like that from now on. What a failing network has swallowed is gone: it ends with a reset."""
        before, self._state = self._state, state
        if state == "whole":
            self._whole.set()
        else:
            self._whole.clear()
        if state == "cut" or (state == "whole" and before != "whole"):
            self._reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if self._state == "cut":
                _reset(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            pair = (client, server)
            with self._lock:
                self._pairs.add(pair)
            for source, sink, answers in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._carry, args=(source, sink, answers, pair), daemon=True).start()

    def _carry(
        self, source: socket.socket, sink: socket.socket, answers: bool, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._state == "black hole" or (self._state == "half open" and answers):
                    self._whole.wait()  # and by then the connection is reset
                    break
                sink.sendall(data)
        with self._lock:
            self._pairs.discard(pair)
        for one in pair:
            _reset(one)

    def _reset(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for one in pair:
                _reset(one)


def _reset(one: socket.socket) -> None:
    """Close it with a reset, as a machine does that knows nothing of the connection."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
