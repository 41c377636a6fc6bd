"""Pages of donors: parse, call a handler, answer."""

from fastapi import APIRouter

from services.donors import api
from services.donors.pages import editing, listing, windows

ROUTER = APIRouter()
for part in (listing, windows, editing, api):
    ROUTER.include_router(part.ROUTER)
