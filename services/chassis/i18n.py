"""The three languages: catalogues read from .po files, the reader's language, and lookup.

English is the msgid. All catalogues, the chassis' and each service's, are merged into one per language. The language
of the page being rendered is kept in a context variable, so that filters and macros need not be told it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import c2py
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

from contracts.vocabulary import LANGUAGES

LANGUAGE_NAMES: Final = {"en": "English", "ru": "Русский", "fr": "Français"}
"""Each language named in itself."""
OWN_CATALOGUES: Final = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("cami_language", default="en")


@dataclass
class _Catalogue:
    """Translations into one language. A value is a text, or for a countable message its plural forms."""

    texts: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    plural: Callable[[int], int] = field(default=lambda n: int(n != 1))


_catalogues: dict[str, _Catalogue] = {language: _Catalogue() for language in LANGUAGES}
_loaded: set[Path] = set()


def N_(message: str) -> str:
    """Mark `message` as a msgid that is translated where it is shown. Answers it unchanged."""
    return message


def load_catalogues(folders: Iterable[Path] = ()) -> None:
    """Merge the catalogues `<language>.po` and `<subject>.<language>.po` of the chassis and of each of `folders`.

    Each file is read once per process. The first to translate a msgid wins. Call it before threads start, and in
    every process that translates.
    """
    for folder in (OWN_CATALOGUES, *folders):
        for language in LANGUAGES:
            for path in (folder / f"{language}.po", *sorted(folder.glob(f"*.{language}.po"))):
                path = path.resolve()
                if path in _loaded or not path.is_file():
                    continue
                _loaded.add(path)
                _merge(path, _catalogues[language])


def _merge(path: Path, into: _Catalogue) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file)
    if catalogue.plural_expr:
        into.plural = c2py(catalogue.plural_expr)
    for message in catalogue:
        if not message.id or not message.string or message.fuzzy:
            continue
        if isinstance(message.id, tuple | list):
            forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
            if all(forms):
                into.texts.setdefault(message.id[0], tuple(forms))
        else:
            into.texts.setdefault(message.id, str(message.string))


def translate(language: str, message: str, /, **params: object) -> str:
    """`message` in `language`, with `%(name)s` filled from `params` if any are given."""
    catalogue = _catalogues.get(language)
    found = catalogue.texts.get(message, message) if catalogue else message
    text = found if isinstance(found, str) else found[0]
    return text % params if params else text


def translate_plural(language: str, singular: str, plural: str, number: int, /, **params: object) -> str:
    """The form of a countable message that `number` takes in `language`; `%(num)s` is the number unless given."""
    catalogue = _catalogues.get(language)
    forms = catalogue.texts.get(singular) if catalogue else None
    if catalogue and isinstance(forms, tuple):
        text = forms[min(catalogue.plural(number), len(forms) - 1)]
    else:
        text = singular if number == 1 else plural
    return text % {"num": number, **params}


def current_language() -> str:
    """Language of the page or document that is being made."""
    return _language.get()


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Render in `language` within the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, /, **params: object) -> str:
    """`translate` in the current language."""
    return translate(_language.get(), message, **params)


def ngettext(singular: str, plural: str, number: int, /, **params: object) -> str:
    """`translate_plural` in the current language."""
    return translate_plural(_language.get(), singular, plural, number, **params)


def choose_language(cookie: str | None, accept_language: str | None) -> str:
    """The reader's language: the one chosen, else the browser's favourite that we have, else English."""
    if cookie in LANGUAGES:
        return cookie
    best, best_quality = "en", 0.0
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameter = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        try:
            quality = float(parameter.partition("=")[2]) if parameter else 1.0
        except ValueError:
            continue
        if code in LANGUAGES and best_quality < quality <= 1.0:
            best, best_quality = code, quality
    return best
