"""Pages of this service, by subject: parse, call a handler, answer."""

from typing import Final

from fastapi import APIRouter

from services.projects.pages import programmes, proposals

ROUTER: Final = APIRouter()
ROUTER.include_router(programmes.ROUTER)
ROUTER.include_router(proposals.ROUTER)
