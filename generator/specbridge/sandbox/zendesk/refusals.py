"""The four envelopes of errors."""

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, RefusalError


def refuse(status: int, error: object, description: str = "") -> RefusalError:
    """Return a refusal with `error` and, where there is one, `description`."""
    body = {"error": error, "description": description} if description else {"error": error}
    return RefusalError(Answer(status=status, body=body))


def not_found() -> RefusalError:
    """Return the 404 of a record."""
    return refuse(404, "RecordNotFound", "Not found")


def unauthenticated() -> RefusalError:
    """Return the 401."""
    return refuse(401, "Couldn't authenticate you")


def forbidden(message: str, otherwise: frozenset[Doubt]) -> RefusalError:
    """Return the 403, in one of the two forms that are known."""
    if Doubt.FORBIDDEN_IN_WORDS in otherwise:
        return refuse(403, "Forbidden", message)
    return refuse(403, {"title": "Forbidden", "message": message})


def record_invalid(field: str, description: str, error: str | None = None) -> RefusalError:
    """Return the 422 of a record; `field` is `base` for the record as a whole."""
    detail = {"description": description}
    if error is not None:
        detail["error"] = error
    body = {
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": {field: [detail]},
    }
    return RefusalError(Answer(status=422, body=body))


def duplicate(field: str, description: str) -> RefusalError:
    """Return the 422 of a value that is taken."""
    return record_invalid(field, description, "DuplicateValue")


def too_many_requests(wait: float) -> Answer:
    """Return the 429 with the seconds to wait."""
    seconds = max(1, int(wait + 0.999))
    error = {"code": "TooManyRequests", "title": "Too many requests to update"}
    return Answer(status=429, body={"errors": [error]}, headers={"Retry-After": str(seconds)})


def reason_of(refusal: RefusalError) -> str:
    """Return the words that a bulk job's result gives of a refusal."""
    body = refusal.answer.body
    details = body.get("details") if isinstance(body, dict) else None
    if not details:
        return "Not found"
    field, problems = next(iter(details.items()))
    # Two blanks, as in recorded results.
    return f"{field.capitalize()}:  {problems[0]['description']}"
