"""Renders the documents that wait, in the background, and takes up again what a crash has left behind."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final
from uuid import UUID

from services.chassis import metrics
from services.chassis.errors import CamiError
from services.chassis.pdf import PdfBusy, PdfCrashed, PdfError, PdfPool, PdfTimeout, Rendered
from services.chassis.service import Progress, Service
from services.chassis.tracing import Step, Trail, step
from services.reports import queries, store
from services.reports.handlers import documents
from services.reports.tables import QUEUED, RENDERING, DocumentRow

LOG = logging.getLogger("cami.reports")
BEAT_SECONDS: Final = 3.0
"""How often leases are renewed while something is being rendered, and looked over while something waits."""
REST_SECONDS: Final = 10.0
"""How often to look for work that another replica has left behind or cannot do alone, when there is none of our own."""


class Printer:
    """The renderer of one process. Its thread starts with the first `wake`; thread-safe."""

    def __init__(self, service: Service, pool: PdfPool | None = None) -> None:
        settings = service.settings
        self._service = service
        self.pool = pool or PdfPool(settings.pdf_workers, settings.pdf_timeout_seconds)
        self._workers = settings.pdf_workers
        self._news = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that something waits to be rendered."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
                self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Stop. What is being rendered waits for whoever comes next."""
        self._stop.set()
        self._news.set()
        self.pool.close()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        under_way: dict[Future[None], UUID] = {}
        with ThreadPoolExecutor(self._workers, thread_name_prefix="print") as threads:
            while not self._stop.is_set():
                self._news.clear()
                under_way = {future: key for future, key in under_way.items() if not future.done()}
                try:
                    waiting = self._turn(under_way, threads)
                except Exception:  # whatever it was, a thread that is gone would print nothing more until a restart
                    LOG.warning("the printer could not see to its work; it tries again", exc_info=True)
                    waiting = True
                self._news.wait(BEAT_SECONDS if waiting or under_way else REST_SECONDS)

    def _turn(self, under_way: dict[Future[None], UUID], threads: ThreadPoolExecutor) -> bool:
        """Renew what is held, take up what is free; answers whether anything is left to watch."""
        with self._service.read() as session:
            if not queries.waiting(session):
                return False
        with self._service.work() as context:
            if under_way:
                documents.renew(context, list(under_way.values()))
        while len(under_way) < self._workers and not self._stop.is_set():
            with self._service.work() as context:
                row = documents.take_next(context)
            if row is None:
                break
            future = threads.submit(self._print, row)
            under_way[future] = row.id
            future.add_done_callback(lambda _: self._news.set())
        return True

    def _print(self, row: DocumentRow) -> None:
        """Render one document and keep it. Never raises: what went wrong stands in its row."""
        trail = Trail(row.traceparent, row.correlation, service=self._service.name)
        with step(f"print a {row.kind}", "internal", trail) as work:
            work.describe(None, {"cami.document": str(row.id), "cami.language": row.language})
            self._print_within(row, work)

    def _print_within(self, row: DocumentRow, work: Step) -> None:
        try:
            rendered = self._render(row)
            with self._service.work() as context:
                digest = store.keep(context.session, rendered.pdf, context.now)
                documents.finish(context, row.id, pages=rendered.pages, size=len(rendered.pdf), sha256=digest)
            if rendered.warnings:
                LOG.warning("document %s: %s", row.id, "; ".join(rendered.warnings))
        except Exception as error:
            if not self._stop.is_set():
                LOG.warning("document %s failed: %s", row.id, error, exc_info=not isinstance(error, PdfError))
            work.fail(error)
            self._note(row, error)

    def _render(self, row: DocumentRow) -> Rendered:
        versions = [row.html, *row.fallbacks]
        for html in versions:
            rendered = self.pool.render(html, language=row.language, title=row.title)
            if row.most_pages is None or rendered.pages <= row.most_pages:
                break
            LOG.info("document %s has %s pages, %s allowed", row.id, rendered.pages, row.most_pages)
        return rendered

    def _note(self, row: DocumentRow, error: Exception) -> None:
        try:
            with self._service.work() as context:
                if isinstance(error, PdfBusy) or self._stop.is_set():
                    documents.put_back(context, row.id, counts=False)
                elif isinstance(error, PdfCrashed) and row.attempts < documents.MOST_ATTEMPTS:
                    documents.put_back(context, row.id, counts=True)
                else:
                    code = "timeout" if isinstance(error, PdfTimeout) else "failed"
                    documents.fail(context, row.id, documents.INTERRUPTED if isinstance(error, PdfCrashed) else code)
        except CamiError:
            LOG.warning("could not note that document %s failed; its lease will run out", row.id, exc_info=True)


def measure(service: Service) -> None:
    """Count the documents that wait and those that are being rendered, by whichever process."""
    with service.read() as session:
        counts = queries.unfinished(session)
    for state in (QUEUED, RENDERING):
        metrics.PDF_DOCUMENTS.labels(state).set(counts.get(state, 0))


def resume(service: Service, progress: Progress) -> None:
    """At every start: take over what lies in files, and go on with documents that an earlier run left unfinished."""
    store.take_over(service, progress)
    service.extras.wake()
