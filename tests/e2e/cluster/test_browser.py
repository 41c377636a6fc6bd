"""See tests/e2e/test_browser.py: the same, against the cluster."""

from tests.e2e.test_browser import *  # noqa: F403
