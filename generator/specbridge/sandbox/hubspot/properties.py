"""The properties that an account has from the start, by kind of object; custom ones are added to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("contacts", "companies", "products")
CHANGED = {
    "contacts": "lastmodifieddate",
    "companies": "hs_lastmodifieddate",
    "products": "hs_lastmodifieddate",
}
"""The property that has the instant of a record's last change."""

DEFAULTS = {
    "contacts": ("createdate", "email", "firstname", "lastname", "lastmodifieddate"),
    "companies": ("name", "domain", "createdate", "hs_lastmodifieddate"),
    "products": ("name", "description", "price", "hs_sku", "createdate", "hs_lastmodifieddate"),
}
"""What is answered where nothing is asked for, besides the id."""

REFERENCE = "specbridge_reference"
"""A custom text with unique values, as a person would have made it for us."""

STAGES = (
    *("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity"),
    *("customer", "evangelist", "other"),
)
_INDUSTRIES = ("COMPUTER_SOFTWARE", "CONSTRUCTION", "FOOD_BEVERAGES", "RETAIL", "UTILITIES")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "lifecyclestage": STAGES,
    "hs_lead_status": ("NEW", "OPEN", "IN_PROGRESS", "CONNECTED", "UNQUALIFIED"),
    "hs_language": ("nb-no", "en-gb", "sv-se", "da-dk"),
    "type": ("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"),
}
_SET_BY_HUBSPOT = ("createdate", "hs_object_id", "hs_merged_object_ids", "hs_object_source")
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "contacts": (
        *("email", "firstname", "lastname", "salutation", "jobtitle", "phone", "mobilephone"),
        *("fax", "company", "website", "address", "city", "state", "zip", "country"),
        *("lifecyclestage", "hs_lead_status", "hs_language", "industry", "message"),
        *("hs_linkedin_url", "hubspot_owner_id", "work_email", "date_of_birth"),
    ),
    "companies": (
        *("name", "domain", "phone", "address", "address2", "city", "state", "zip", "country"),
        *("website", "industry", "description", "about_us", "lifecyclestage", "hs_lead_status"),
        *("type", "timezone", "founded_year", "hubspot_owner_id", "linkedin_company_page"),
    ),
    "products": (
        *("name", "description", "hs_sku", "hs_url", "hs_images", "hs_product_type"),
        *("recurringbillingfrequency", "hs_recurring_billing_period"),
    ),
}
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "contacts": (),
    "companies": ("annualrevenue", "numberofemployees"),
    "products": ("price", "hs_cost_of_goods_sold", "tax", "quantity"),
}
_CALCULATED: Mapping[str, tuple[str, ...]] = {
    "contacts": (
        *("associatedcompanyid", "hs_additional_emails", "hs_email_domain"),
        *("num_associated_deals", "num_notes", "hs_lastmodifieddate"),
        "hs_searchable_calculated_phone_number",
    ),
    "companies": ("hs_additional_domains", "num_associated_contacts", "num_notes"),
    "products": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A property as the account knows it; `options` are the internal names of an enumeration."""

    name: str
    type: str = "string"
    read_only: bool = False
    unique: bool = False
    options: tuple[str, ...] = ()
    custom: bool = False

    def shown(self) -> dict[str, Any]:
        """Return the definition as the properties' API shows it."""
        return {
            "name": self.name,
            "label": self.name.replace("_", " ").capitalize(),
            "type": self.type,
            "fieldType": "select" if self.options else "text",
            "groupName": "information",
            "hasUniqueValue": self.unique,
            "calculated": self.read_only,
            "hubspotDefined": not self.custom,
            "options": [{"label": one.title(), "value": one} for one in self.options],
            "modificationMetadata": {"readOnlyValue": self.read_only, "archivable": self.custom},
        }


@dataclass(slots=True)
class Definitions:
    """The definitions of an account, by kind of object and name."""

    by_kind: dict[str, dict[str, Definition]] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, Definition]:
        """Return the definitions of a kind of object, by name."""
        return self.by_kind[kind]


def default_definitions() -> Definitions:
    """Return what an account has from the start, and the property that carries our references."""
    return Definitions({kind: {one.name: one for one in _define(kind)} for kind in KINDS})


def _define(kind: str) -> list[Definition]:
    texts = [
        Definition(
            name=name,
            type="enumeration" if _options(kind, name) else "string",
            unique=(kind, name) == ("contacts", "email"),
            options=_options(kind, name),
        )
        for name in _TEXTS[kind]
    ]
    numbers = [Definition(name=name, type="number") for name in _NUMBERS[kind]]
    own = [Definition(name=name, read_only=True) for name in (*_SET_BY_HUBSPOT, *_CALCULATED[kind])]
    instants = [Definition(name=CHANGED[kind], type="datetime", read_only=True)]
    others = [Definition(name="closedate", type="datetime")] if kind != "products" else []
    reference = Definition(name=REFERENCE, unique=True, custom=True)
    return [*texts, *numbers, *own, *others, *instants, reference]


def _options(kind: str, name: str) -> tuple[str, ...]:
    # Of contacts the industry is a free text.
    if name == "industry":
        return _INDUSTRIES if kind == "companies" else ()
    return _OPTIONS.get(name, ())
