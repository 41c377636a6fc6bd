"""Publishes one message, says so, and waits to be killed: `python -m tests.conformance.publisher URL TOPIC BODY`."""

import sys

from services.chassis.bus import Outgoing
from tests.conformance.helpers import open_at

if __name__ == "__main__":
    open_at(sys.argv[1]).publish([Outgoing(sys.argv[2], "key", {}, sys.argv[3].encode())])
    print("published", flush=True)
    sys.stdin.read()
