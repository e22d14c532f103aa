"""Making answers out of values that were checked before."""

from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def made(model: type[Model], values: dict[str, Any]) -> Model:
    """Put a complete set of checked values into a model as they are.

    `model_construct` looks at every field again in Python: for a page of hits that takes longer than the search.
    """
    new = model.__new__(model)
    object.__setattr__(new, "__dict__", values)
    object.__setattr__(new, "__pydantic_fields_set__", set(values))
    object.__setattr__(new, "__pydantic_extra__", None)
    object.__setattr__(new, "__pydantic_private__", None)
    return new
