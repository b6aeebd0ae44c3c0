"""Schemas of the TOML files that people write, made of the descriptions that read them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import fields
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from hydrant.exchange.mapping import Mapping
from hydrant.integrity.policy import Policy
from hydrant.telemetry.profile import Profile

#: Schema file: description.
FILES: dict[str, type] = {"mapping": Mapping, "policy": Policy, "driver": Profile}


def file_schema(described: type) -> JsonSchemaValue:
    """JSON Schema of a file; the keys are explained by the docstrings of the description."""
    return TypeAdapter(described).json_schema(schema_generator=_Generator)


class _Generator(GenerateJsonSchema):
    """Leaves out what TOML cannot say, that something is nothing, and explains the keys."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if found.get("default") in (None, []):
            found.pop("default", None)
        return found

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        found = super().dict_schema(schema)
        # pydantic lets keys pass that do not match the pattern of keys
        return found | ({"additionalProperties": False} if "patternProperties" in found else {})

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        found = super().dataclass_schema(schema)
        explained = _explained(schema["cls"])
        made = {one.name for one in fields(schema["cls"]) if "made" in one.metadata}
        found["properties"] = {
            key: part | {"description": explained[key]}
            for key, part in found["properties"].items()
            if key not in made
        }
        return found


def _explained(described: type[Any]) -> dict[str, str]:
    """Docstring of every key, those it has from other descriptions included."""
    words: dict[str, str] = {}
    for part in reversed(described.__mro__[:-1]):
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
        assert isinstance(tree, ast.ClassDef)  # noqa: S101
        for one, after in pairwise(tree.body):
            match one, after:
                case (
                    ast.AnnAssign(target=ast.Name(id=key)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    words[key] = " ".join(text.split())
    return words
