"""Pages of proposals. The order matters: what has a name of its own comes before what is any section's name."""

from fastapi import APIRouter

from services.projects.pages.proposals import api, drafts, lists, one, sections, submission

ROUTER = APIRouter(prefix="/projects")
for _part in (api, lists, drafts, submission, one, sections):
    ROUTER.include_router(_part.ROUTER)
