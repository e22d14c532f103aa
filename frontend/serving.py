"""What the server loads: the application for the settings of this process."""

from fastapi import FastAPI

from frontend import logs
from frontend.app import create_app
from frontend.opening import open_market
from services.ground.settings import load


def app() -> FastAPI:
    """Open the market and assemble the application."""
    settings = load()
    logs.configure(settings.log_level)
    return create_app(open_market(settings))
