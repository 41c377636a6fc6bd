"""Reading a form's body strictly: UTF-8 or nothing, and no more of it than we agreed to read."""

from typing import Final
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from services.chassis.i18n import N_

MAX_FIELDS: Final = 2000
UNREADABLE_FORM: Final = N_("The form could not be read, because it is not in the encoding UTF-8.")
BROKEN_FORM: Final = N_("The form arrived incomplete. Please go back and send it again.")
TOO_MANY_FIELDS: Final = N_("The form has more fields than any of our pages.")


async def read_form(request: Request, limit: int) -> FormData:
    """The fields and files of a form; empty when the body is not a form.

    Raises HTTPException 400 for a broken one; 413 comes from the layer that counts bytes.
    """
    kind, _ = parse_options_header(request.headers.get("content-type"))
    if kind == b"application/x-www-form-urlencoded":
        return _urlencoded(await request.body())
    if kind == b"multipart/form-data":
        parser = _StrictParser(
            request.headers, request.stream(), max_files=20, max_fields=MAX_FIELDS, max_part_size=limit
        )
        # Everything stays in memory: the body as a whole is already limited.
        parser.spool_max_size = limit + 1
        try:
            return await parser.parse()
        except MultiPartException as error:
            known = error.message if error.message in (UNREADABLE_FORM, TOO_MANY_FIELDS) else BROKEN_FORM
            raise HTTPException(400, known) from error
    return FormData()


def _urlencoded(body: bytes) -> FormData:
    if body.count(b"&") >= MAX_FIELDS:
        raise HTTPException(400, TOO_MANY_FIELDS)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise HTTPException(400, UNREADABLE_FORM) from error
    return FormData([*pairs])


class _StrictParser(MultiPartParser):
    """Starlette's parser falls back to Latin-1 where UTF-8 fails; an unreadable name is refused here instead."""

    def on_part_begin(self) -> None:
        self._charset = "utf-8"
        super().on_part_begin()

    def on_headers_finished(self) -> None:
        _must_be_utf8(self._current_part.content_disposition or b"")
        if self._current_fields >= self.max_fields:
            raise MultiPartException(TOO_MANY_FIELDS)
        super().on_headers_finished()

    def on_part_end(self) -> None:
        if self._current_part.file is None:
            _must_be_utf8(self._current_part.data)
        super().on_part_end()


def _must_be_utf8(data: bytes | bytearray) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MultiPartException(UNREADABLE_FORM) from error
