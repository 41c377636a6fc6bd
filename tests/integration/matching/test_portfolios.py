"""The pages of scenarios and plans."""

from tests.integration.matching.conftest import Pages
from tests.integration.matching.planning import planned
from tests.integration.matching.test_planning import stocked

__all__ = ["stocked"]


def test_pages_render(pages: Pages, stocked: object) -> None:
    run = planned(pages.service)
    for path in (
        "",
        f"/{run.scenario_id}",
        f"/{run.scenario_id}/edit",
        "/new",
        "/compare",
        f"/compare?plan={run.scenario_id}",
    ):
        pages.get(f"/matching/portfolios{path}")
