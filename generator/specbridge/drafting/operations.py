"""The calls of a description: what each is asked with and what it answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from specbridge.drafting.description import Table
from specbridge.drafting.shapes import Schemas, Shape
from specbridge.model.values import Json

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the address: `place` is `path` or `query`."""

    name: str
    place: str
    shape: Shape
    required: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call: `answer` is the shape of its first success, None where it has no body.

    `errors` are the shapes of refusals, `headers` the names of all answers' headers, `patched` the
    properties that a JSON Patch may name where the description lists them (`x-patch-dto`).
    """

    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: Shape | None = None
    media: str = ""
    answer: Shape | None = None
    errors: tuple[Shape, ...] = ()
    statuses: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    patched: tuple[str, ...] = ()
    description: str = ""

    def queries(self) -> Iterator[Parameter]:
        """Yield the parameters behind the question mark."""
        return (one for one in self.parameters if one.place == "query")


def read_operations(document: Table, schemas: Schemas) -> tuple[Operation, ...]:
    """Return all calls in the order of the document."""
    paths = document.get("paths")
    found: list[Operation] = []
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        table = schemas.follow(item)
        found.extend(
            _read_operation(path, method, table, schemas)
            for method in _METHODS
            if isinstance(table.get(method), dict)
        )
    return tuple(found)


def _read_operation(path: str, method: str, item: Table, schemas: Schemas) -> Operation:
    stated = item[method]
    assert isinstance(stated, dict)
    responses = stated.get("responses")
    answers = {
        str(status): schemas.follow(one)
        for status, one in (responses if isinstance(responses, dict) else {}).items()
    }
    good = [one for status, one in sorted(answers.items()) if status.startswith("2")]
    refused = [one for status, one in sorted(answers.items()) if not status.startswith(("2", "3"))]
    media, body = _content(schemas.follow(stated.get("requestBody")), schemas)
    bodies = [shape for _, shape in (_content(one, schemas) for one in good) if shape is not None]
    wrong = (shape for _, shape in (_content(one, schemas) for one in refused))
    return Operation(
        method=method.upper(),
        path=path,
        parameters=tuple(_read_parameters(item, stated, schemas)),
        body=body,
        media=media,
        answer=bodies[0] if bodies else None,
        errors=tuple(shape for shape in wrong if shape is not None),
        statuses=tuple(sorted(answers)),
        headers=tuple(sorted({name for one in answers.values() for name in _headers(one)})),
        patched=_patched(stated.get("x-patch-dto")),
        description=f"{stated.get('summary') or ''} {stated.get('description') or ''}".strip(),
    )


def _content(table: Mapping[str, Json], schemas: Schemas) -> tuple[str, Shape | None]:
    """Return the media type and the shape of a body; JSON before all others."""
    content = table.get("content")
    medias = content if isinstance(content, dict) else {}
    first = sorted(medias, key=lambda media: (media != "application/json", "json" not in media))
    if not first or "json" not in first[0]:
        return "", None
    stated = medias[first[0]]
    if not isinstance(stated, dict) or stated.get("schema") is None:
        return first[0], None
    shape = schemas.shape(stated["schema"])
    return first[0], replace(shape, examples=(*shape.examples, *_examples(stated, schemas)))


def _examples(stated: Table, schemas: Schemas) -> Iterator[Json]:
    """Yield the examples that stand beside a body's schema."""
    if stated.get("example") is not None:
        yield stated["example"]
    several = stated.get("examples")
    for one in several.values() if isinstance(several, dict) else ():
        value = schemas.follow(one).get("value")
        if value is not None:
            yield value


def _headers(table: Mapping[str, Json]) -> tuple[str, ...]:
    headers = table.get("headers")
    return tuple(headers) if isinstance(headers, dict) else ()


def _patched(stated: Json) -> tuple[str, ...]:
    names = stated.get("properties") if isinstance(stated, dict) else None
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def _read_parameters(item: Table, stated: Table, schemas: Schemas) -> Iterator[Parameter]:
    found: dict[tuple[str, str], Parameter] = {}
    # An operation's own parameter takes the place of the path's.
    for table in (item, stated):
        listed = table.get("parameters")
        for one in listed if isinstance(listed, list) else []:
            for parameter in _read_parameter(schemas.follow(one), schemas):
                found[parameter.place, parameter.name] = parameter
    return iter(found.values())


def _read_parameter(table: Mapping[str, Json], schemas: Schemas) -> Iterator[Parameter]:
    place, name = str(table.get("in")), str(table.get("name"))
    if place not in ("path", "query"):
        return
    shape = schemas.shape(table.get("schema"))
    if place == "query" and shape.properties:
        # By default the properties of an object are parameters of their own.
        deep = table.get("style") == "deepObject"
        for inner, one in schemas.properties(shape).items():
            if not one.read_only:
                word = f"{name}[{inner}]" if deep else inner
                yield Parameter(name=word, place=place, shape=one, description=one.description)
        return
    yield Parameter(
        name=name,
        place=place,
        shape=shape,
        required=table.get("required") is True,
        description=" ".join(str(table.get("description") or "").split()),
    )
