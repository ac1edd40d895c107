"""The one envelope of all refusals; its texts are in the account's language."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from specbridge.sandbox.messages import Answer, RefusalError, Row

NORWEGIAN, ENGLISH = "no", "en"
INVALID = 18000
_LINK = "https://tripletex.no/v2-docs/"

_TEXTS: Mapping[str, tuple[str, str]] = {
    "invalid": ("Validering feilet.", "Validation failed."),
    "null": ("Kan ikke være null.", "Cannot be null."),
    "used": ("Nummeret er i bruk.", "The number is in use."),
    "unknown": ("Feltet eksisterer ikke i objektet.", "The field does not exist in the object."),
    "format": ("Ugyldig format.", "Invalid format."),
    "id": (
        "ID kan ikke settes når man oppretter et objekt.",
        "ID cannot be set when an object is created.",
    ),
    "address": (
        "Kunden må ha en postadresse for å motta EHF.",
        "The customer needs a postal address to receive EHF.",
    ),
    "kept": (
        "Kan ikke slettes:<ul><li>Det finnes <b>fakturaer</b>.</li><li>Det finnes ordre.</li></ul>",
        "Cannot be deleted:<ul><li>There are <b>invoices</b>.</li><li>There are orders.</li></ul>",
    ),
    "revision": ("Objektet er endret av en annen.", "The object was changed by somebody else."),
    "moved": ("Kontakten kan ikke flyttes.", "The contact cannot be moved."),
    "taken": ("Organisasjonsnummeret er i bruk.", "The organisation number is in use."),
}


def told(word: str, language: str) -> str:
    """Return a text in a language."""
    return _TEXTS[word][language == ENGLISH]


def envelope(
    status: int,
    code: int,
    message: str,
    *,
    developer: str | None = None,
    fields: Sequence[tuple[str | None, str]] | None = None,
) -> Answer:
    """Return a refusal; `fields` are what is wrong with each of them."""
    request = uuid4().hex
    messages: list[Row] | None = None
    if fields is not None:
        messages = [
            {"field": name, "message": text, "path": f"null.{name}", "rootId": None}
            for name, text in fields
        ]
    body = {
        "status": status,
        "code": code,
        "message": message,
        "link": _LINK,
        "developerMessage": developer,
        "validationMessages": messages,
        "requestId": request,
    }
    return Answer(status=status, body=body, headers={"x-tlx-request-id": request})


def refuse(status: int, code: int, message: str, developer: str | None = None) -> RefusalError:
    """Return a refusal that is of no field."""
    return RefusalError(envelope(status, code, message, developer=developer))


def invalid(field: str | None, word: str, language: str, status: int = 422) -> RefusalError:
    """Return the refusal of a record because of one of its fields."""
    answer = envelope(
        status,
        INVALID,
        told("invalid", language),
        developer="VALIDATION_ERROR",
        fields=[(field, told(word, language))],
    )
    return RefusalError(answer)


def unauthorized() -> RefusalError:
    """Return the refusal of whoever has no session that lives."""
    hint = "Could not log in. Check login info in Authorization header."
    return refuse(401, 3000, "Unauthorized", hint)


def not_found() -> RefusalError:
    """Return the refusal of an id that there is not: of the record itself, or of one that it refers to."""
    return refuse(404, 6000, "Object not found")


def forbidden() -> RefusalError:
    """Return the refusal of what the token has no right to."""
    return refuse(403, 9000, "You do not have permission to access this feature.")
