"""What only a cluster has: parts that die and come back, the front door's own pages, one data for all replicas."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from services.backup.restoring import restore
from services.backup.saving import save
from services.chassis.groups import groups_of
from services.chassis.runner import Program
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.demo.browser import Browser
from services.registry import ALL, COMPONENTS, choose
from tests.e2e.cluster.running import QUICK, Cluster, ask, gone, noted
from tests.e2e.conftest import Prepared, town_of
from tests.e2e.people import Ngo, Town
from tests.e2e.plain import spoken
from tests.e2e.program import ROOT, Books, until, without_settings

LANGUAGES = {
    "en": "This part of the program is away just now",
    "ru": "Эта часть программы сейчас недоступна",
    "fr": "Cette partie du programme est absente pour le moment",
}


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def status_of(browser: Browser, path: str) -> int:
    """The answer to somebody's request."""
    return browser.status(path)


@pytest.fixture(scope="module")
def ngo(town: Town, prepared: Prepared) -> Ngo:
    """The lead of the NGO that wrote its draft when there was one process."""
    return town.sign_in(prepared.email)


@pytest.fixture(scope="module")
def submitted(ngo: Ngo, prepared: Prepared, coordinator: Browser) -> str:
    """That draft, submitted to the cluster and judged, and known to the service that prints it."""
    ngo.submit(prepared.proposal)
    until(lambda: status_of(coordinator, f"/matching/proposals/{prepared.proposal}/windows/mbz") == 200, "verdicts")
    until(lambda: status_of(ngo.browser, f"/reports/proposals/{prepared.proposal}") == 200, "reports has it")
    return prepared.proposal


def test_a_service_that_dies_is_away_for_a_moment_and_comes_back(program: Cluster, coordinator: Browser) -> None:
    before = program.process("donors")
    program.kill("donors")
    with httpx.Client(base_url=program.address, timeout=60) as client:
        for language, title in LANGUAGES.items():
            answer = client.get("/donors/windows", headers={"accept": "text/html", "accept-language": language})
            if answer.status_code == 502:  # else it has been back already, in its first second
                assert f'<html lang="{language}">' in answer.text
                assert title in answer.text
                assert answer.headers["retry-after"]
                assert "default-src 'self'" in answer.headers["content-security-policy"]
        told = client.get("/donors/api/windows", headers={"accept": "application/json"})
        if told.status_code == 502:
            assert told.headers["content-type"].startswith("application/problem+json")
            assert told.json()["detail"]
        assert client.get("/accounts/sign-in").status_code == 200, "the others are there"
    until(lambda: status_of(coordinator, "/donors/windows") == 200, "donors is back")
    until(lambda: "donors is ready again" in program.said(), "the supervisor has said so")
    assert "donors was killed by signal 9; it starts again" in program.said()
    assert program.process("donors") != before


def test_while_a_replica_is_away_the_other_answers(program: Cluster, coordinator: Browser) -> None:
    program.kill("matching-1")
    assert {status_of(coordinator, "/matching") for _ in range(10)} == {200}
    until(lambda: "matching-1 is ready again" in program.said(), "the replica is back")


def test_what_one_replica_has_printed_every_replica_serves(program: Cluster, ngo: Ngo, submitted: str) -> None:
    ngo.browser.download(f"/reports/proposals/{submitted}.pdf?lang=fr")
    ngo.browser.open("/reports")
    [path] = set(re.findall(r"/reports/documents/[0-9a-f-]{36}\.pdf(?!\?)", page_source(ngo.browser)))
    found = set()
    for part in ("reports-1", "reports-2"):
        port = port_of(program, part)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            client.cookies.update(ngo.browser._client.cookies)
            answer = client.get(path)
            assert answer.status_code == 200, part
            found.add(answer.content)
            etag = answer.headers["etag"]
            assert client.get(path, headers={"if-none-match": etag}).status_code == 304
    assert len(found) == 1


def test_both_replicas_take_part_in_the_work(program: Cluster) -> None:
    from contextlib import closing

    from services.chassis.bus import open_bus

    with closing(open_bus(program.books.settings)) as bus:
        lags = {group: sum(bus.lag(group).values()) for name in COMPONENTS for group in groups_of(COMPONENTS[name])}
    assert set(lags.values()) == {0}, lags


def test_a_notice_crosses_from_one_process_to_another_in_every_language(program: Cluster, town: Town) -> None:
    browser = town.register("Notices Society").browser
    with httpx.Client(base_url=program.address, timeout=60, headers={"accept": "text/html"}) as client:
        client.cookies.update(browser._client.cookies)
        client.cookies.set("cami_lang", "ru")
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/accounts/me").text)
        assert token is not None
        saved = client.post("/accounts/me", data={"csrf": token[1], "name": "Nurgul", "language": "ru"})
        assert saved.status_code == 303
        # The page that shows it is another service's, which has not these words in its own catalogue.
        assert "Сохранено" in client.get("/projects/actions").text


def test_a_trace_goes_from_the_front_door_through_the_services(program: Cluster) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with httpx.Client(base_url=program.address, timeout=60) as client:
        client.get("/donors", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        given = client.get("/there-is-nothing-here", headers={"accept": "text/html"})
    lines = (program.folder / "nginx" / "access.log").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert any(line["traceparent"].split("-")[1] == trace for line in told)
    until(lambda: trace[:12] in (program.folder / "logs" / "donors.log").read_text(), "the service's log line")
    assert given.status_code == 404
    assert not [line for line in told if re.search(r"/accounts/link/[^{]", line["uri"])], "links must not be logged"


@pytest.mark.parametrize("path", ["/metrics", "/_cami/away.en.html"])
def test_what_is_not_for_everybody_is_no_page(program: Cluster, path: str) -> None:
    answer = httpx.get(program.address + path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "cami_" not in answer.text


@pytest.mark.parametrize("path", ["/projects/actions/9.1%00", "/static/../../../../etc/passwd"])
def test_what_nginx_cannot_read_it_says_on_a_page_of_ours(program: Cluster, path: str) -> None:
    said = spoken(program.address, f"GET {path} HTTP/1.1\r\nhost: x\r\naccept-language: ru\r\n\r\n".encode()).decode()
    assert said.startswith("HTTP/1.1 400 ")
    assert "This request cannot be read" in said, "the headers, and so the language, have not been read"
    assert "default-src 'self'" in said
    assert "<center>" not in said, "no page of nginx's own"


def test_a_body_that_is_too_large_is_refused_in_ones_language(program: Cluster) -> None:
    limit = program.books.settings.max_body_bytes
    for language, words in (("ru", "Слишком большой объём"), ("fr", "trop volumineux"), ("en", "too large")):
        head = f"POST /accounts/sign-in HTTP/1.1\r\nhost: x\r\naccept-language: {language}\r\n" \
               f"accept: text/html\r\ncontent-length: {limit + 1}\r\n\r\n"  # fmt: skip
        said = spoken(program.address, head.encode() + b"a" * (limit + 1)).decode()
        assert said.startswith("HTTP/1.1 413 ")
        assert words in said


def test_a_second_cluster_says_that_the_first_runs(program: Cluster) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "deploy.cluster", "start", "--folder", str(program.folder)], cwd=ROOT, text=True,
        env=without_settings() | QUICK, capture_output=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr.strip().splitlines()[-1].endswith(f"is running already: {program.address}")
    assert ask("status", program.folder).returncode == 0


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = subprocess.run(
            [sys.executable, "-m", "deploy.cluster", "start", "--folder", str(tmp_path / "other")], cwd=ROOT, text=True,
            env=without_settings() | {"CAMI_PORT": str(port)}, capture_output=True, timeout=60,
        )  # fmt: skip
    assert started.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in started.stderr
    assert noted(tmp_path / "other") == {}


def test_backed_up_while_it_runs_it_goes_on_as_one_process(
    program: Cluster, ngo: Ngo, submitted: str, tmp_path: Path
) -> None:
    save(program.books.settings, tmp_path / "cluster.zip", quiet)
    settings = Settings(data_dir=tmp_path / "one")
    assert restore(settings, tmp_path / "cluster.zip", quiet) == []
    with Program(settings, choose([ALL])) as alone:
        alone.load(quiet)
        alone.settle(quiet)
        for name, service in alone.services.items():
            assert parked(service) == 0, name
    assert settings.key == program.books.settings.key
    one = Books(settings.data_dir, settings)
    for owner, table in (("projects", "proposal"), ("matching", "pair"), ("reports", "document")):
        assert one.count(owner, table) == program.books.count(owner, table) > 0, table
    assert ngo.browser.status(f"/projects/proposals/{submitted}") == 200


def test_stopped_and_started_again_it_has_everything(prepared: Prepared, program: Cluster, submitted: str) -> None:
    pages = ("/projects/actions", f"/projects/proposals/{submitted}", "/reports")
    before = {path: words(program, prepared, path) for path in pages}
    pids = list(noted(program.folder).values())
    stopped = ask("stop", program.folder)
    assert stopped.returncode == 0, stopped.stderr
    assert program.wait() == 0
    assert gone(pids)
    assert ask("status", program.folder).returncode == 1
    program.restart()
    assert {path: words(program, prepared, path) for path in pages} == before
    for name in COMPONENTS:
        assert program.books.count(name, "parked") == 0


def words(program: Cluster, prepared: Prepared, path: str) -> str:
    """What a page says to the lead of the NGO."""
    browser = town_of(program).sign_in(prepared.email).browser
    browser.open(path)
    return browser.text()


def page_source(browser: Browser) -> str:
    """The page as it was served, more or less."""
    import lxml.html

    return str(lxml.html.tostring(browser.page, encoding="unicode"))


def port_of(program: Cluster, part: str) -> int:
    """Where a part listens, by what the supervisor said when it was ready."""
    found = re.search(rf"^  {part} +ready .*:(\d+)$", program.said(), re.MULTILINE)
    assert found is not None, part
    return int(found[1])


def parked(service: Service) -> int:
    """Messages that a service could not handle."""
    with service.read() as session:
        return len(session.execute(select(service.component.messaging.parked.c.id)).all())
