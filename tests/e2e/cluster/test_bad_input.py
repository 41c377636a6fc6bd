"""See tests/e2e/test_bad_input.py: the same, against the cluster."""

import pytest

from tests.e2e import test_bad_input as bad
from tests.e2e.plain import Wire
from tests.e2e.test_bad_input import *  # noqa: F403

READ_BY_NGINX = [
    "/%ff", "/projects/actions/%ff", "/projects/actions?q=%ff", "/projects/actions?%ff=1", "/projects/actions?q=%00",
    "/accounts/sign-in?next=%c3%28", "/language/%ff", "/static/%ff",
]  # fmt: skip
"""A path with %00 in it nginx refuses by itself: see test_cluster.py for what it says."""


@pytest.mark.parametrize("path", READ_BY_NGINX)
def test_an_address_that_cannot_be_read(nobody: Wire, path: str) -> None:
    bad.test_an_address_that_cannot_be_read(nobody, path)
