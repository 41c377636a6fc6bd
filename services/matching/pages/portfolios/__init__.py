"""Pages of scenarios and their plans. Fixed addresses stand before those that hold an id."""

from typing import Final

from fastapi import APIRouter

from services.matching.pages.portfolios import comparing, editing, plan, shelf

ROUTER: Final = APIRouter()
for part in (editing, comparing, shelf, plan):
    ROUTER.include_router(part.ROUTER)
