"""See tests/e2e/test_odd_addresses.py: the same, against the cluster.

Two kinds of addresses nginx refuses by itself, before it has read the headers: see test_cluster.py for what it says.
"""

import pytest

from tests.e2e import test_odd_addresses as odd
from tests.e2e.plain import spoken
from tests.e2e.program import Running
from tests.e2e.test_odd_addresses import *  # noqa: F403


@pytest.fixture(autouse=True)
def _without_what_nginx_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odd, "ODD", [value for value in odd.ODD if value != "%00"])


def test_dots_are_not_a_way_out_of_the_static_files(program: Running) -> None:
    for path in ("/static/..%2f..%2f..%2fetc/passwd", "/static/../../../../etc/passwd", "/static/x/../../runner.py"):
        said = spoken(program.address, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        assert said.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), path
        assert b"root:" not in said
        assert b"import " not in said
