"""The same program as several processes: each runs its part, and they hear of each other over the bus alone."""

from pathlib import Path

import httpx

from services.demo.browser import Browser
from tests.e2e.conftest import Prepared, town_of
from tests.e2e.program import Running, copied, running, until


def elsewhere(browser: Browser, program: Running) -> httpx.Client:
    """The same person at another process: the signed session is all that goes along."""
    client = httpx.Client(base_url=program.address, timeout=30)
    client.cookies.update(browser._client.cookies)
    return client


def test_a_proposal_submitted_to_one_process_is_judged_in_another(prepared: Prepared, tmp_path: Path) -> None:
    data_dir, proposal = copied(prepared.data_dir, tmp_path / "var"), prepared.proposal
    with (
        running(data_dir, targets=("accounts", "projects")) as front,
        running(data_dir, targets=("matching",)) as judging,
    ):
        town = town_of(front)
        ngo = town.sign_in(prepared.email)
        ngo.submit(proposal)
        ngo.browser.expect("Submitted")
        with elsewhere(ngo.browser, judging) as client:
            pairs = f"/matching/api/proposals/{proposal}/pairs"
            until(lambda: client.get(pairs).status_code == 200, "the verdicts")
            assert len(client.get(pairs).json()["pairs"]) == 69
            assert client.get(f"/projects/proposals/{proposal}").status_code == 404, "it does not run here"
        assert front.books.count("reports", "proposal") == 0, "nobody runs reports"
        assert front.stop() == 0
        assert judging.stop() == 0
    with running(data_dir, targets=("reports",)) as printing:  # started later, it hears of all that was said
        until(lambda: printing.books.count("reports", "verdict") == 69, "the copy of reports")
        assert printing.stop() == 0
