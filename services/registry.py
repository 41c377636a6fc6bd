"""THE list of components. `cami run --target=NAME` runs one of them (and nothing of it depends on which others run)."""

from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Final

from services.accounts.component import COMPONENT as ACCOUNTS
from services.chassis.errors import CamiError
from services.chassis.service import Component
from services.donors.component import COMPONENT as DONORS
from services.matching.component import COMPONENT as MATCHING
from services.projects.component import COMPONENT as PROJECTS
from services.reports.component import COMPONENT as REPORTS

COMPONENTS: Final[dict[str, Component]] = {
    component.name: component for component in (ACCOUNTS, PROJECTS, DONORS, MATCHING, REPORTS)
}

ALL: Final = "all"


def choose(targets: Sequence[str]) -> list[Component]:
    """The components of `targets` (`all`, or names), each after those it needs. Raises CamiError for an unknown one."""
    names = set(COMPONENTS) if ALL in targets else set(targets)
    if unknown := sorted(names - set(COMPONENTS)):
        raise CamiError(f"unknown target {', '.join(unknown)}; there are: {', '.join([ALL, *COMPONENTS])}")
    graph = {name: set(COMPONENTS[name].needs) for name in COMPONENTS}
    return [COMPONENTS[name] for name in TopologicalSorter(graph).static_order() if name in names]
