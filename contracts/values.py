"""Values that several payloads share: money, text in several languages, evidence."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
"""A stable code of a vocabulary."""
StateCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 3166-1 alpha-3."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""
Language = Literal["en", "ru", "fr"]


class Value(BaseModel):
    """Base of all published values. Unknown fields are ignored, so that an older reader survives a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Tri(StrEnum):
    """Three-valued truth. Unknown never counts as a yes, never as a no, and never vanishes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Money(Value):
    """An amount in one currency."""

    amount: Decimal = Field(max_digits=18, decimal_places=2)
    currency: Currency


class Text(Value):
    """One language version of a text."""

    text: str
    origin: Literal["written", "machine", "reviewed"] = "written"
    stale: bool = False
    """True when the source text has changed since this version was made."""


class LocalizedText(Value):
    """A text with its languages side by side. `source` is the language it was first written in."""

    source: Language = "en"
    versions: dict[Language, Text] = Field(default_factory=dict)

    def best(self, language: str) -> tuple[str, str, Text | None]:
        """(text, language it is in, its version) in `language`, else the source, else any; ("", language, None)."""
        order = [language, self.source, *self.versions]
        for candidate in order:
            version = self.versions.get(candidate)  # type: ignore[call-overload]
            if version is not None and version.text:
                return version.text, candidate, version
        return "", language, None

    def text(self, language: str) -> str:
        """Only the text of `best`."""
        return self.best(language)[0]


class Evidence(Value):
    """Where an outside fact comes from."""

    sentence: str = ""
    """What the source says, in our own words and in English."""
    url: str = ""
    year: int | None = None
    checked: date | None = None
    """The day on which somebody last compared the fact with its source."""
    confidence: Literal["high", "medium", "low", "unknown"] = "unknown"
    check_again: date | None = None
