"""The main navigation: the places of the program, and who is shown the way to each."""

from typing import Final

from services.chassis.i18n import N_
from services.chassis.security import User

PLACES: Final = (
    ("/projects/actions", N_("Actions"), "everybody"),
    ("/projects/proposals", N_("Proposals"), "signed_in"),
    ("/donors/windows", N_("Funding windows"), "signed_in"),
    ("/matching", N_("Matching"), "coordinating"),
    ("/reports", N_("Documents"), "signed_in"),
    ("/accounts/people", N_("People"), "leading"),
    ("/operations", N_("Operations"), "administering"),
)

SERVICES: Final = ("accounts", "projects", "donors", "matching", "reports")
"""Each has a page of operations. A process knows its own services only, but the way to all of them."""


def places_for(user: User | None) -> tuple[tuple[str, str], ...]:
    """(address, label's msgid) of the places that `user` may go to. Pages check for themselves who may come."""
    groups = {"everybody"}
    if user is not None:
        groups.add("signed_in")
        if user.has("coordinator", "secretariat"):
            groups |= {"coordinating", "leading"}
        if user.has("lead"):
            groups.add("leading")
        if user.has("administrator"):
            groups.add("administering")
    return tuple((href, label) for href, label, group in PLACES if group in groups)


_BESIDE: Final = (
    ("/projects/programme", "/projects/actions"), ("/projects/programmes", "/projects/actions"),
    ("/donors", "/donors/windows"),
)  # fmt: skip
"""Pages that belong to a place and stand beside it."""


def place_of(path: str) -> str:
    """The place that the page at `path` belongs to; "" for none."""
    if path.split("/")[2:3] == ["operations"]:
        return "/operations"
    addresses = (*((href, href) for href, _, _ in PLACES), *_BESIDE)
    return next((place for href, place in addresses if path == href or path.startswith(href + "/")), "")
