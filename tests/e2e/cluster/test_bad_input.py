"""See tests/e2e/test_bad_input.py: the same, against the cluster."""

from tests.e2e.test_bad_input import *  # noqa: F403
