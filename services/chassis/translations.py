"""Holding the catalogues to the pages: what is not translated, and what in a catalogue is wrong. For the tests."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from contracts.vocabulary import LANGUAGES

_KEYWORDS: Final = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "translate_plural": (2, 3), "translate": (2,),
}  # fmt: skip
_TEMPLATE_OPTIONS: Final = {"trimmed": "true", "extensions": "jinja2.ext.do", "silent": "false"}
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
_TEMPLATE_KINDS: Final = (".html", ".txt", ".xml", ".svg")
_PLURAL_FORMS: Final = {"ru": 3, "fr": 2}


def extracted_messages(roots: Iterable[Path]) -> dict[str, Path]:
    """Every msgid in the Python files and templates under `roots`, with the first file it stands in."""
    found: dict[str, Path] = {}
    for root in roots:
        for path in sorted(root.rglob("*")):
            for message in _messages_of(path):
                found.setdefault(message, path)
    return found


def missing_messages(roots: Iterable[Path]) -> dict[str, list[str]]:
    """For each language but English, the msgids that no catalogue under `roots` translates, with their files."""
    folders = list(roots)
    wanted = extracted_messages(folders)
    missing = {}
    for language in LANGUAGES[1:]:
        known = {
            _msgid(message)
            for _path, catalogue in _catalogues(folders, language)
            for message in catalogue
            if _is_translated(message)
        }
        missing[language] = [f"{message!r} in {path}" for message, path in wanted.items() if message not in known]
    return missing


def catalogue_faults(roots: Iterable[Path]) -> list[str]:
    """What is wrong inside the catalogues: unused, fuzzy or empty entries, placeholders that differ, plural forms that
    are missing, and one msgid that two catalogues translate differently."""
    folders = list(roots)
    wanted = extracted_messages(folders)
    faults = []
    for language in LANGUAGES[1:]:
        seen: dict[str, tuple[str, Path]] = {}
        for path, catalogue in _catalogues(folders, language):
            for message in catalogue:
                if not message.id:
                    continue
                msgid, text = _msgid(message), str(message.string)
                faults += [f"{path}: {fault}: {msgid!r}" for fault in _faults_of(message, language)]
                if msgid not in wanted:
                    faults.append(f"{path}: not used anywhere: {msgid!r}")
                other, where = seen.setdefault(msgid, (text, path))
                if other != text:
                    faults.append(f"{path}: {msgid!r} is {text!r} here but {other!r} in {where}")
    return faults


def _messages_of(path: Path) -> Iterator[str]:
    if path.suffix == ".py" and "migrations" not in path.parts:
        method, options = "python", {}
    elif path.suffix in _TEMPLATE_KINDS and "templates" in path.parts:
        method, options = "jinja2.ext:babel_extract", dict(_TEMPLATE_OPTIONS)
    else:
        return
    content = path.read_bytes()
    if not any(mark in content for mark in (b"_(", b"gettext(", b"translate(", b"translate_plural(", b"trans")):
        return
    for _line, message, _comments, _context in extract(method, BytesIO(content), _KEYWORDS, (), options):
        msgid = message[0] if isinstance(message, tuple) else message
        if msgid:
            yield msgid


def _catalogues(folders: Iterable[Path], language: str) -> Iterator[tuple[Path, Catalog]]:
    for folder in folders:
        for path in sorted((folder / "locale").glob("*.po")):
            if path.name == f"{language}.po" or path.name.endswith(f".{language}.po"):
                with path.open("rb") as file:
                    yield path, read_po(file)


def _msgid(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _forms(message: Message) -> list[str]:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [form or "" for form in forms]


def _is_translated(message: Message) -> bool:
    return bool(message.id) and not message.fuzzy and all(_forms(message))


def _faults_of(message: Message, language: str) -> Iterator[str]:
    forms = _forms(message)
    ids = [str(text) for text in message.id] if isinstance(message.id, tuple | list) else [str(message.id)]
    plural = len(ids) > 1
    if message.fuzzy:
        yield "fuzzy"
    if not all(forms):
        yield "empty"
        return
    if plural and len(forms) != _PLURAL_FORMS[language]:
        yield f"{len(forms)} plural forms instead of {_PLURAL_FORMS[language]}"
    wanted = {name for text in ids for name in _PLACEHOLDER.findall(text)}
    for form in forms:
        given = set(_PLACEHOLDER.findall(form))
        # A singular may say "one" in words; nothing may name what is not given.
        if given - wanted or (not plural and given != wanted):
            yield f"placeholders {sorted(given)} instead of {sorted(wanted)}"
