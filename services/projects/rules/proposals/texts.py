"""Texts in several languages: what a save makes of them, and when a translation has become stale."""

from difflib import SequenceMatcher
from typing import Final, Literal

from contracts.values import Language, LocalizedText, Text
from services.projects.values.proposals import LANGUAGES, TEXT_FIELDS, Summary, TypedSummary, TypedText

MOST_WORDS_COMPARED: Final = 4_000
"""Words of both texts together up to which their changes are worked out; the effort grows with the square."""

Change = tuple[Literal["same", "gone", "new"], str]


def merged(stored: Summary, typed: TypedSummary) -> Summary:
    """The summary after `typed` was saved over `stored`.

    A translation becomes stale when the text it was made from changes while it does not; it is current again once it
    changes too, or once a person says that it still matches.
    """
    texts = {}
    for name in TEXT_FIELDS:
        if text := _merged_text(stored.text(name), typed.written_in, dict(typed.texts.get(name, {}))):
            texts[name] = text
    return Summary(typed.written_in, texts)


def stale_languages(text: LocalizedText) -> tuple[Language, ...]:
    """Languages whose version of `text` is older than the text itself."""
    return tuple(code for code in LANGUAGES if code in text.versions and text.versions[code].stale)


def word_changes(before: str, after: str) -> list[Change]:
    """What leads from `before` to `after`, in runs of whole words; one "gone" and one "new" when they are very long."""
    old, new = before.split(), after.split()
    if len(old) + len(new) > MOST_WORDS_COMPARED:
        return [("gone", before), ("new", after)]
    changes: list[Change] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            changes.append(("same", " ".join(old[i1:i2])))
            continue
        if i1 < i2:
            changes.append(("gone", " ".join(old[i1:i2])))
        if j1 < j2:
            changes.append(("new", " ".join(new[j1:j2])))
    return changes


def _merged_text(before: LocalizedText, source: Language, typed: dict[Language, TypedText]) -> LocalizedText | None:
    versions: dict[Language, Text] = {}
    old_source = before.versions.get(source)
    written = typed.get(source, TypedText("")).text
    # A language that becomes the source while it lagged behind leaves all others saying something else than it does.
    outdated = old_source is not None and (
        not same_words(written, old_source.text) or (source != before.source and old_source.stale)
    )
    if written:
        versions[source] = Text(text=written)
    for code in LANGUAGES:
        version = typed.get(code)
        if code == source or version is None or not version.text:
            continue
        old = before.versions.get(code)
        unchanged = old is not None and same_words(old.text, version.text)
        stale = unchanged and not version.current and (outdated or (old is not None and old.stale))
        versions[code] = Text(text=version.text, origin=version.origin, stale=stale)
    return LocalizedText(source=source, versions=versions) if versions else None


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but white space."""
    return one == other or one.split() == other.split()
