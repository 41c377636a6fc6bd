"""Pages: what can be printed, what has been, and the documents themselves."""

from fastapi import APIRouter

from services.reports.pages import documents, proposals, windows

ROUTER = APIRouter()
for _part in (documents, proposals, windows):
    ROUTER.include_router(_part.ROUTER)
