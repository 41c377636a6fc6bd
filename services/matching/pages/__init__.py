"""Pages of matching, one module a page."""

from typing import Final

from fastapi import APIRouter

from services.matching.pages import actions, desk, moves, packages, pair, ranking, windows

ROUTER: Final = APIRouter()
for part in (desk, ranking, pair, packages, moves, windows, actions):
    ROUTER.include_router(part.ROUTER, prefix="/matching")
