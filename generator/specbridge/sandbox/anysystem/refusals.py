"""Answers that refuse, with their message where the profile says that an error has it."""

from specbridge.model.profile import Profile, Resource
from specbridge.model.values import Path
from specbridge.sandbox.anysystem.values import Row, set_at
from specbridge.sandbox.messages import Answer, RefusalError


def refuse(profile: Profile, status: int, message: str, **headers: str) -> RefusalError:
    """Return the refusal, to be raised."""
    return RefusalError(Answer(status=status, body=_body(profile, message), headers=headers))


def refuse_taken(profile: Profile, resource: Resource, path: Path, value: object) -> RefusalError:
    """Return the refusal of a unique value that another record has, in the words that `taken` knows."""
    message = f"{'.'.join(path)} {value!r} is taken"
    body = _body(profile, message)
    for one in resource.taken:
        if one.property == path and one.equals:
            set_at(body, tuple(step.removesuffix("[]") for step in one.path), one.equals)
    return RefusalError(Answer(status=422, body=body))


def _body(profile: Profile, message: str) -> Row:
    body: Row = {}
    plain = [
        path for path in profile.errors if "*" not in path and not any("[]" in p for p in path)
    ]
    set_at(body, plain[0] if plain else ("message",), message)
    return body
