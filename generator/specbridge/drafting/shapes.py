"""Schemas as shapes: references followed, `allOf` joined, alternatives laid over each other.

3.0 says `nullable`, 3.1 a type `null` or an alternative of it: a shape is the same for both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from specbridge.drafting.description import Table
from specbridge.model.values import Json

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_MOST_STEPS = 20  # of references to references
_INSTANT_FORMATS = ("date-time", "datetime")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a schema says of a value; `type` is JSON Schema's word, empty where it leaves it open.

    `name` is the component's that it refers to, empty for a schema in place. `properties` and `items` are schemas
    as they stand. `open`: other properties are expressly let in. `variants` are alternatives of
    several kinds, by what each requires.
    """

    name: str = ""
    type: str = ""
    format: str = ""
    read_only: bool = False
    write_only: bool = False
    open: bool = False
    max_length: int | None = None
    required: frozenset[str] = frozenset()
    properties: Mapping[str, Json] = field(default_factory=dict)
    items: Json = None
    description: str = ""
    examples: tuple[Json, ...] = ()
    variants: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Schemas:
    """Reads the schemas of one document."""

    document: Table

    def shape(self, schema: Json, seen: tuple[str, ...] = ()) -> Shape:
        """Return the shape of a schema; one that contains itself is open at that place."""
        if not isinstance(schema, dict):
            return Shape()
        reference = schema.get("$ref")
        parts: list[Shape] = []
        if isinstance(reference, str):
            if reference in seen:
                return Shape()
            seen = (*seen, reference)
            referred = self.shape(self.resolve(reference), seen)
            parts.append(replace(referred, name=reference.rpartition("/")[2]))
        parts.extend(self.shape(one, seen) for one in _listed(schema.get("allOf")))
        parts.extend(self._alternatives(schema, seen))
        # Last: what stands beside a reference is said of this place.
        return _join([*parts, _own_shape(schema)])

    def resolve(self, reference: str) -> Json:
        """Return what a reference within the document leads to, None where it leads nowhere."""
        value: Json = cast(Json, self.document)
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~").replace("%7B", "{")
            value = value.get(name.replace("%7D", "}")) if isinstance(value, dict) else None
        return value

    def follow(self, value: Json) -> Mapping[str, Json]:
        """Return a table, or the one that it refers to (a parameter, a body, an answer)."""
        steps = 0
        while (
            isinstance(value, dict) and isinstance(value.get("$ref"), str) and steps < _MOST_STEPS
        ):
            value, steps = self.resolve(str(value["$ref"])), steps + 1
        return value if isinstance(value, dict) else {}

    def properties(self, shape: Shape) -> Mapping[str, Shape]:
        """Return the shapes of an object's properties, dated by examples where nothing else tells."""
        whole = [one for one in shape.examples if isinstance(one, dict)]
        found = {name: self.shape(schema) for name, schema in shape.properties.items()}
        return {
            name: _with_examples(one, tuple(example.get(name) for example in whole))
            for name, one in found.items()
        }

    def items(self, shape: Shape) -> Shape:
        """Return the shape of a list's elements."""
        listed = (one for example in shape.examples for one in _listed(example))
        return _with_examples(self.shape(shape.items), tuple(listed))

    def _alternatives(self, schema: Table, seen: tuple[str, ...]) -> Iterator[Shape]:
        for key in ("oneOf", "anyOf"):
            branches = [one for one in _listed(schema.get(key)) if not _is_null(one)]
            shapes = [self.shape(one, seen) for one in branches]
            if len(shapes) == 1:
                yield shapes[0]
            elif shapes:
                yield _overlay(shapes)


def is_instant(shape: Shape) -> bool:
    """Return whether a text is an instant: by its format, or by all its examples."""
    return shape.format in _INSTANT_FORMATS or _all_match(shape, _INSTANT)


def is_day(shape: Shape) -> bool:
    """Return whether a text is a date: by its format, or by all its examples."""
    return shape.format == "date" or _all_match(shape, _DAY)


def _all_match(shape: Shape, form: re.Pattern[str]) -> bool:
    told = [one for one in shape.examples if one not in (None, "")]
    if shape.type not in ("", "string") or shape.format or not told:
        return False
    return all(isinstance(one, str) and form.fullmatch(one) is not None for one in told)


def _own_shape(schema: Table) -> Shape:
    properties, items = schema.get("properties"), schema.get("items")
    length, required = schema.get("maxLength"), schema.get("required")
    examples = [schema[key] for key in ("example",) if schema.get(key) is not None]
    found = properties if isinstance(properties, dict) else {}
    return Shape(
        type=_type_of(schema),
        format=str(schema.get("format") or ""),
        read_only=schema.get("readOnly") is True,
        write_only=schema.get("writeOnly") is True,
        open=schema.get("additionalProperties") not in (None, False),
        max_length=length if isinstance(length, int) and length > 0 else None,
        required=frozenset(str(one) for one in required) if isinstance(required, list) else _NONE,
        # A name that is empty is no path.
        properties={name: one for name, one in found.items() if name},
        items=items,
        description=" ".join(str(schema.get("description") or "").split()),
        examples=(*examples, *_listed(schema.get("examples"))),
    )


_NONE: frozenset[str] = frozenset()


def _type_of(schema: Table) -> str:
    stated = schema.get("type")
    if isinstance(stated, str):
        return "" if stated == "null" else stated
    words = {str(one) for one in _listed(stated)} - {"null"}
    if words == {"integer", "number"}:
        return "number"
    if len(words) == 1:
        return words.pop()
    if words:
        return ""
    # Left out where the rest says it.
    if isinstance(schema.get("properties"), dict):
        return "object"
    return "array" if "items" in schema else ""


def _join(parts: Sequence[Shape]) -> Shape:
    """Return one shape of parts that all hold: later ones say more of the same."""
    joined = parts[0]
    for part in parts[1:]:
        joined = Shape(
            name=joined.name or part.name,
            type=part.type or joined.type,
            format=part.format or joined.format,
            read_only=joined.read_only or part.read_only,
            write_only=joined.write_only or part.write_only,
            open=joined.open or part.open,
            max_length=part.max_length or joined.max_length,
            required=joined.required | part.required,
            properties={**joined.properties, **part.properties},
            items=part.items if part.items is not None else joined.items,
            description=part.description or joined.description,
            examples=(*joined.examples, *part.examples),
            variants=(*joined.variants, *part.variants),
        )
    return joined


def _overlay(shapes: Sequence[Shape]) -> Shape:
    """Return what alternatives have in common, with the properties of all of them."""
    types = {shape.type for shape in shapes}
    formats = {shape.format for shape in shapes}
    properties: dict[str, Json] = {}
    for shape in reversed(shapes):
        properties.update(shape.properties)
    needed = frozenset.intersection(*(shape.required for shape in shapes))
    return Shape(
        type=types.pop() if len(types) == 1 else "number" if types == {"integer", "number"} else "",
        format=formats.pop() if len(formats) == 1 else "",
        read_only=all(shape.read_only for shape in shapes),
        open=any(shape.open for shape in shapes),
        required=needed,
        properties=properties,
        examples=tuple(one for shape in shapes for one in shape.examples),
        variants=tuple(shape.required for shape in shapes if shape.required != needed),
    )


def _with_examples(shape: Shape, examples: tuple[Json, ...]) -> Shape:
    return shape if shape.examples else replace(shape, examples=examples)


def _is_null(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
