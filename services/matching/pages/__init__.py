"""Pages of matching, one module a page."""

from typing import Final

from fastapi import APIRouter

from services.matching.pages import (
    action_pair,
    actions,
    answering,
    desk,
    fit,
    gaps,
    money,
    moves,
    outcomes,
    packages,
    pair,
    portfolios,
    pursuit_files,
    pursuits,
    questions,
    ranking,
    windows,
)

ROUTER: Final = APIRouter()
for part in (
    desk,
    ranking,
    pair,
    packages,
    moves,
    pursuits,
    pursuit_files,
    outcomes,
    windows,
    actions,
    action_pair,
    questions,
    answering,
    portfolios,
    gaps,
    fit,
    money,
):
    ROUTER.include_router(part.ROUTER, prefix="/matching")
