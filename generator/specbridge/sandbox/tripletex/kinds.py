"""The kinds of records and what is particular to each, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from specbridge.sandbox.messages import Row

ADDRESS = "address"
"""What stands in `nested` for an address, which has no call of its own."""


class Type(Enum):
    """The types of values; each is also the word for it in the table of kinds."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    TRUTH = "truth"
    DAY = "day"
    MAIL = "mail"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record: what it holds, and how its calls behave.

    `nested` are its objects: the kind that a reference is of, ADDRESS, or "" for one that the sandbox has
    none of. `choices` are the names of enums. `never` are set by the server, and ignored where they are
    sent; `zeros` read 0 where they are unset. One of `needed` must be there, all of `required`. `number` is
    given where it is left out, and nobody else's. `filters` map parameters to properties; one that ends in
    `~` takes a part of the value. `since`: the list has changedSince; `active_only`: it shows inactive
    records on request alone.
    """

    name: str
    values: Mapping[str, Type]
    nested: Mapping[str, str]
    never: frozenset[str]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zeros: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    number: str = ""
    first_number: int = 10_001
    filters: Mapping[str, str] = field(default_factory=dict)
    since: bool = False
    active_only: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all properties that a record has."""
        return frozenset({*self.values, *self.nested, "id", "version", "url", "changes"})

    def empty_row(self) -> Row:
        """Return a record of which nothing is set: empty texts, no references."""
        row: Row = dict.fromkeys(self.nested)
        for name, type_ in self.values.items():
            row[name] = _EMPTY[type_] if name not in self.choices else self.choices[name][0]
        return row | dict.fromkeys(self.zeros, 0)


_EMPTY: Mapping[Type, object] = {
    Type.TEXT: "",
    Type.MAIL: "",
    Type.NUMBER: 0.0,
    Type.WHOLE: 0,
    Type.TRUTH: False,
    Type.DAY: None,
    Type.TEXTS: (),
}


def _kind(  # noqa: PLR0913  # a table's row
    name: str,
    table: str,
    nested: str = "",
    *,
    never: str = "",
    choices: Mapping[str, str] | None = None,
    zeros: str = "",
    required: str = "",
    needed: str = "",
    number: str = "",
    first_number: int = 10_001,
    filters: str = "",
    since: bool = False,
    active_only: bool = False,
) -> Kind:
    values: dict[str, Type] = {}
    for line in table.strip().splitlines():
        word, _, names = line.strip().partition(": ")
        values |= dict.fromkeys(names.split(), Type(word))
    pairs = (word.partition("=") for word in filters.split())
    objects = (word.partition("=") for word in nested.split())
    chosen = {name: tuple(words.split()) for name, words in (choices or {}).items()}
    values |= dict.fromkeys(chosen, Type.TEXT)
    return Kind(
        name=name,
        values=values,
        nested={word: target for word, _, target in objects},
        never=frozenset({"id", "url", "changes", *never.split()}),
        choices=chosen,
        zeros=tuple(zeros.split()),
        required=tuple(required.split()),
        needed=tuple(needed.split()),
        number=number,
        first_number=first_number,
        filters={word: target for word, _, target in pairs},
        since=since,
        active_only=active_only,
    )


_PARTY_OBJECTS = (
    "accountManager=employee postalAddress=address physicalAddress=address deliveryAddress=address"
    " category1= category2= category3= currency=currency ledgerAccount="
)
_LANGUAGE = "NO EN"

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "customer",
            """
            text: name organizationNumber phoneNumber phoneNumberMobile description displayName
            text: invoiceSMSNotificationNumber website
            mail: email invoiceEmail overdueNoticeEmail
            whole: globalLocationNumber supplierNumber customerNumber invoicesDueIn
            truth: isSupplier isCustomer isInactive isPrivateIndividual singleCustomerInvoice
            truth: isFactoring invoiceSendSMSNotification isAutomaticSoftReminderEnabled
            truth: isAutomaticReminderEnabled isAutomaticNoticeOfDebtCollectionEnabled
            number: discountPercentage
            texts: bankAccounts bankAccountPresentation
            """,
            f"{_PARTY_OBJECTS} department=department",
            never="isCustomer displayName",
            choices={
                "language": _LANGUAGE,
                "invoiceSendMethod": "EHF EMAIL EFAKTURA AVTALEGIRO VIPPS PAPER MANUAL",
                "emailAttachmentType": "LINK ATTACHMENT",
                "invoicesDueInType": "DAYS MONTHS RECURRING_DAY_OF_MONTH",
            },
            required="name",
            number="customerNumber",
            filters="customerAccountNumber=customerNumber organizationNumber=organizationNumber"
            " email=email invoiceEmail=invoiceEmail customerName=name~"
            " phoneNumberMobile=phoneNumberMobile isInactive=isInactive"
            " accountManagerId=accountManager",
            since=True,
            active_only=True,
        ),
        _kind(
            "contact",
            """
            text: firstName lastName displayName phoneNumberMobile phoneNumberWork
            mail: email
            truth: isInactive
            """,
            "phoneNumberMobileCountry=country customer=customer department=department",
            never="displayName",
            needed="firstName lastName email",
            filters="firstName=firstName~ lastName=lastName~ email=email~ customerId=customer"
            " departmentId=department",
        ),
        _kind(
            "department",
            """
            text: name departmentNumber displayName
            whole: businessActivityTypeId
            truth: isInactive
            """,
            "departmentManager=employee",
            never="displayName businessActivityTypeId",
            required="name",
            filters="name=name~ departmentNumber=departmentNumber~"
            " departmentManagerId=departmentManager isInactive=isInactive",
        ),
        _kind(
            "supplier",
            """
            text: name organizationNumber phoneNumber phoneNumberMobile description displayName
            text: locale website
            mail: email invoiceEmail overdueNoticeEmail
            whole: supplierNumber customerNumber
            truth: isSupplier isCustomer isInactive isPrivateIndividual showProducts isWholesaler
            texts: bankAccounts bankAccountPresentation
            """,
            _PARTY_OBJECTS,
            never="isSupplier displayName isWholesaler locale",
            choices={"language": _LANGUAGE},
            required="name",
            number="supplierNumber",
            first_number=20_001,
            filters="supplierNumber=supplierNumber organizationNumber=organizationNumber"
            " email=email invoiceEmail=invoiceEmail isInactive=isInactive"
            " accountManagerId=accountManager isWholesaler=isWholesaler",
            since=True,
            active_only=True,
        ),
        _kind(
            "employee",
            """
            text: firstName lastName displayName employeeNumber phoneNumberMobile phoneNumberHome
            text: phoneNumberWork nationalIdentityNumber dnumber bankAccountNumber iban bic comments
            mail: email
            day: dateOfBirth
            whole: creditorBankCountryId pictureId companyId
            truth: usesAbroadPayment allowInformationRegistration isContact isProxy
            truth: isAuthProjectOverviewURL vismaConnect2FAactive
            texts: employments
            """,
            "phoneNumberMobileCountry=country address=address department=department"
            " internationalId= holidayAllowanceEarned= employeeCategory=",
            never="displayName allowInformationRegistration isProxy isAuthProjectOverviewURL"
            " pictureId companyId vismaConnect2FAactive",
            choices={"userType": "STANDARD EXTENDED NO_ACCESS"},
            required="firstName lastName",
            filters="firstName=firstName~ lastName=lastName~ employeeNumber=employeeNumber"
            " email=email~ departmentId=department"
            " allowInformationRegistration=allowInformationRegistration",
        ),
        _kind(
            "product",
            """
            text: name number displayNumber description orderLineDescription ean elNumber nrfNumber
            text: hsnCode displayName
            number: costExcludingVatCurrency expenses expensesInPercent costPrice profit
            number: profitInPercent priceExcludingVatCurrency priceIncludingVatCurrency
            number: discountPrice weight volume markupListPercentage markupNetPercentage
            number: priceInTargetCurrency purchasePriceCurrency minStockLevel
            number: stockOfGoods availableStock incomingStock outgoingStock
            truth: isInactive isStockItem isDeletable hasSupplierProductConnected isRoundPriceIncVat
            """,
            "discountGroup= productUnit= vatType= currency=currency department=department account="
            " supplier=supplier resaleProduct=product image= mainSupplierProduct=",
            never="displayNumber elNumber nrfNumber expensesInPercent costPrice profit"
            " profitInPercent discountPrice markupListPercentage markupNetPercentage displayName"
            " isRoundPriceIncVat priceInTargetCurrency purchasePriceCurrency isDeletable"
            " stockOfGoods availableStock incomingStock outgoingStock",
            choices={"weightUnit": "kg g hg", "volumeUnit": "cm3 dm3 m3"},
            required="name",
            filters="ids=id number=number productNumber=number name=name~ ean=ean isInactive=isInactive"
            " isStockItem=isStockItem supplierId=supplier currencyId=currency"
            " departmentId=department",
        ),
    )
}
"""The kinds that have calls, by the names in their paths."""

ADDRESS_KIND = _kind(
    ADDRESS,
    """
    text: addressLine1 addressLine2 postalCode city displayName addressAsString
    text: displayNameInklMatrikkel unitNumber
    whole: knr gnr bnr fnr snr
    """,
    "country=country",
    never="displayName addressAsString displayNameInklMatrikkel",
)
DELIVERY_KIND = _kind(
    "deliveryAddress",
    """
    text: addressLine1 addressLine2 postalCode city displayName addressAsString
    text: displayNameInklMatrikkel unitNumber name
    whole: knr gnr bnr fnr snr
    """,
    "country=country customerVendor=",
    never="displayName addressAsString displayNameInklMatrikkel",
)
COUNTRY_KIND = _kind(
    "country",
    "text: name displayName isoAlpha2Code isoAlpha3Code isoNumericCode",
    filters="code=isoAlpha2Code",
)
CURRENCY_KIND = _kind(
    "currency", "text: code description displayName \n whole: factor \n truth: isDisabled"
)
"""Kinds that are shown within others; countries have a list, too."""

ON_DEMAND = frozenset(
    {"changes", "stockOfGoods", "availableStock", "incomingStock", "outgoingStock"}
)
"""What no answer shows unless it is asked for by its name."""

ALL_KINDS: Mapping[str, Kind] = {
    **KINDS,
    **{kind.name: kind for kind in (ADDRESS_KIND, DELIVERY_KIND, COUNTRY_KIND, CURRENCY_KIND)},
}


def kind_within(kind: Kind, name: str) -> Kind | None:
    """Return the kind of an object within a record, None for one that the sandbox has none of."""
    if name == DELIVERY_KIND.name:
        return DELIVERY_KIND
    return ALL_KINDS.get(kind.nested[name])
