"""Judges again in the background what older rules have judged."""

from typing import ClassVar

from services.matching.handlers.renewing import renew_some, renewing
from services.matching.planning.worker import LOG, Attendant


class Renewer(Attendant):
    """A little in each transaction, so that whoever else wants to write comes in between. It looks again from time to
    time: while replicas are replaced one after the other, an older program goes on judging by its own rules."""

    name: ClassVar[str] = "renewer"
    pause: ClassVar[float] = 0.05

    def turn(self) -> bool:
        """Judge some of it again; answers whether there was anything."""
        with self._service.read() as session:
            before = renewing(session)
        if before is None:
            return False
        LOG.info("what older rules have judged is judged again: %d of %d done", before.done, before.total)
        return self._service.run(renew_some)
