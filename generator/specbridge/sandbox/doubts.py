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
