"""The kinds of records and what is particular to each, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from specbridge.sandbox.messages import Row

ADDRESS = ("AddressLine1", "AddressLine2", "City", "CountryCode", "ZipCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record: its properties, and how its calls behave.

    `defaults` gives every property's value when it is not sent. `read_only` are ignored in a POST
    and refused in a PATCH; `post_only` refused in a PATCH. `unique` values are refused a second
    time. `filters` maps query parameters (lower case) to properties. `answers_patch` is False where
    a PATCH gives no body back. `nested` is True where paths hold the contact's id.
    """

    name: str
    singular: str
    defaults: Row
    created: str
    read_only: frozenset[str]
    post_only: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    answers_patch: bool = True
    created_status: int = 201
    nested: bool = False


def _kind(  # noqa: PLR0913  # a table's row
    name: str,
    singular: str,
    properties: str,
    *,
    created: str = "CreatedDateTimeOffset",
    read_only: str = "",
    post_only: str = "",
    defaults: Row | None = None,
    filters: Mapping[str, str] | None = None,
    required: tuple[str, ...] = (),
    unique: tuple[str, ...] = (),
    answers_patch: bool = True,
    created_status: int = 201,
    nested: bool = False,
) -> Kind:
    never = {"Id", created, "LastChangedDateTimeOffset", *read_only.split()}
    names = dict.fromkeys(("Id", *properties.split(), *post_only.split(), *sorted(never)))
    return Kind(
        name=name,
        singular=singular,
        defaults={**names, **(defaults or {})},
        created=created,
        read_only=frozenset(never),
        post_only=frozenset(post_only.split()),
        required=required,
        unique=unique,
        filters=filters or {},
        answers_patch=answers_patch,
        created_status=created_status,
        nested=nested,
    )


_CONTACT = (
    "EmailAddress ExternalImportReference ExternalNumber FirstName IsArchived LastName"
    " MailAddress Number PhoneNumber ContactGroupIds DateOfBirth"
)
_CONTACT_NEVER = "ContactCreatedDateTimeOffset CreatedFromImportJournalId SubledgerAccountId"
_REFERENCES = ("ExternalImportReference", "ExternalNumber")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "Customers",
            "Customer",
            f"{_CONTACT} Name LegalName IsPerson OrganizationNumber WebsiteUrl CurrencyCode"
            " CustomerSince DeliveryTermId DepartmentId InvoiceBrandingThemeId InvoiceEmailAddress"
            " InvoiceEmailAddressCC IsVatFree NationalIdNumber PaymentTermId"
            " PaymentReminderEmailAddress SalesPersonEmployeeId SendPaymentReminders",
            # The contact's own date may be older: it may have been a supplier before.
            created="CustomerCreatedDateTimeOffset",
            read_only=f"{_CONTACT_NEVER} IsActive",
            # A POST looks codes up; a PATCH takes the ids only.
            post_only="DeliveryTerm DepartmentCode InvoiceBrandingThemeCode PaymentTerm"
            " SalesPersonEmployeeNumber SubLedgerNumberSeriesId",
            defaults={
                "IsPerson": False,
                "IsArchived": False,
                "IsActive": True,
                "CurrencyCode": "NOK",
                "ContactGroupIds": [],
            },
            unique=_REFERENCES,
            filters={
                "externalimportreference": "ExternalImportReference",
                "externalnos": "ExternalNumber",
                "customernos": "Number",
            },
        ),
        _kind(
            "ContactPersons",
            "Contact person",
            "EmailAddress ExternalCode FirstName IsActive IsDefault LastName MailAddress PhoneNumber"
            " Title",
            # A contact person cannot move to another customer: delete and create it again.
            read_only="ContactId",
            defaults={"IsActive": True, "IsDefault": False},
            required=("FirstName", "LastName"),
            unique=("ExternalCode",),
            filters={"contactids": "ContactId", "externalcodes": "ExternalCode"},
            nested=True,
        ),
        _kind(
            "Departments",
            "Department",
            "Code IsActive ManagerEmployeeId Name",
            read_only="CreatedFromImportJournalId",
            post_only="ManagerEmployeeNo",
            # So the documentation says: who forgets it makes a department that nobody sees.
            defaults={"IsActive": False},
            required=("Name",),
            unique=("Code",),
            filters={"codes": "Code", "name": "Name", "isactive": "IsActive"},
            answers_patch=False,
        ),
        _kind(
            "Suppliers",
            "Supplier",
            f"{_CONTACT} Name LegalName IsPerson OrganizationNumber WebsiteUrl CurrencyCode Payout",
            created="SupplierCreatedDateTimeOffset",
            read_only=f"{_CONTACT_NEVER} IsActive",
            post_only="SubLedgerNumberSeriesId",
            defaults={"IsPerson": False, "IsArchived": False, "IsActive": True},
            unique=_REFERENCES,
            filters={
                "externalimportreference": "ExternalImportReference",
                "externalnos": "ExternalNumber",
                "suppliernos": "Number",
            },
        ),
        _kind(
            "Employees",
            "Employee",
            f"{_CONTACT} DepartmentId HiredDate StartDate EndDate JobTitle ManagerEmployeeId",
            created="EmployeeCreatedDateTimeOffset",
            read_only=f"{_CONTACT_NEVER} ExpenseBankAccountId SalaryBankAccountId"
            " TravelExpenseBankAccountId",
            post_only="DepartmentCode LocationCode ManagerEmployeeNo SubLedgerNumberSeriesId",
            defaults={"IsArchived": False},
            required=("FirstName", "LastName"),
            unique=_REFERENCES,
            filters={
                "externalimportreference": "ExternalImportReference",
                "externalnos": "ExternalNumber",
                "employeenos": "Number",
            },
        ),
        _kind(
            "ContactGroups",
            "Contact group",
            "Name",
            required=("Name",),
            filters={"names": "Name"},
        ),
        _kind(
            "Products",
            "Product",
            "Code Description Gtin IsArchived IsStockItem Name ProductGroupId UnitCost UnitPrice",
            read_only="CreatedFromImportJournalId StockAvailable"
            " StockOnHandLastChangedDatetimeOffset",
            post_only="ProductGroupCode StandardSalesAccount OptionalSalesAccount",
            defaults={"IsArchived": False},
            required=("Name",),
            unique=("Code",),
            filters={"codes": "Code", "names": "Name", "isarchived": "IsArchived"},
            # Products alone answer 200 to a create; all others say 201.
            created_status=200,
        ),
        _kind(
            "Projects",
            "Project",
            "Code ContactPersonId CustomerId DepartmentId EndDate ExternalNumber IsActive IsBillable"
            " IsInternal Name ProjectStatus StartDate",
            read_only="CreatedFromImportJournalId",
            post_only="BrandingThemeCode DepartmentCode LocationCode ParentProjectCode CustomerNo"
            " ProjectManagerEmployeeNo DeliveryTerm PaymentTerms",
            defaults={"IsActive": True},
            required=("Name",),
            unique=("Code",),
            filters={"projectcodes": "Code", "name": "Name"},
            answers_patch=False,
        ),
    )
}
