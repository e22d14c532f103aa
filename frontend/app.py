"""The assembled application: routes of all capabilities, pages, who is calling, errors, and the background thread."""

import importlib.util
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.staticfiles import StaticFiles

import frontend.pages
from etl.closing_api import router as closings
from etl.imports.api import router as imports
from frontend import problems
from frontend.exporting import ListExports, describe
from frontend.identity import identify
from frontend.long_requests import BodyLimit
from frontend.middleware import PageHeaders, UploadLimit
from frontend.observing import Observed, watching
from frontend.worker import Background, drain_here, poke_celery
from services.accounts.api import router as accounts
from services.contracts import api as contracts
from services.contracts import desk_api as contract_desk
from services.contracts.around_api import router as contracts_around
from services.contracts.type_api import router as contract_types
from services.deals import api as deals
from services.deals.refusals_api import router as refusals
from services.follows.api import router as people
from services.ground.market import Market
from services.ground.web import Problem
from services.listings.api import router as listings
from services.listings.desk_api import router as desk
from services.listings.shown_api import router as shown
from services.matching import service as matching_service
from services.matching.api import router as matching
from services.matching.search_api import router as searching

STATIC = Path(__file__).parent / "static"


def create_app(market: Market) -> FastAPI:
    """Assemble the application for one market. Raises RuntimeError for an API route that does not say who may call it."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        background = Background(poke_celery(market) if market.settings.broker_url else drain_here(market))
        market.database.on_write(background.poke)
        background.start()
        yield
        background.stop()
        matching_service.write_down(market)

    app = FastAPI(
        title="要素 yaosu",
        version="0.1.0",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(identify)],
        description="技术需求、科技成果、对接、技术合同和指标。错误一律为 application/problem+json。",
    )
    app.state.market = market
    _around(app, market)
    problems.install(app)
    _include_routers(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(watching)
    _refuse_unmarked(app)
    app.openapi = lambda: _schema(app)  # type: ignore[method-assign]
    return app


def _include_routers(app: FastAPI) -> None:
    """Take in the routes of the API and every page."""
    # Fixed paths come before `/{noun}/{code}` of the listings.
    for router in (
        accounts,
        contract_desk.router,
        contract_desk.calendar,
        contracts.router,
        contracts.ledger,
        contract_types,
        contracts_around,
        deals.router,
        deals.introductions,
        deals.work,
        deals.unsuitable,
        refusals,
        matching,
        searching,
        imports,
        desk,
        people,
        shown,
        closings,
    ):
        app.include_router(router)
    for name in ("api", "plan_api", "statistics_api"):
        _include_later(app, f"services.indicators.{name}")
    app.include_router(listings)
    for module in sorted(pkgutil.iter_modules(frontend.pages.__path__), key=lambda item: item.name):
        pages = getattr(importlib.import_module(f"frontend.pages.{module.name}"), "pages", None)
        if pages is not None:
            app.include_router(pages, include_in_schema=False)


def _around(app: FastAPI, market: Market) -> None:
    """What every request passes; the last one named comes first."""
    limit = max(market.settings.max_upload_mb, market.settings.max_import_mb) + 1
    app.add_middleware(ListExports)
    app.add_middleware(BodyLimit, megabytes=limit)
    app.add_middleware(Observed)
    app.add_middleware(UploadLimit, megabytes=limit)
    app.add_middleware(PageHeaders, https=market.settings.public_url.startswith("https://"))


def _include_later(app: FastAPI, name: str) -> None:
    if importlib.util.find_spec(name) is None:
        return
    for router in importlib.import_module(name).ROUTERS:
        app.include_router(router)


def _refuse_unmarked(app: FastAPI) -> None:
    for route in iter_route_contexts(app.routes):
        api = isinstance(route.original_route, APIRoute) and str(route.path).startswith("/api/")
        if api and "x-action" not in (route.openapi_extra or {}):
            raise RuntimeError(f"{route.path} does not say who may call it")


def _schema(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(model.pop("$defs", {}))
        schemas["Problem"] = model
        schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}, {}]
        describe(schema)
        app.openapi_schema = schema
    return app.openapi_schema
