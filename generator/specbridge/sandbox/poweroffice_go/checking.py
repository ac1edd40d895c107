"""What a record may hold: types, lengths, names of enums, e-mail addresses without typos."""

import re
from collections.abc import Mapping

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, RefusalError, Row
from specbridge.sandbox.poweroffice_go.kinds import Kind
from specbridge.sandbox.poweroffice_go.properties import Property, Type
from specbridge.sandbox.poweroffice_go.refusals import invalid

_HIDDEN = ("NationalIdNumber", "InternationalIdNumber")
_DOMAIN = re.compile(r"(?:[^.@\s]+\.)+[a-z]{2,}", re.IGNORECASE)
_MOST_COPIES = 10
_FIRST_CUSTOMER_NUMBER = 10_000


def known_names(kind: Kind, sent: Row, otherwise: frozenset[Doubt]) -> Row:
    """Return what a POST sends under the properties' own names; capitals make no difference.

    What is not known is left out; raises RefusalError 400 where the doubt has it refused.
    """
    names = {name.lower(): name for name in kind.properties}
    unknown = [name for name in sent if name.lower() not in names]
    if unknown and Doubt.UNKNOWN_PROPERTIES_400 in otherwise:
        raise invalid(kind, f"Could not find member '{unknown[0]}' on object.")
    return {names[n.lower()]: value for n, value in sent.items() if n.lower() in names}


def stored_values(kind: Kind, values: Row, otherwise: frozenset[Doubt]) -> Row:
    """Return the values as they are stored; raises RefusalError for one that no record may hold."""
    stored = {name: _stored(kind, name, values[name], otherwise) for name in values}
    number = stored.get("Number")
    if kind.name == "Customers" and isinstance(number, int) and number < _FIRST_CUSTOMER_NUMBER:
        raise invalid(kind, f"Number {number} is not within the customer number series.")
    for name in ("EmailAddress", "InvoiceEmailAddress", "PaymentReminderEmailAddress"):
        _check_mail(kind, name, stored.get(name), otherwise)
    copies = [part for part in str(stored.get("InvoiceEmailAddressCC") or "").split(";") if part]
    if len(copies) > _MOST_COPIES:
        raise invalid(kind, f"InvoiceEmailAddressCC holds more than {_MOST_COPIES} addresses.")
    # Who reads it is not told the number, only that there is one.
    return stored | {n: "hidden" for n in _HIDDEN if stored.get(n)}


def stored_address(kind: Kind, sent: object, otherwise: frozenset[Doubt]) -> Row:
    """Return an address with all its parts; raises RefusalError for one without City or ZipCode."""
    given = sent if isinstance(sent, dict) else {}
    words = {str(name).lower(): value for name, value in given.items()}
    address = stored_parts(kind, {n: words.get(n.lower()) for n in kind.address}, otherwise)
    if not address["City"] or not address["ZipCode"]:
        raise invalid(kind, "City and ZipCode are required in an address.")
    return address


def stored_parts(kind: Kind, parts: Row, otherwise: frozenset[Doubt]) -> Row:
    """Return the parts of an address as they are stored; a country is Norway unless it is stated."""
    stored = {
        name: _fitting(kind, f"MailAddress.{name}", shape, parts.get(name), otherwise)
        for name, shape in kind.address.items()
    }
    country = stored["CountryCode"] = stored["CountryCode"] or "NO"
    if not (isinstance(country, str) and re.fullmatch("[A-Za-z]{2}", country)):
        raise invalid(kind, f"'{country}' is not a country code of two letters.")
    return stored


def check_required(kind: Kind, row: Row) -> None:
    """Raise RefusalError for a record that misses what it needs."""
    for name in _required(kind, row):
        if not str(row[name] or "").strip():
            raise invalid(kind, f"{name} is required.")


def _required(kind: Kind, row: Row) -> tuple[str, ...]:
    if "IsPerson" in row:
        # The vendor's schema requires nothing of a customer: this is found out when it is sent.
        return ("FirstName", "LastName") if row["IsPerson"] else ("Name",)
    return kind.required


def _stored(kind: Kind, name: str, value: object, otherwise: frozenset[Doubt]) -> object:
    shape = kind.properties[name]
    return _fitting(kind, name, shape, value, otherwise)


def _fitting(
    kind: Kind, name: str, shape: Property, value: object, otherwise: frozenset[Doubt]
) -> object:
    if not shape.holds(value):
        raise invalid(kind, f"The value '{value}' is not valid for {name}.")
    if value is not None and shape.type is Type.CHOICE:
        return shape.choice(value)
    if not isinstance(value, str):
        return value
    if Doubt.TRIMMED_TEXTS in otherwise:
        value = value.strip()
    if shape.longest and len(value) > shape.longest:
        raise invalid(kind, f"{name} cannot be longer than {shape.longest} characters.")
    if name == "CurrencyCode" and not re.fullmatch("[A-Z]{3}", value):
        raise invalid(kind, f"'{value}' is not a currency code.")
    return value


def _check_mail(kind: Kind, name: str, value: object, otherwise: frozenset[Doubt]) -> None:
    if not value:
        return
    person, _, domain = str(value).rpartition("@")
    if person and _DOMAIN.fullmatch(domain):
        return
    if person and Doubt.SPOKEN_REFUSALS not in otherwise:
        # Seen with a mistyped domain: an empty 200, and nothing was written.
        raise RefusalError(Answer())
    raise invalid(kind, f"{name} is not a valid e-mail address.")


def writable(kind: Kind, row: Row) -> Row:
    """Return the values of a record that a client may have written."""
    left_out: Mapping[str, object] = dict.fromkeys((*kind.read_only, "MailAddress"))
    return {name: value for name, value in row.items() if name not in left_out}
