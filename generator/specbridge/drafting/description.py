"""OpenAPI descriptions as texts: JSON or YAML, 3.0 or 3.1, in one file."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from specbridge.errors import ProfileError
from specbridge.model.values import Json

Table = Mapping[str, Json]

if TYPE_CHECKING:
    _FastLoader = yaml.SafeLoader
else:
    # Where libyaml is at hand: a description may have a hundred thousand lines.
    _FastLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_VALIDATORS = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
_VERSION = re.compile(r"(3\.[01])(\.\d+)*(-.*)?")
_MOST_FAULTS = 5
_DEEPEST = 200
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A description: `document` as it stands, and the `faults` that a validator finds in it.

    Vendors' own descriptions have faults (defaults of another type, say) that hinder no draft.
    """

    document: Table
    faults: tuple[str, ...] = ()


_LEFT_OUT = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")


class _Loader(_FastLoader):
    """YAML as JSON has it: instants stay texts, and `no` is the country, not a truth."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # its parent's
        first: [(tag, form) for tag, form in rows if tag not in _LEFT_OUT]
        for first, rows in _FastLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    _LEFT_OUT[0], re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read_description(text: str, path: str) -> Description:
    """Return the description that a text states; `path` names it in errors.

    Raises ProfileError for what is neither JSON nor YAML, for another version, and for references to
    other files.
    """
    document = _parse(text, path)
    _version_of(document, path)
    if not isinstance(document.get("paths"), dict):
        raise ProfileError(f"{path}: has no paths: nothing says which calls there are")
    for reference in _references_in(document):
        if not reference.startswith("#/"):
            raise ProfileError(
                f"{path}: refers to {reference}, another file: bundle them into one first"
            )
    faults = tuple(dict.fromkeys(_faults_of(document)))
    return Description(document=document, faults=faults)


def describe_faults(description: Description, path: str) -> Iterator[str]:
    """Yield a line for the first faults of a description, and one that counts the rest."""
    for fault in description.faults[:_MOST_FAULTS]:
        yield f"{path}: not as OpenAPI has it: {fault}"
    if len(description.faults) > _MOST_FAULTS:
        yield f"{path}: and {len(description.faults) - _MOST_FAULTS} more such faults"


def _faults_of(document: Table) -> Iterator[str]:
    """Yield what a validator has to say; nothing of it hinders a draft."""
    validator = _VALIDATORS[str(document["openapi"])[:3]]
    try:
        for error in validator(dict(document)).iter_errors():
            where = ".".join(map(str, error.absolute_path))
            yield f"{where or 'the whole'}: {' '.join(str(error.message).split())}"[:_LONGEST]
    # It fails in many ways: on references that lead nowhere, on schemas that contain themselves.
    except Exception as error:
        yield f"the validator gave up: {type(error).__name__}"


def _parse(text: str, path: str) -> Table:
    try:
        parsed: object = json.loads(text.removeprefix("\ufeff"))
    except ValueError:
        try:
            parsed = yaml.load(text, _Loader)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise ProfileError(f"{path}: is neither JSON nor YAML: {error}") from error
    except RecursionError as error:
        raise ProfileError(f"{path}: is nested too deeply to be read") from error
    if not isinstance(parsed, dict):
        raise ProfileError(f"{path}: is no OpenAPI description: it is not a table")
    return cast(Table, _with_text_keys(parsed, path))


def _with_text_keys(value: object, path: str, depth: int = 0) -> object:
    """Return a value whose keys are all texts: in YAML `200` is a number."""
    if depth > _DEEPEST:
        raise ProfileError(f"{path}: is nested too deeply to be read")
    if isinstance(value, dict):
        return {_key_text(key): _with_text_keys(one, path, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(one, path, depth + 1) for one in value]
    return value


def _key_text(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def _version_of(document: Table, path: str) -> str:
    """Return `3.0` or `3.1`; raises ProfileError for any other description."""
    if "swagger" in document:
        raise ProfileError(
            f"{path}: is Swagger {document['swagger']}; OpenAPI 3.0 and 3.1 are read:"
            " convert it first (swagger2openapi, or the vendor's newer file)"
        )
    version = document.get("openapi")
    if version is None:
        raise ProfileError(f"{path}: is no OpenAPI description: it has no key openapi")
    found = _VERSION.fullmatch(str(version))
    if found is None:
        raise ProfileError(f"{path}: is OpenAPI {version}; 3.0 and 3.1 are read")
    return found[1]


def _references_in(value: Json | Table) -> Iterator[str]:
    """Yield all references, those in examples aside, which are anybody's data."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "$ref" and isinstance(one, str):
                yield one
            elif key not in ("example", "examples", "default", "enum", "const"):
                yield from _references_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references_in(one)
