"""Templates: one Jinja environment over the chassis and all services, with our filters and globals.

What depends on the reader (language, token, today) is found through context variables, so that macros can be compiled
once and need no arguments for it.
"""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol
from urllib.parse import parse_qsl, urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket, BytecodeCache
from markupsafe import Markup, escape

from contracts import vocabulary
from contracts.envelope import new_id
from contracts.values import LocalizedText, Money
from services.chassis import formats, i18n
from services.chassis.errors import FieldError
from services.chassis.forms import FormState, error_text
from services.chassis.i18n import current_language
from services.chassis.security import User
from services.chassis.web.navigation import place_of, places_for
from services.chassis.web.static import Assets

TEMPLATES: Final = Path(__file__).parent.parent / "templates"


class Reader(Protocol):
    """What a template may know of who reads it."""

    @property
    def user(self) -> User | None:
        """Who is signed in."""

    def csrf(self) -> str:
        """A token for a form."""

    def now(self) -> datetime:
        """The present moment."""

    def address(self) -> tuple[str, str]:
        """Path and query of the page."""


_reader: ContextVar[Reader | None] = ContextVar("cami_reader", default=None)


class _Compiled(BytecodeCache):
    """Compiled templates, kept in memory: a second application in one process (every test) compiles nothing again."""

    _codes: ClassVar[dict[tuple[str, str], Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give `bucket` the code of its source, if that was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of `bucket`."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


_KEPT: Final = ("tri", "verdict", "tally", "tag", "priority", "nav_links", "languages")
"""Macros whose output depends on their arguments and the language alone."""
_KEPT_FOR_A_DAY: Final = ("deadline",)
"""Those that depend on the day besides."""


def _kept(macro: Callable[..., Markup], *, by_day: bool = False) -> Callable[..., Markup]:
    """`macro`, which is rendered once for the same arguments: a list of two hundred rows asks for little else."""
    known: dict[tuple[Any, ...], Markup] = {}

    def kept(*args: Any, **kwargs: Any) -> Markup:
        # The types belong to the key: markup and plain text compare equal, but only one of them is escaped.
        day = _today() if by_day else None
        key = (current_language(), day, args, *map(type, args), *kwargs.items(), *map(type, kwargs.values()))
        try:
            found = known.get(key)
        except TypeError:  # an argument that cannot be a key
            return macro(*args, **kwargs)
        if found is None:
            if len(known) >= 2000:
                known.clear()
            found = known[key] = macro(*args, **kwargs)
        return found

    return kept


class Renderer:
    """Renders templates. Thread-safe."""

    def __init__(self, folders: Iterable[Path], assets: Mapping[str, Assets]) -> None:
        self._assets = assets
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in (TEMPLATES, *folders)])
        env = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False, cache_size=-1,
            bytecode_cache=_Compiled(), trim_blocks=True, lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )  # fmt: skip
        env.policies["ext.i18n.trimmed"] = True
        # Old style on purpose: a translated text stays plain text and is escaped like any other.
        env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
        env.filters.update(_FILTERS)
        env.globals.update(
            _=i18n.gettext, static=self.static, csrf_token=_csrf_token, today=_today, error_text=error_text,
            language=current_language, options=_options, LANGUAGE_NAMES=i18n.LANGUAGE_NAMES, empty_form=FormState(),
            once=_once, places_for=places_for, place=_place, here=_here, url_with=url_with, url_without=url_without,
        )  # fmt: skip
        self.env = env
        self._icons: dict[str, Markup] = {}
        env.globals["icon"] = self.icon
        ui = env.get_template("ui.html").module
        for name in (*_KEPT, *_KEPT_FOR_A_DAY):
            setattr(ui, name, _kept(getattr(ui, name), by_day=name in _KEPT_FOR_A_DAY))
        vars(ui)["icon"] = self.icon
        env.globals["ui"] = ui

    def icon(self, name: str) -> Markup:
        """A sign of the sprite `icons.svg`, in the colour of the text beside it."""
        if name not in self._icons:
            self._icons[name] = Markup(
                '<svg class="icon" aria-hidden="true" width="20" height="20"><use href="{}#{}"></use></svg>'
            ).format(self.static("icons.svg"), name)
        return self._icons[name]

    def static(self, name: str) -> str:
        """Address of a static file: `cami.css` of the chassis, `donors/rules.css` of a service. Raises KeyError."""
        service, _, rest = name.partition("/")
        if rest and service in self._assets:
            return self._assets[service].url(rest)
        return self._assets[""].url(name)

    def render(self, template: str, language: str, reader: Reader, context: Mapping[str, Any]) -> str:
        """The text of `template` in `language` for `reader`."""
        token = _reader.set(reader)
        try:
            with i18n.use_language(language):
                return self.env.get_template(template).render(context)
        finally:
            _reader.reset(token)


def _csrf_token() -> str:
    reader = _reader.get()
    return reader.csrf() if reader else ""


def _today() -> date:
    reader = _reader.get()
    return (reader.now() if reader else datetime.now(UTC)).date()


def _once() -> str:
    """An id of this one showing of a form: a form that is sent twice says so."""
    return str(new_id())


def _here() -> str:
    """Path and query of the page itself."""
    reader = _reader.get()
    path, query = reader.address() if reader else ("/", "")
    return f"{path}?{query}" if query else path


def _place() -> str:
    """The place of the navigation that the page belongs to."""
    reader = _reader.get()
    return place_of(reader.address()[0]) if reader else ""


def url_with(**changes: object) -> str:
    """The page's own address with parameters set; None takes one out."""
    reader = _reader.get()
    path, query = reader.address() if reader else ("/", "")
    pairs = [(name, value) for name, value in parse_qsl(query, keep_blank_values=False) if name not in changes]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def url_without(name: str, value: str | None = None) -> str:
    """The page's own address without one value of a parameter (or without any of them), from its first page."""
    reader = _reader.get()
    path, query = reader.address() if reader else ("/", "")
    pairs = [
        pair for pair in parse_qsl(query) if pair[0] != "page" and not (pair[0] == name and value in (None, pair[1]))
    ]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _options(vocabulary_name: str) -> list[tuple[str, str]]:
    return vocabulary.options(vocabulary_name, current_language())


def _money(value: Money | None, decimals: int | None = None) -> str:
    return "" if value is None else formats.amount(value.amount, value.currency, current_language(), decimals)


def _amount(value: Decimal | int | None, currency: str = "USD", decimals: int | None = None) -> str:
    return "" if value is None else formats.amount(value, currency, current_language(), decimals)


def _number(value: Decimal | int | float | None, decimals: int | None = None) -> str:
    return "" if value is None else formats.number(value, current_language(), decimals)


def _percent(value: Decimal | float | None, decimals: int = 0) -> str:
    return "" if value is None else formats.percent(value, current_language(), decimals)


def _day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return "" if value is None else formats.day(value, current_language())


def _long_day(value: date | None) -> str:
    return "" if value is None else formats.long_day(value, current_language())


def _moment(value: datetime | None) -> Markup | str:
    """A <time> element in UTC; the script shows it in the reader's own zone."""
    if value is None:
        return ""
    stamp = value.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" data-local>{}</time>').format(stamp, formats.moment(value, current_language()))


def _duration(value: timedelta) -> str:
    return formats.duration(value, current_language())


def _until(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return "" if value is None else formats.until(value, current_language(), _today())


def _label(code: str | None, vocabulary_name: str) -> str:
    return "" if code is None else vocabulary.label(vocabulary_name, code, current_language())


def _language_name(code: str) -> str:
    return formats.language_name(code, current_language())


def _labels(codes: Iterable[str], vocabulary_name: str) -> str:
    return ", ".join(_label(code, vocabulary_name) for code in codes)


def _localized(value: LocalizedText | None) -> Markup:
    if value is None:
        return Markup("")
    text, found, _version = value.best(current_language())
    if found == current_language() or not text:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(found, text)


def _plain(value: LocalizedText | None) -> str:
    return "" if value is None else value.text(current_language())


def _message(error: FieldError) -> str:
    return error_text(error)


def _live(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep Jinja from working the filter out once, at compile time, when its arguments are literals: the answer
    depends on who reads."""

    @pass_context
    @wraps(function)
    def filter_(_context: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return filter_


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "money": _money, "amount": _amount, "number": _number, "percent": _percent, "day": _day, "long_day": _long_day,
    "moment": _moment, "until": _until, "label": _label, "labels": _labels, "localized": _localized, "plain": _plain,
    "message": _message, "language_name": _language_name, "duration": _duration,
}  # fmt: skip
_FILTERS: Final = {name: _live(function) for name, function in _FUNCTIONS.items()}
