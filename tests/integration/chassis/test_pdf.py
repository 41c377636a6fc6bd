"""The PDF pool: real processes, real documents."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from pypdf import PdfReader

from services.chassis.pdf import PdfBusy, PdfCrashed, PdfError, PdfPool, PdfRefused, PdfTimeout, Rendered

CSS = "@page { size: A4; font-family: 'Noto Sans', 'DejaVu Sans' } body { font-family: 'Noto Serif', 'DejaVu Serif' }"
SHORT = "<!doctype html><html lang='ru'><head><title>x</title></head><body><h1>Сайгак</h1><p>Текст</p></body></html>"
FOR_EVER = "<div style='display: grid; grid-template-columns: repeat(40, 1fr)'>" + "<p>words and words</p>" * 60_000
"""Takes far longer than any test waits."""

WAYS_IN = (
    "<img alt='' src='{}'>", "<link rel='stylesheet' href='{}'>", "<p style='background: url({})'>x</p>",
    "<style>@import '{}';</style>", "<svg width='9' height='9'><image href='{}' width='9' height='9'/></svg>",
    "<object data='{}'></object>", "<link rel='attachment' href='{}'>",
)  # fmt: skip


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PdfPool]:
    """One worker that may read one folder; it serves all tests that do it no harm."""
    top = tmp_path_factory.mktemp("pdf")
    folder = top / "pictures"
    folder.mkdir()
    (folder / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (top / "secret.txt").write_text("secret")
    (folder / "way-out.txt").symlink_to(top / "secret.txt")
    made = PdfPool(1, 60, {"pictures": folder})
    yield made
    made.close()


@pytest.fixture
def own_pool() -> Iterator[PdfPool]:
    """One worker and room for one more document, for a test that treats it badly."""
    made = PdfPool(1, 60, queue=1)
    yield made
    made.close()


def render(pool: PdfPool, html: str = SHORT) -> Rendered:
    return pool.render(html, [CSS], language="ru", title="Заявка")


def read(rendered: Rendered) -> PdfReader:
    return PdfReader(io.BytesIO(rendered.pdf))


def test_a_document_is_tagged_named_and_carries_its_fonts(pool: PdfPool) -> None:
    rendered = render(pool)
    assert not rendered.warnings
    pdf = read(rendered)
    catalogue = pdf.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] == "true" or catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"] == "ru"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Заявка"
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()
    assert "Сайгак" in pdf.pages[0].extract_text()
    assert fonts_without_file(pdf) == []
    assert rendered.pages == len(pdf.pages) == 1


def fonts_without_file(pdf: PdfReader) -> list[str]:
    """Names of fonts that are not embedded."""
    missing = []
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            for child in font.get_object().get("/DescendantFonts", [font]):
                descriptor = child.get_object()["/FontDescriptor"].get_object()
                if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                    missing.append(str(descriptor["/FontName"]))
    return missing


def test_the_language_is_set_where_the_html_has_none(pool: PdfPool) -> None:
    assert read(render(pool, "<p>x</p>")).trailer["/Root"]["/Lang"] == "ru"


def test_the_same_input_gives_the_same_bytes_in_another_process(pool: PdfPool) -> None:
    first, again = render(pool), render(pool)
    other = PdfPool(1, 60)
    try:
        elsewhere = render(other)
    finally:
        other.close()
    assert first.pdf == again.pdf == elsewhere.pdf
    assert render(pool, SHORT.replace("Текст", "Другой")).pdf != first.pdf


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png", "https://example.org/x.png", "file:///etc/passwd", "FILE:///etc/passwd",
        "ftp://example.org/x", "cami:pictures/../secret.txt", "cami:pictures/%2e%2e/secret.txt",
        "cami:pictures/none.svg",
        "cami:elsewhere/dot.svg", "cami:/etc/passwd", "cami:pictures/way-out.txt",
        "data:image/png;base64," + "A" * 2_100_000,
    ],
)  # fmt: skip
def test_nothing_is_fetched_that_is_not_on_the_list(pool: PdfPool, address: str) -> None:
    for way_in in WAYS_IN:
        with pytest.raises(PdfRefused):
            render(pool, way_in.format(address))
    assert render(pool).pages == 1  # the worker is well


def test_what_is_on_the_list_is_read(pool: PdfPool) -> None:
    inline = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"
    assert not render(pool, f'<img alt="a" src="cami:pictures/dot.svg"><img alt="b" src="{inline}">').warnings


def test_a_relative_address_is_not_read_and_is_told(pool: PdfPool) -> None:
    assert render(pool, "<img alt='a' src='secret.txt'>").warnings


def test_no_worker_runs_before_the_first_document_nor_after_closing() -> None:
    pool = PdfPool(1, 60)
    assert pool.processes == []
    render(pool)
    assert len(pool.processes) == 1
    pool.close()
    assert pool.processes == []
    with pytest.raises(PdfError):
        render(pool)


def test_a_worker_that_rests_too_long_goes_home_and_another_comes() -> None:
    pool = PdfPool(1, 60, idle_seconds=0.05)
    try:
        render(pool)
        wait_until(lambda: not pool.processes)
        assert render(pool).pages == 1
    finally:
        pool.close()


def test_a_worker_is_replaced_after_its_share_of_documents() -> None:
    pool = PdfPool(1, 60, documents_per_worker=2)
    try:
        workers = []
        for _ in range(3):
            render(pool)
            workers.append(pool.processes)
        assert len(workers[0]) == 1
        assert workers[1] == []  # two documents, and it has gone
        assert workers[2] not in ([], workers[0])
    finally:
        pool.close()


def test_a_worker_that_is_killed_in_the_middle_fails_one_document_only(own_pool: PdfPool) -> None:
    failures: list[BaseException] = []

    def body() -> None:
        try:
            render(own_pool, FOR_EVER)
        except PdfError as error:
            failures.append(error)

    render(own_pool)
    before = cpu_of(own_pool.processes[0])
    thread = threading.Thread(target=body)
    thread.start()
    wait_until(lambda: cpu_of(own_pool.processes[0]) > before + 0.3)  # it is at the document
    os.kill(own_pool.processes[0], signal.SIGKILL)
    thread.join(30)
    assert [type(error) for error in failures] == [PdfCrashed]
    assert render(own_pool).pages == 1


def test_a_document_that_takes_too_long_is_ended() -> None:
    pool = PdfPool(1, 1.0)
    try:
        with pytest.raises(PdfTimeout):
            render(pool, FOR_EVER)
        assert pool.processes == []
    finally:
        pool.close()


def test_a_full_queue_says_busy_at_once(own_pool: PdfPool) -> None:
    threads = [threading.Thread(target=ignore, args=(own_pool,)) for _ in range(2)]  # one rendered, one in the queue
    for thread in threads:
        thread.start()
    wait_until(lambda: own_pool._inside == 2)
    with pytest.raises(PdfBusy, match="try again"):
        render(own_pool)
    own_pool.close()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_the_parent_does_not_import_the_engine() -> None:
    check = "import sys, services.chassis.pdf, services.reports.component; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_a_worker_learns_no_secret(own_pool: PdfPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMI_SECRET_KEY", "very-secret")
    render(own_pool)
    assert b"very-secret" not in Path(f"/proc/{own_pool.processes[0]}/environ").read_bytes()


def ignore(pool: PdfPool) -> None:
    with pytest.raises(PdfError):
        render(pool, FOR_EVER)


def cpu_of(process: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until(condition: object, seconds: float = 30.0) -> None:
    """Wait for `condition()`; fails when it does not come true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_documents_are_measured(own_pool: PdfPool) -> None:
    def measured(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0

    made, refused = measured("cami_pdf_seconds_count"), measured("cami_pdf_failures_total", reason="refused")
    render(own_pool)
    with pytest.raises(PdfRefused):
        render(own_pool, "<img alt='' src='file:///etc/hostname'>")
    assert measured("cami_pdf_seconds_count") == made + 2
    assert measured("cami_pdf_failures_total", reason="refused") == refused + 1
    assert measured("cami_pdf_rendering") == 0
