"""Pages of donors: parse, call a handler, answer."""

from fastapi import APIRouter

ROUTER = APIRouter(prefix="/donors")
