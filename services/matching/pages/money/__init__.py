"""Pages about a donor's money: what it would unlock, and where it could be steered."""

from typing import Final

from fastapi import APIRouter

from services.matching.pages.money import steering, unlock

ROUTER: Final = APIRouter()
for part in (unlock, steering):
    ROUTER.include_router(part.ROUTER)
