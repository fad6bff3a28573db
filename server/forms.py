"""Forms: multipart forms that refuse, by name, a field that they do not have."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, model_validator

from core.errors import UnknownField


class StrictForm(BaseModel):
    """Base of all forms; `extra="forbid"` would refuse too, and could not say which fields there are."""

    model_config = {"extra": "forbid"}  # also has the framework hand unknown fields on

    @model_validator(mode="before")
    @classmethod
    def _know_every_field(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        for field in values:
            if field not in cls.model_fields:
                raise UnknownField(field, cls.model_fields)
        return {field: value for field, value in values.items() if value != ""}  # a browser sends every empty field
