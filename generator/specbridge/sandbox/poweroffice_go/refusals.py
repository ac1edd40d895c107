"""ProblemDetails as the examples show them: lower-case `title` and `detail`, nothing else."""

from specbridge.sandbox.messages import Answer, RefusalError
from specbridge.sandbox.poweroffice_go.kinds import Kind


def refuse(status: int, title: str, detail: str) -> RefusalError:
    """Return the refusal with a ProblemDetails body."""
    return RefusalError(Answer(status=status, body={"title": title, "detail": detail}))


def invalid(kind: Kind, detail: str) -> RefusalError:
    """Return the 400 of a record that is not valid."""
    # A duplicate is a 400 too; the API has no 422, and 409 for deletions only.
    return refuse(400, f"{kind.singular} validation error(s)", detail)


def not_found(kind: Kind, identifier: str) -> RefusalError:
    """Return the 404 of a record that is not there."""
    detail = f"{kind.singular} with id = {identifier} not found."
    return refuse(404, "Object(s) not found", detail)


def in_use(kind: Kind, identifier: str) -> RefusalError:
    """Return the 409 of a record that others refer to."""
    detail = f"{kind.singular} with id = {identifier} is in use and cannot be deleted."
    return refuse(409, f"{kind.singular} conflict", detail)


def throttled(wait: float, *, worded: bool = False) -> Answer:
    """Return the gateway's 429; the token call's has its status as a text (`worded`)."""
    # Rounded up, and never 0: the vendor asks to wait for a second at least.
    seconds = max(1, int(wait + 0.999))
    message = f"Rate limit is exceeded. Try again in {seconds} seconds."
    return Answer(
        status=429,
        body={"statusCode": "429" if worded else 429, "message": message},
        headers={"Retry-After": str(seconds)},
    )
