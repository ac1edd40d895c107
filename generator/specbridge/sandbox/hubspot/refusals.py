"""The one envelope of HubSpot's errors; every key but the message may be missing."""

import json
from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_OID, uuid5

from specbridge.sandbox.messages import Answer, RefusalError, Row

_CONFLICT = 409

PORTAL = 14_820_317
"""The account's number."""


def envelope(message: str, category: str, **more: object) -> Row:
    """Return the body of an error; its correlation id is made of what it says."""
    known = str(uuid5(NAMESPACE_OID, f"{category}:{message}"))
    return {
        "status": "error",
        "message": message,
        "correlationId": known,
        "category": category,
        **more,
    }


def refuse(status: int, message: str, category: str, **more: object) -> RefusalError:
    """Return a refusal of the whole request."""
    return RefusalError(Answer(status=status, body=envelope(message, category, **more)))


def invalid(message: str) -> RefusalError:
    """Return the 400 of a request that is wrong as a whole."""
    return refuse(400, message, "VALIDATION_ERROR")


def not_found() -> RefusalError:
    """Return the 404 of a record."""
    return refuse(404, "resource not found", "OBJECT_NOT_FOUND")


def taken_email(holder: str) -> RefusalError:
    """Return the 409 of an address that is somebody's: the id is in the text alone."""
    return refuse(409, f"Contact already exists. Existing ID: {holder}", "CONFLICT")


def invalid_values(faults: Sequence[Mapping[str, str]], status: int = 400) -> RefusalError:
    """Return the refusal of a record for its values; each fault has `name`, `error` and `message`."""
    told = [
        {
            "isValid": False,
            "message": fault["message"],
            "error": fault["error"],
            "name": fault["name"],
            "localizedErrorMessage": fault["message"],
            "portalId": PORTAL,
        }
        for fault in faults
    ]
    errors = [
        {
            "message": fault["message"],
            "code": fault["error"],
            "context": {"propertyName": [fault["name"]]},
        }
        for fault in faults
    ]
    # The values' faults are JSON within the text, as captured answers have them.
    text = f"Property values were not valid: {json.dumps(told, ensure_ascii=False)}"
    category = "CONFLICT" if status == _CONFLICT else "VALIDATION_ERROR"
    return refuse(status, text, category, errors=errors)
