"""Making answers out of values that were checked before."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


@cache
def _names(model: type[BaseModel]) -> set[str]:
    """Give one set for all that are made: complete values set every field there is, and a copy takes a set of its own."""
    return set(model.model_fields)


def made(model: type[Model], values: dict[str, Any]) -> Model:
    """Put a complete set of checked values into a model as they are.

    `model_construct` looks at every field again in Python: for a page of hits that takes longer than the search.
    """
    new = model.__new__(model)
    object.__setattr__(new, "__dict__", values)
    object.__setattr__(new, "__pydantic_fields_set__", _names(model))
    object.__setattr__(new, "__pydantic_extra__", None)
    object.__setattr__(new, "__pydantic_private__", None)
    return new
