"""JSON Patch (RFC 6902) on a record: add, replace, remove and test."""

from copy import deepcopy

from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.sandbox.anysystem.refusals import refuse
from specbridge.sandbox.anysystem.values import Row


def apply_patch(profile: Profile, row: Row, operations: Json) -> Row:
    """Return the record with all operations done; raises the refusal of the first that cannot be."""
    if not isinstance(operations, list):
        raise refuse(profile, 400, "a patch is a list of operations")
    new = deepcopy(row)
    for one in operations:
        if not isinstance(one, dict) or not isinstance(one.get("path"), str):
            raise refuse(profile, 400, "an operation has a path")
        _apply(profile, new, one)
    return new


def _apply(profile: Profile, row: Row, operation: Row) -> None:
    path = str(operation["path"])
    steps = [one.replace("~1", "/").replace("~0", "~") for one in path.split("/")[1:]]
    holder: Json = row
    for step in steps[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if not isinstance(holder, dict) or not steps:
        raise refuse(profile, 400, f"there is nothing at {path}")
    match operation.get("op"):
        case "test":
            if holder.get(steps[-1]) != operation.get("value"):
                raise refuse(profile, 409, f"{path} is another value")
        case "add" | "replace":
            holder[steps[-1]] = deepcopy(operation.get("value"))
        case "remove":
            holder[steps[-1]] = None
        case other:
            raise refuse(profile, 400, f"there is no operation {other!r}")
