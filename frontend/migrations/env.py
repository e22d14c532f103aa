"""Alembic's entry: the database comes from the program, never from a file."""

import importlib
import pkgutil

from alembic import context
from sqlmodel import SQLModel

import services

for _module in pkgutil.walk_packages(services.__path__, "services."):
    if _module.name.endswith("models") or _module.name.startswith("services.ground."):
        importlib.import_module(_module.name)

target_metadata = SQLModel.metadata
connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=target_metadata, render_as_batch=True, compare_type=False)
with context.begin_transaction():
    context.run_migrations()
