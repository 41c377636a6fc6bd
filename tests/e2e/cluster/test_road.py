"""See tests/e2e/test_road.py: the same, against the cluster."""

from tests.e2e.test_road import *  # noqa: F403
