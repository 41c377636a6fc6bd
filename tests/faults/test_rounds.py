"""The short form of `make test-faults`: every kind of fault at least once, and nothing lost or done twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.faults import engines, rounds
from tests.faults.engines import Engines
from tests.needs import require

SEED = 31


@pytest.mark.parametrize(
    ("opened", "needs"),
    [(engines.files, ()), (engines.servers, ("kafka", "postgres"))],
    ids=["embedded", "kafka-postgres"],
)
def test_nothing_is_lost_or_done_twice(
    tmp_path: Path, opened: Callable[[], AbstractContextManager[Engines]], needs: tuple[str, ...]
) -> None:
    for need in needs:
        require(need)
    said: list[str] = []
    played = rounds.play(tmp_path, opened(), SEED, say=said.append)
    told = "\n".join(said)
    assert played.findings.losses == [], told
    assert played.findings.duplicates == [], told
    assert played.findings.differences == [], told
    came = set(played.faults) | {kind.replace(" at ", " ends at ", 1) for kind in played.not_reached}
    assert came == {fault.kind for fault in rounds.kinds(played.engines)}
    assert played.forms_saved > 20
    assert played.proposals > 1
