"""The admin API put together: one FastAPI application over one emulator."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from adapters.rest import (
    abonnementer,
    beskeder,
    dueslag,
    errors,
    explain,
    fejlkoe,
    health,
    metrics,
    register,
    spor,
    vaerdilister,
)
from adapters.rest.access import Guard
from adapters.rest.context import Admin
from adapters.rest.models import Fejl
from adapters.rest.parameters import known_parameters
from adapters.rest.version import version

_PARTS = (health, metrics, abonnementer, explain, dueslag, fejlkoe, spor, vaerdilister, beskeder, register)


def create_api(admin: Admin) -> FastAPI:
    """The API as FastAPI has it, open to whoever calls: `create_app` guards it."""
    app = FastAPI(
        title="beskedfordeler",
        version=version(),
        summary="Admin API of the emulator: the register, what lies in the dueslag, and what happened to each message.",
        dependencies=[Depends(known_parameters)],
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Fejl}, "5XX": {"model": Fejl}},
    )
    app.state.admin = admin
    errors.install(app)
    for part in _PARTS:
        app.include_router(part.router)
    return app


def create_app(admin: Admin, bound: str = "127.0.0.1", token: str | None = None) -> ASGIApp:
    """The API for programs on this machine or, with a token, for whoever shows it.

    ``bound`` is the address that it will be served on.  Raises ValueError where that needs a token and there is none.
    """
    return Guard(create_api(admin), bound, token)
