from fastapi import APIRouter

ROUTER = APIRouter(prefix="/matching")
