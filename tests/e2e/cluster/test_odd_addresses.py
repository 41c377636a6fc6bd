"""See tests/e2e/test_odd_addresses.py: the same, against the cluster."""

from tests.e2e.test_odd_addresses import *  # noqa: F403
