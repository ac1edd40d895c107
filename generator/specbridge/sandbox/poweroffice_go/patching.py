"""JSON Patch (RFC 6902) as PowerOffice applies it: names in paths are matched case aside."""

from copy import deepcopy
from typing import Any

from specbridge.sandbox.messages import RefusalError, Row
from specbridge.sandbox.poweroffice_go.kinds import Kind
from specbridge.sandbox.poweroffice_go.properties import Type
from specbridge.sandbox.poweroffice_go.refusals import invalid


def apply_patch(kind: Kind, row: Row, operations: Any, *, new_address: bool = False) -> Row:
    """Return the record after all operations; raises RefusalError, and none is applied, if one fails.

    With `new_address` a part that is set makes the address which is not there yet.
    """
    if not isinstance(operations, list):
        raise invalid(kind, "A JSON patch document is an array of operations.")
    # On a copy: a patch whose last operation fails must leave nothing of the first.
    patched = deepcopy(row)
    for operation in operations:
        if not isinstance(operation, dict):
            raise invalid(kind, "An operation is an object.")
        if new_address and _is_part(operation) and patched["MailAddress"] is None:
            patched["MailAddress"] = {}
        _apply(kind, patched, operation)
    return patched


def sets_whole_address(operations: Any) -> bool:
    """Return whether one of the operations states an address as a whole."""
    return any(_pointer(operation) == "mailaddress" for operation in operations)


def touches_address_only(operations: Any) -> bool:
    """Return whether nothing but the address is written."""
    written = [op for op in operations if str(op.get("op", "")).lower() != "test"]
    return bool(written) and all(_pointer(op).startswith("mailaddress") for op in written)


def _pointer(operation: Row) -> str:
    return str(operation.get("path", "")).strip("/").lower()


def _is_part(operation: Row) -> bool:
    return _pointer(operation).startswith("mailaddress/")


def _apply(kind: Kind, row: Row, operation: Row) -> None:
    verb = str(operation.get("op", "")).lower()
    path = _resolve(kind, row, str(operation.get("path", "")), writing=verb != "test")
    if verb in ("add", "replace"):
        _put(kind, row, path, operation.get("value"), adding=verb == "add")
    elif verb == "remove":
        _remove(kind, row, path)
    elif verb == "test":
        if _get(row, path) != operation.get("value"):
            raise invalid(
                kind, f"The current value at path '{path[-1]}' is not equal to the test value."
            )
    elif verb in ("copy", "move"):
        origin = _resolve(kind, row, str(operation.get("from", "")), writing=verb == "move")
        value = deepcopy(_get(row, origin))
        if verb == "move":
            _remove(kind, row, origin)
        _put(kind, row, path, value, adding=True)
    else:
        raise invalid(kind, f"Invalid JsonPatch operation '{verb}'.")


def _resolve(kind: Kind, row: Row, pointer: str, *, writing: bool) -> list[str]:
    """Return the names as they are written in the record; raises RefusalError for an unknown one."""
    first, *rest = pointer.removeprefix("/").replace("~1", "/").replace("~0", "~").split("/")
    name = next((n for n in kind.defaults if n.lower() == first.lower()), None)
    refused = writing and name is not None and name in kind.read_only | kind.post_only
    if name is None or refused:
        raise _not_there(kind, first)
    shape = kind.properties[name].type
    # A part of an address that is not there: the documentation is silent, so it is refused.
    if shape is Type.ADDRESS and rest:
        part = next((n for n in kind.address if n.lower() == rest[0].lower()), None)
        if part is None or row.get(name) is None:
            raise _not_there(kind, rest[0])
        return [name, part]
    if rest and shape is not Type.IDS:
        raise _not_there(kind, rest[0])
    return [name, *rest]


def _not_there(kind: Kind, segment: str) -> RefusalError:
    name = kind.singular.title().replace(" ", "")
    text = (
        f"{name}PatchDto: The target location specified by path segment '{segment}' was not found."
    )
    return invalid(kind, text)


def _get(row: Row, path: list[str]) -> Any:
    value: Any = row
    for name in path:
        if isinstance(value, list):
            value = value[int(name)] if name.isdigit() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(kind: Kind, row: Row, path: list[str], value: Any, *, adding: bool) -> None:
    *parents, last = path
    holder = _get(row, parents) if parents else row
    if isinstance(holder, list):
        # The vendor's own example writes the number as a text.
        value = int(value) if isinstance(value, str) and value.isdigit() else value
        if last == "-":
            holder.append(value)
        elif last.isdigit() and int(last) <= len(holder):
            _put_item(holder, int(last), value, adding=adding)
        else:
            raise invalid(kind, f"The index '{last}' is outside the bounds of the array.")
    else:
        holder[last] = value


def _put_item(holder: list[Any], index: int, value: Any, *, adding: bool) -> None:
    # JSON Patch: `add` moves the rest of a list up, `replace` does not.
    if adding:
        holder.insert(index, value)
    else:
        holder[index : index + 1] = [value]


def _remove(kind: Kind, row: Row, path: list[str]) -> None:
    *parents, last = path
    holder = _get(row, parents) if parents else row
    if isinstance(holder, list):
        # As in the vendor's example: the last one.
        last = str(len(holder) - 1) if last == "-" else last
        if not last.isdigit() or int(last) >= len(holder):
            raise invalid(kind, f"The index '{last}' is outside the bounds of the array.")
        del holder[int(last)]
    else:
        # A property is never gone: all are listed, and an empty one reads null.
        holder[last] = None
