"""What donors tells: funding windows."""

from pydantic import Field

from contracts.events.payload import Payload
from contracts.windows import WindowTerms


class WindowPublished(Payload):
    """A funding window is in the inventory, or its terms have changed: all of its terms, each time."""

    terms: WindowTerms
    changed: list[str] = Field(default_factory=list)
    """Names of the rules that differ from the revision before; empty for the first."""
    changed_by: str = ""
    reason: str = ""
