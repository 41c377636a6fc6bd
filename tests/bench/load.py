"""A small load generator for loopback: keep-alive connections, bounded in count and in time."""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """What a run did."""

    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def run(url: str, *, cookie: str = "", seconds: float = 4.0, connections: int = 8) -> Load:
    """Ask for `url` over and over for `seconds` on some connections. Raises RuntimeError for any answer but 200."""
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise RuntimeError("load goes to loopback only")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    head = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: text/html\r\n"
    request = (head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode()
    return asyncio.run(_run(str(parts.hostname), int(parts.port or 80), request, seconds, connections))


async def _run(host: str, port: int, request: bytes, seconds: float, connections: int) -> Load:
    started = time.perf_counter()
    counts = await asyncio.gather(*(_one(host, port, request, started + seconds) for _ in range(connections)))
    return Load(sum(counts), time.perf_counter() - started)


async def _one(host: str, port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 22)
    done = 0
    try:
        while time.perf_counter() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.split(b"\r\n", 1)[0].decode())
            await reader.readexactly(_length(head))
            done += 1
    finally:
        writer.close()
    return done


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise RuntimeError("the answer does not say how long it is")
