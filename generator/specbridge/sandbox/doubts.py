"""What the vendors' pages leave open, or say in two ways: the sandbox can do either.

By default it does what docs/sandbox.md says; a doubt that is named does the other thing.
"""

from enum import Enum


class Doubt(Enum):
    """A behaviour that is not certain; the text beside it says what naming it brings about."""

    NAMES_WITH_CAPITALS = "zendesk-names-with-capitals"  # `Drift` and `DRIFT` are two names
    RELATED_CHANGES = "zendesk-related-changes"  # identities and memberships move `updated_at`
    SILENT_DELETIONS = "zendesk-silent-deletions"  # exports never tell of deleted organizations
    TOO_RECENT_422 = "zendesk-too-recent-422"  # the older refusal of a start within a minute
    FULL_QUEUE_400 = "zendesk-full-queue-400"  # too many jobs are a 400, not a 429
    FORBIDDEN_IN_WORDS = "zendesk-forbidden-in-words"  # a 403's `error` is a text
    STRANGERS_401 = "zendesk-strangers-401"  # nobody is anonymous
    MAIL_WITH_CAPITALS = "zendesk-mail-with-capitals"  # addresses are stored as sent
    SHUFFLED_RESULTS = "zendesk-shuffled-results"  # a job's results in another order, with `index`
    TOKENS_WITHOUT_END = "zendesk-tokens-without-end"  # unless their life is asked for
    EMPTY_TEXTS = "zendesk-empty-texts"  # what is unset reads "", not null

    LARGE_PAGES_400 = "poweroffice-large-pages-400"  # a PageSize above the maximum is refused
    UNKNOWN_PROPERTIES_400 = "poweroffice-unknown-properties-400"  # refused in a POST
    ADDRESS_FROM_PARTS = "poweroffice-address-from-parts"  # a part makes the address it belongs to
    PATHS_WITH_CAPITALS = "poweroffice-paths-with-capitals"  # `/customers` is not `/Customers`
    TRIMMED_TEXTS = "poweroffice-trimmed-texts"  # outer blanks are gone
    NO_PAGE_LINKS = "poweroffice-no-page-links"  # lists have no header X-Pagination
    SEVERAL_DEFAULTS = "poweroffice-several-defaults"  # a default contact person clears no other
    ARCHIVED_HIDDEN = "poweroffice-archived-hidden"  # lists leave archived records out
    EMPTY_LISTS = "poweroffice-empty-lists"  # no rows are a 200 with [], not a 204
    REFERENCES_WITH_CAPITALS = "poweroffice-references-with-capitals"  # `a1` and `A1` are two
    PLAIN_PATCHES = "poweroffice-plain-patches"  # patches may come as application/json
    SPOKEN_REFUSALS = "poweroffice-spoken-refusals"  # a mistyped e-mail is a 400, not an empty 200

    TX_BAD_TOKENS_422 = "tripletex-bad-tokens-422"  # wrong tokens are no 401 at the token call
    TX_ENGLISH = "tripletex-english"  # the account's language
    TX_INACTIVE_LISTED = "tripletex-inactive-listed"  # unless active ones are asked for
    TX_NEWEST_FIRST = "tripletex-newest-first"  # the order where none is asked for
    TX_SMALL_PAGES = "tripletex-small-pages"  # 1000 rows a page at most, whatever is asked for
    TX_LARGE_RESULTS = "tripletex-large-results"  # customers and contacts without bound
    TX_EXACT_NAMES = "tripletex-exact-names"  # customerName finds whole names alone
    TX_SINCE_IGNORED = "tripletex-since-ignored"  # changedSince filters nothing
    TX_SINCE_INCLUDED = "tripletex-since-included"  # the instant itself is returned, too
    TX_SINCE_UTC = "tripletex-since-utc"  # changedSince is by UTC
    TX_ADDRESSES_APART = "tripletex-addresses-apart"  # an edited address moves nothing of its owner
    TX_ADDRESSES_MERGED = "tripletex-addresses-merged"  # parts that are not sent are kept
    TX_ADDRESSES_FOUND = "tripletex-addresses-found"  # one without an id is the one that is there
    TX_NULLS_REFUSED = "tripletex-nulls-refused"  # a text is emptied by "" alone
    TX_NUMBERS_SHARED = "tripletex-numbers-shared"  # of customers and of suppliers
    TX_ORGANIZATIONS_UNIQUE = "tripletex-organizations-unique"  # by their organization numbers
    TX_DEPARTMENTS_NUMBERED = "tripletex-departments-numbered"  # none without a number
    TX_EHF_ADDRESSED = "tripletex-ehf-addressed"  # a company needs an address for its invoices
    TX_CONTACTS_STAY = "tripletex-contacts-stay"  # with their customers
    TX_ID_ON_POST_400 = "tripletex-id-on-post-400"  # not 422
    TX_LISTS_OPEN = "tripletex-lists-open"  # calls that are BETA are open to the account
    TX_ONE_RECORD = "tripletex-one-record"  # a customer that is a supplier has one id in both lists
    TX_RESETS_TOLD = "tripletex-resets-told"  # a 429 says when the period ends

    SHORT_INSTANTS = "hubspot-short-instants"  # a fraction that is zero is left out
    NULLS_CLEAR = "hubspot-nulls-clear"  # null empties a property, and is no wrong value
    MAIL_OF_CONTACTS_WITH_CAPITALS = "hubspot-mail-with-capitals"  # addresses are stored as sent
    TAKEN_ON_PATCH_400 = "hubspot-taken-on-patch-400"  # an update to a taken address is a 400
    TAKEN_VALUES_409 = "hubspot-taken-values-409"  # unique custom values: a 409, not a 400
    ARCHIVED_SHOWN = "hubspot-archived-shown"  # an archived record is shown by its id, not a 404
    MERGED_IN_ARCHIVE = "hubspot-merged-in-archive"  # merged ids are among the archived records
    UPDATES_WHOLE = "hubspot-updates-whole"  # a batch of updates is all or nothing, marks or not
    RESULTS_IN_ORDER = "hubspot-results-in-order"  # those of a batch come as they were asked for
    FIRST_IS_PRIMARY = "hubspot-first-is-primary"  # a first plain association marks the company
    SEVERAL_PRIMARIES = "hubspot-several-primaries"  # the mark stays on the company before
    ASSOCIATIONS_MOVE_INSTANTS = "hubspot-associations-move-instants"  # of the contact
    SHORT_SEARCHES = "hubspot-short-searches"  # a search's whole body has 3,000 characters at most
    LONGER_ADDRESSES = "hubspot-longer-addresses"  # 16,000 characters instead of 8,000
    LIMITS_AS_CATEGORY = "hubspot-limits-as-category"  # a 429 has a category, not an errorType
    WAITS_IN_MILLISECONDS = "hubspot-waits-in-milliseconds"  # a 429 has a Retry-After: 1000
