"""Every address with odd parameters in it, and every list with odd wishes: an answer under 500, in one's language."""

from urllib.parse import quote

import pytest

from services.accounts.welcome import ORGANISATION_ID
from services.demo.browser import Browser
from tests.e2e.conftest import Prepared
from tests.e2e.people import Town
from tests.e2e.plain import Wire, assert_calm, spoken, wire_of
from tests.e2e.program import Running
from tests.house.test_access import ROUTES

WITH_PARAMETERS = [(method, path) for method, path, _who in ROUTES if "{" in path]
ODD = [
    "x", "-1", "0", "%2e%2e", "..", "%00", "%ff", "%0d%0aset-cookie:%20x=1", "a" * 6000, "%F0%9F%A6%8C", "%D9%A1",
    quote("'\"><script>alert(1)</script>"), "%25", "%2f%2f", "%5c", "{{7*7}}", "1e9", str(ORGANISATION_ID),
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "99999999999999999999",
]  # fmt: skip
"""What stands in an address instead of what ought to; one is the id of something of another kind."""
FILTERS = (
    "kind", "fund", "status", "state", "species", "theme", "priority", "section", "party", "window", "overall", "stage",
    "cofinancing", "sort", "all", "own", "only", "since", "blank", "again", "lang", "download", "page", "nonsense",
)  # fmt: skip
VALUES = ("xx", "-1", "999999999999999999999", "%27%22%3E", "")
WISHES = [
    *("&".join(f"{name}={value}" for name in FILTERS) for value in VALUES),
    "page=99999999999", "page=%D9%A1", "page=%C2%B2", "page=1.5", "page=" + "9" * 5000, "page=2&page=3",
    "sort=newest&sort=fit", "all=1&page=7", "programme=xx", "programme=cami-2021-2026", "own=1",
    "state=KAZ&state=KAZ&state=KGZ&state=xx", "species=argali&species=xx", "q=" + "a" * 9000, "q=%25", "q=_",
    "q=%27%22%3B--", "q=%5C", "q=%3Cscript%3E", "q=%F0%9F%A6%8C", "q=a&q=b", "q[]=1&=1&&&", "q=%E2%80%AE%20%2A",
]  # fmt: skip
FEW = [*WISHES[:7], "blank=999", "again=99999", "programme=xx", "q=" + "a" * 9000, "q=%3Cscript%3E"]
LISTS = [
    "/projects/actions", "/projects/programmes/cami-2021-2026/actions", "/projects/api/actions", "/projects/proposals",
    "/projects/proposals/questions", "/donors", "/donors/windows", "/donors/api/windows", "/donors/windows/whitley",
    "/donors/windows/whitley/edit", "/donors/windows/whitley/history", "/matching", "/matching/windows",
    "/matching/windows/whitley", "/matching/actions", "/matching/actions/9.1", "/reports", "/reports/proposals",
    "/reports/windows", "/reports/windows/whitley", "/accounts/people", "/accounts/me", "/accounts/sign-in", "/",
]  # fmt: skip


@pytest.fixture(scope="module")
def submitted(town: Town, coordinator: Browser) -> str:
    """A proposal that has been submitted."""
    ngo = town.register("Odd Addresses Society")
    proposal = ngo.write()
    ngo.submit(proposal)
    return proposal


@pytest.fixture(scope="module")
def lead(town: Town, prepared: Prepared) -> Wire:
    """The lead of the NGO that has a complete draft."""
    return wire_of(town.sign_in(prepared.email).browser)


@pytest.fixture(scope="module")
def staff(coordinator: Browser) -> Wire:
    """A coordinator."""
    return wire_of(coordinator)


def odd_addresses(path: str, known: dict[str, str]) -> list[str]:
    """The address with each parameter in turn being odd, the others as they should be; and with all of them odd."""
    parts = path.split("/")
    places = [at for at, part in enumerate(parts) if part.startswith("{")]
    found = []
    for odd in ODD:
        for odd_places in ([place] for place in places):
            found.append(_filled(parts, known, odd, odd_places))
        found.append(_filled(parts, known, odd, places))
    return list(dict.fromkeys(found))


def _filled(parts: list[str], known: dict[str, str], odd: str, odd_places: list[int]) -> str:
    filled = []
    for at, part in enumerate(parts):
        name, _, tail = part.removeprefix("{").partition("}")
        filled.append((odd if at in odd_places else known.get(name, "x")) + tail if part.startswith("{") else part)
    return "/".join(filled)


@pytest.mark.parametrize(("method", "path"), WITH_PARAMETERS, ids=lambda value: value)
def test_odd_parameters_in_an_address(
    lead: Wire, staff: Wire, prepared: Prepared, submitted: str, method: str, path: str
) -> None:
    known = {
        "window_id": "whitley", "action_id": "9.1", "programme_id": "cami-2021-2026", "number": "1",
        "section": "summary", "code": "ru",
    }  # fmt: skip
    for wire, proposal in ((lead, prepared.proposal), (staff, submitted)):
        for address in odd_addresses(path, known | {"proposal_id": proposal}):
            assert_calm(wire.ask(method, address), f"{method} {address[:120]}")


@pytest.mark.parametrize("path", LISTS)
def test_odd_wishes_of_a_list(lead: Wire, staff: Wire, path: str) -> None:
    for wire, wishes in ((lead, FEW), (staff, WISHES)):
        for wish in wishes:
            answer = wire.ask("GET", f"{path}?{wish}")
            assert_calm(answer, f"{path}?{wish[:80]}")
            if wire is staff and "programme=xx" not in wish:
                assert answer.status in (200, 303), f"{path}?{wish[:80]}: {answer.status}"


def test_odd_wishes_of_what_belongs_to_a_proposal(lead: Wire, staff: Wire, prepared: Prepared, submitted: str) -> None:
    draft = f"/projects/proposals/{prepared.proposal}"
    sections = ("summary", "actions", "species", "dates", "budget", "cofinancing", "partners", "contacts", "check")
    for wish in FEW:
        for path in (draft, *(f"{draft}/{section}" for section in sections)):
            assert_calm(lead.ask("GET", f"{path}?{wish}"), f"{path}?{wish[:80]}")
        for path in (
            f"/projects/proposals/{submitted}", f"/projects/proposals/{submitted}/versions/1",
            f"/projects/proposals/{submitted}/versions/1/changes", f"/matching/proposals/{submitted}",
            f"/matching/proposals/{submitted}/windows/whitley", f"/matching/api/proposals/{submitted}/pairs",
            f"/reports/proposals/{submitted}",
        ):  # fmt: skip
            assert_calm(staff.ask("GET", f"{path}?{wish}"), f"{path}?{wish[:80]}")


def test_dots_are_not_a_way_out_of_the_static_files(program: Running) -> None:
    for path in ("/static/../../../../etc/passwd", "/static/..%2f..%2f..%2fetc/passwd", "/static//etc/passwd",
                 "/projects/static/../tables/base.py", "/static/x/../../runner.py"):  # fmt: skip
        said = spoken(program.address, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        assert said.startswith(b"HTTP/1.1 404 "), path
        assert b"root:" not in said
        assert b"import " not in said
