"""The kinds of records and what is particular to each, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from specbridge.sandbox.messages import Row
from specbridge.sandbox.poweroffice_go.properties import (
    CONTACT_ADDRESS,
    PLAIN_ADDRESS,
    Property,
    empty_row,
    read_properties,
)


class Code(NamedTuple):
    """What a code of a POST stands for: the record of `kind` whose property `by` it is.

    `gives` is the property that takes the record's id. No `kind`: the sandbox has none of them.
    """

    gives: str
    kind: str = ""
    by: str = "Code"
    singular: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record: its properties, and how its calls behave.

    `defaults` gives every property's value when it is not sent. `read_only` are ignored in a POST
    and refused in a PATCH; `post_only` refused in a PATCH; `unshown` taken and never answered.
    `unique` values are refused a second time. `filters` maps query parameters (lower case) to
    properties; one that ends in `*` takes several values, one in `~` a part of the value. `codes`
    are looked up. `own_address` says that the address has an id and an instant of its own.
    `answers_patch` is False where a PATCH gives no body back. `nested` is True where paths hold the
    contact's id.
    """

    name: str
    singular: str
    properties: Mapping[str, Property]
    defaults: Row
    created: str
    read_only: frozenset[str]
    post_only: frozenset[str] = frozenset()
    unshown: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Code] = field(default_factory=dict)
    own_address: bool = True
    answers_patch: bool = True
    created_status: int = 201
    nested: bool = False

    @property
    def address(self) -> Mapping[str, Property]:
        """Return the parts of the kind's address that may be written."""
        return CONTACT_ADDRESS if self.own_address else PLAIN_ADDRESS


def _kind(  # noqa: PLR0913  # a table's row
    name: str,
    singular: str,
    writable: str,
    *,
    never: str = "",
    post_only: str = "",
    unshown: str = "",
    created: str = "CreatedDateTimeOffset",
    choices: Mapping[str, str] | None = None,
    defaults: Row | None = None,
    filters: str = "",
    required: tuple[str, ...] = (),
    unique: tuple[str, ...] = (),
    codes: Mapping[str, Code] | None = None,
    own_address: bool = True,
    answers_patch: bool = True,
    created_status: int = 201,
    nested: bool = False,
) -> Kind:
    stamps = f"integer: Id\n instant: {created} LastChangedDateTimeOffset\n {never}"
    fixed, once = read_properties(stamps), read_properties(post_only, choices)
    hidden = read_properties(unshown)
    properties = {**fixed, **read_properties(writable, choices), **once, **hidden}
    shown = {n: p for n, p in properties.items() if n not in hidden}
    pairs = (word.partition("=") for word in filters.split())
    return Kind(
        name=name,
        singular=singular,
        properties=properties,
        defaults=empty_row(shown, defaults or {}),
        created=created,
        read_only=frozenset(fixed),
        post_only=frozenset({**once, **hidden}),
        unshown=frozenset(hidden),
        required=required,
        unique=unique,
        filters={word.lower(): target for word, _, target in pairs},
        codes=codes or {},
        own_address=own_address,
        answers_patch=answers_patch,
        created_status=created_status,
        nested=nested,
    )


_CONTACT = """
    text: EmailAddress FirstName LastName PhoneNumber
    text50: ExternalImportReference
    integer: ExternalNumber Number
    boolean: IsArchived
    address: MailAddress
    ids: ContactGroupIds
    date: DateOfBirth
"""
_CONTACT_NEVER = """
    instant: ContactCreatedDateTimeOffset
    uuid: CreatedFromImportJournalId
    integer: SubledgerAccountId
"""
_SERIES = "uuid: SubLedgerNumberSeriesId"
_REFERENCES = ("ExternalImportReference", "ExternalNumber")
_CONTACT_FILTERS = (
    "externalImportReference=ExternalImportReference externalNos=ExternalNumber"
    " contactGroupIds=ContactGroupIds"
)
_DEPARTMENT = Code("DepartmentId", "Departments", singular="Department")
_BY_MAIL_OR_PRINT = "PdfByEmail Print"
_AGRICULTURE = "None Finance Farming Forestry FurAnimals OtherIndustries Private"
_UNITS = (
    "BX MTR KMT KGM EA LTR HUR DAY MTK MTQ TNE MON ANN QAN NL XRO XBA XPL XPC PR XCI XBG SET XTY"
    " XOF FTK KWH MWH LBR CMT DMT LM XPK GRM HGM XFL XBE E54 MMT DAA H18 MLT HLT DLT AK XCR E14 MJ"
    " J57 XJG XCT XSA XTU WEE XCA XCN NAR M4 XVQ P1 MFU KMK LM3 FOT FM3 E34 E35"
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "Customers",
            "Customer",
            _CONTACT + """
            text: CurrencyCode InvoiceEmailAddress LegalName Name NationalIdNumber OrganizationNumber
            text: PaymentReminderEmailAddress WebsiteUrl
            text2000: InvoiceEmailAddressCC
            number: Allowance BillableRate
            date: CustomerSince
            integer: DeliveryTermId DepartmentId InvoiceBrandingThemeId PaymentTermId
            integer: SalesPersonEmployeeId
            boolean: DoNotAddLatePaymentFees DoNotAddLatePaymentInterest
            boolean: DoNotAutomatePaymentNotifications IsPerson IsVatFree SendPaymentReminders
            boolean: TransferToDebtCollectionAgency UseInvoiceFee
            choice: InvoiceDeliveryType NoticeOfDebtCollectionDeliveryType ReminderDeliveryType
            """,
            # The contact's own date may be older: it may have been a supplier before.
            created="CustomerCreatedDateTimeOffset",
            never=f"{_CONTACT_NEVER} boolean: IsActive",
            # A POST looks codes up; a PATCH takes the ids only.
            post_only="text: DeliveryTerm DepartmentCode InvoiceBrandingThemeCode"
            "\n integer: PaymentTerm SalesPersonEmployeeNumber",
            unshown=_SERIES,
            choices={
                "InvoiceDeliveryType": "PdfByEmail Print EHF AvtaleGiro External Efaktura Factoring",
                "NoticeOfDebtCollectionDeliveryType": _BY_MAIL_OR_PRINT,
                "ReminderDeliveryType": _BY_MAIL_OR_PRINT,
            },
            defaults={
                "IsPerson": False,
                "IsArchived": False,
                "IsActive": True,
                "CurrencyCode": "NOK",
                "ContactGroupIds": [],
            },
            unique=_REFERENCES,
            filters=f"{_CONTACT_FILTERS} customerNos=Number",
            codes={
                "DepartmentCode": _DEPARTMENT,
                "InvoiceBrandingThemeCode": Code(
                    "InvoiceBrandingThemeId", singular="Branding theme"
                ),
                "SalesPersonEmployeeNumber": Code(
                    "SalesPersonEmployeeId", "Employees", "Number", "Employee"
                ),
            },
        ),
        _kind(
            "ContactPersons",
            "Contact person",
            """
            text: EmailAddress FirstName LastName PhoneNumber Title
            text50: ExternalCode
            boolean: IsActive IsDefault
            address: MailAddress
            """,
            # A contact person cannot move to another customer: delete and create it again.
            never="integer: ContactId",
            defaults={"IsActive": True, "IsDefault": False},
            required=("FirstName", "LastName"),
            unique=("ExternalCode",),
            filters="contactIds=ContactId externalCodes=ExternalCode*",
            own_address=False,
            nested=True,
        ),
        _kind(
            "Departments",
            "Department",
            "text: Code Name \n boolean: IsActive \n integer: ManagerEmployeeId",
            never="uuid: CreatedFromImportJournalId",
            post_only="integer: ManagerEmployeeNo",
            # So the documentation says: who forgets it makes a department that nobody sees.
            defaults={"IsActive": False},
            required=("Name",),
            unique=("Code",),
            filters="codes=Code* name=Name isActive=IsActive",
            codes={
                "ManagerEmployeeNo": Code("ManagerEmployeeId", "Employees", "Number", "Employee")
            },
            answers_patch=False,
        ),
        _kind(
            "Suppliers",
            "Supplier",
            f"{_CONTACT} text: CurrencyCode LegalName Name OrganizationNumber WebsiteUrl"
            "\n boolean: IsPerson Payout",
            created="SupplierCreatedDateTimeOffset",
            never=f"{_CONTACT_NEVER} boolean: IsActive",
            unshown=_SERIES,
            defaults={"IsPerson": False, "IsArchived": False, "IsActive": True},
            unique=_REFERENCES,
            filters=f"{_CONTACT_FILTERS} supplierNos=Number",
        ),
        _kind(
            "Employees",
            "Employee",
            _CONTACT + """
            date: EndDate HiredDate StartDate
            text: InternationalIdCountryCode InternationalIdNumber JobTitle NationalIdNumber
            integer: DepartmentId LocationId ManagerEmployeeId
            boolean: InternationalIdReportToAltinn
            choice: Gender InternationalIdType
            """,
            created="EmployeeCreatedDateTimeOffset",
            never=_CONTACT_NEVER
            + "integer: ExpenseBankAccountId SalaryBankAccountId TravelExpenseBankAccountId",
            post_only="text: DepartmentCode LocationCode \n integer: ManagerEmployeeNo",
            unshown=_SERIES,
            choices={
                "Gender": "Male Female Hidden",
                "InternationalIdType": "PassportNumber NationalIdentityNumber"
                " TaxIdentificationNumber ValueAddedTaxIdentificationNumber",
            },
            defaults={"IsArchived": False},
            required=("FirstName", "LastName"),
            unique=_REFERENCES,
            filters=f"{_CONTACT_FILTERS} employeeNos=Number",
            codes={
                "DepartmentCode": _DEPARTMENT,
                "LocationCode": Code("LocationId", singular="Location"),
                "ManagerEmployeeNo": Code("ManagerEmployeeId", "Employees", "Number", "Employee"),
            },
        ),
        _kind(
            "ContactGroups",
            "Contact group",
            "text400: Name",
            required=("Name",),
            filters="names=Name*",
        ),
        _kind(
            "Products",
            "Product",
            """
            text100: Code
            text400: Name
            text: Description Gtin
            integer: OptionalSalesAccountId ProductGroupId StandardSalesAccountId
            boolean: IsArchived IsStockItem
            number: StockOnHand UnitCost UnitPrice
            choice: ProductType UnitOfMeasureCode
            """,
            never="uuid: CreatedFromImportJournalId \n number: StockAvailable"
            "\n instant: StockOnHandLastChangedDatetimeOffset",
            post_only="text: ProductGroupCode \n integer: OptionalSalesAccount StandardSalesAccount"
            "\n choice: OptionalSalesAccountAgricultureDepartment"
            " StandardSalesAccountAgricultureDepartment",
            choices={
                "ProductType": "Product Service",
                "UnitOfMeasureCode": _UNITS,
                "OptionalSalesAccountAgricultureDepartment": _AGRICULTURE,
                "StandardSalesAccountAgricultureDepartment": _AGRICULTURE,
            },
            defaults={"IsArchived": False},
            required=("Name",),
            unique=("Code",),
            filters="codes=Code* names=Name* isArchived=IsArchived type=ProductType",
            codes={"ProductGroupCode": Code("ProductGroupId", singular="Product group")},
            # Products alone answer 200 to a create; all others say 201.
            created_status=200,
        ),
        _kind(
            "Projects",
            "Project",
            """
            text: Code ContractNo ExpenseMarkupDescription HourlyRateMarkupDescription Name
            text: PurchaseOrderNo
            boolean: AllowAllActivities AllowAllEmployees AttachExpenseVouchersWhenBilling
            boolean: DenyTimeTracking ExpenseMarkupEnabled HourlyRateMarkupEnabled IsActive
            boolean: IsBillable IsInternal
            number: BillableRate BudgetedBillableRate BudgetedCostOfGoods BudgetedHours
            number: BudgetedOtherOperatingExpenses BudgetedPayrollExpenses BudgetedRevenueHours
            number: BudgetedTotalRevenue ExpenseMarkupFactor FixedPrice HourlyRateMarkupFactor
            integer: BrandingThemeId ContactPersonId CustomerId DeliveryTermId DepartmentId
            integer: ExternalNumber LocationId ParentProjectId PaymentTermId Progress
            integer: ProjectManagerEmployeeId
            date: EndDate StartDate
            choice: BillableRateSpecification ProjectBillingMethod ProjectStatus
            """,
            never="uuid: CreatedFromImportJournalId",
            post_only="text: BrandingThemeCode DeliveryTerm DepartmentCode LocationCode"
            " ParentProjectCode \n integer: CustomerNo PaymentTerms ProjectManagerEmployeeNo",
            choices={
                "BillableRateSpecification": "Activity Employee Project",
                "ProjectBillingMethod": "FixedPrice Time TimeAndExpenses",
                "ProjectStatus": "Tentative Active Archived NotStarted Complete",
            },
            defaults={"IsActive": True},
            required=("Name",),
            unique=("Code",),
            filters="projectCodes=Code* name=Name~ projectBillingMethod=ProjectBillingMethod"
            " status=ProjectStatus",
            codes={
                "BrandingThemeCode": Code("BrandingThemeId", singular="Branding theme"),
                "CustomerNo": Code("CustomerId", "Customers", "Number", "Customer"),
                "DepartmentCode": _DEPARTMENT,
                "LocationCode": Code("LocationId", singular="Location"),
                "ParentProjectCode": Code("ParentProjectId", "Projects", singular="Project"),
                "ProjectManagerEmployeeNo": Code(
                    "ProjectManagerEmployeeId", "Employees", "Number", "Employee"
                ),
            },
            answers_patch=False,
        ),
    )
}
