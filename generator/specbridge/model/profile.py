"""What is known of an API, as data: the contents of a profile (docs/profiles.md describes the TOML).

A path is a tuple of names; a name that ends in `[]` is a list (`("phones[]", "number")`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

from specbridge.model.conversion import ValueType
from specbridge.model.values import Json, Path

Words = Annotated[tuple[str, ...], "words"]
"""Texts, which in TOML no dotted path stands for."""


class ValueForm(Enum):
    """The form in which an API has a value, where it is not that of the property's type."""

    JSON = "json"  # as JSON has the type
    TEXT = "text"  # a number or a boolean as a text
    EPOCH_SECONDS = "epoch-seconds"  # a date or an instant as a number
    EPOCH_MILLISECONDS = "epoch-milliseconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a resource, as the API defines it.

    `reference` names the resource whose id the property holds. `strategy` names the way in which it
    is written where the resource's own update cannot (see WriteStrategy). `aliases` are other
    names that documents use for it, dotted as in documents. `create_only` properties are sent with
    a create and never after; `required` ones must be there on creation. `hidden` ones read as a
    placeholder and are never written back. `local` ones mean something in their own system only (the
    record's API address) and are never taken across. `max_length` is in characters.
    `form` is that of the value in the API, `sent` the one in which it is written where that differs;
    `codes` are what the API has for the names that everything else knows, `clear` what it has for no
    value (None: null).
    """

    path: Path
    type: ValueType = ValueType.ANY
    read_only: bool = False
    create_only: bool = False
    required: bool = False
    unique: bool = False
    case_insensitive: bool = False
    hidden: bool = False
    local: bool = False
    reference: str | None = None
    strategy: "WriteStrategy | None" = None
    aliases: Words = ()
    max_length: int | None = None
    form: ValueForm = ValueForm.JSON
    sent: ValueForm | None = None
    # Not part of the hash, by which properties are looked up: these have none.
    codes: Mapping[str, Json] = field(default_factory=dict, hash=False)
    clear: Json = field(default=None, hash=False)


class WriteStrategy(Enum):
    """Named ways of writing one property that the update call itself would get wrong."""

    PRIMARY_IDENTITY = "primary-identity"  # Zendesk users' e-mail
    DEFAULT_MEMBERSHIP = "default-membership"  # Zendesk users' organization


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """The records of a resource that a document names apart: those where `path` equals `equals`.

    `negate` turns it round: those where it does not (absent counts as not equal). `required` are
    the properties that such a record must have on creation, besides those that every one must.
    """

    name: str
    path: Path
    equals: Json
    negate: bool = False
    required: tuple[Path, ...] = ()


class PagingStyle(Enum):
    """How a list call is continued."""

    NONE = "none"  # one answer holds everything
    PAGE_NUMBER = "page-number"  # the number of the page; PowerOffice: PageNumber, PageSize
    OFFSET = "offset"  # how many rows to leave out
    CURSOR = (
        "cursor"  # what the answer gives for the next page; Zendesk: page[after], meta.has_more
    )
    AFTER_ROW = "after-row"  # a property of the last row, most often its id
    CURSOR_EXPORT = "cursor-export"  # Zendesk: start_time once, then cursor; end_of_stream
    TIME_EXPORT = "time-export"  # Zendesk: start_time, next start is end_time; end_of_stream
    LINK = "link"  # the answer names the next address (Link header or a body field)


class PageEnd(Enum):
    """What says that a page is the last one of its list."""

    FLAG = "flag"  # `more` is false, or `end` is true
    NO_CURSOR = "no-cursor"  # the next cursor is null, empty or absent
    TOTAL = "total"  # as many records, or pages, as the answer says that there are
    EMPTY_PAGE = "empty-page"  # no rows in it
    SHORT_PAGE = "short-page"  # fewer rows than asked for: only where the API never caps a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """The style of a list call, what ends it, and the names of its parameters.

    `parameters` maps the style's roles to the API's words: `page`, `size`, `cursor`, `start`;
    `fields` maps roles to paths in the answer: `more`, `end`, `cursor`, `next`, `total` (records in all),
    `pages`, and `row` (the property of the last row); `headers` maps them to the answer's headers. `end`
    None: `flag` where the answer has `more` or `end`; a link ends where there is none. `first` is the number
    of the first page, `size` the rows asked for per page.
    """

    style: PagingStyle = PagingStyle.NONE
    end: PageEnd | None = None
    size: int = 100
    first: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Path] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)  # sent along, e.g. OrderBy=Id


class SinceForm(Enum):
    """How an instant is written in a filter."""

    AS_READ = "as-read"  # as the system itself wrote it
    UTC = "utc"  # 2026-11-23T12:00:00Z
    DATE = "date"  # the day alone, in UTC
    EPOCH_SECONDS = "epoch-seconds"
    EPOCH_MILLISECONDS = "epoch-milliseconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCall:
    """A call that lists records.

    `items` is where the rows are in the answer, empty for a bare array. `paging` None: the
    profile's default. `since` is the parameter of a filter on the modification instant, empty
    where the paging style carries the start itself or the call cannot filter; `since_form` is how the
    instant is written, `since_text` what stands around it; `inclusive` says
    whether rows of that very instant are returned; `overlap_seconds` is how far each read steps
    back. `tombstones` are (path, value) pairs: a row with such a value stands for a deleted record,
    `value` True meaning any value but null where the property is not a boolean. `nothing_new` are
    words of an error body by which the API says that the start is too recent for any change.

    A search by POST has a `body` in the place of parameters: texts `{since}`, `{size}`, `{page}` and
    `{cursor}` in it are filled, and left out with their keys where there is no such value.
    """

    path: str
    method: str = "GET"
    body: Mapping[str, Json] = field(default_factory=dict)
    items: Path = ()
    paging: Paging | None = None
    since: str = ""
    since_form: SinceForm = SinceForm.AS_READ
    since_text: str = "{since}"
    inclusive: bool = False
    overlap_seconds: int = 0
    epoch: str = ""  # the start that a full read by this call sends, e.g. "0"; empty: none
    most: int = 0  # records that one search gives, sorted by modified-at; 0: as many as there are
    full: bool = False  # also the cheapest way to read everything
    tombstones: tuple[tuple[Path, Json], ...] = ()
    nothing_new: Words = ()


class BodyStyle(Enum):
    """What an update's body holds."""

    MERGE = "merge"  # the changed properties only, nested as they are
    JSON_PATCH = "json-patch"  # RFC 6902 operations
    REPLACE = "replace"  # the whole record as it was just read, with the changes in it


class Precondition(Enum):
    """How an update says which state of the record it was made on."""

    NONE = "none"
    ETAG = "etag"  # If-Match with the ETag that the read call answered with
    VERSION = "version"  # the version's property goes along in the body
    VERSION_HEADER = "version-header"  # If-Match with the version's property


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCall:
    """A call that creates, changes or deletes one record.

    `path` may hold `{id}` and `{Property}` of the record (`/ContactPersons/{ContactId}/{Id}`).
    `wrap` is where the record stands in body and answer, empty for the whole; `answer_wrap` is where it
    stands in the answer, None for the same place. `constants`
    are properties sent along unless the record states them (`IsActive = true` of Departments).
    `answers` is False where the call gives no record back.

    The rest is of updates only. `body` None means `merge`, and must be stated for a PUT. `version` is
    the property that the precondition speaks of, `conflicts` are the statuses and `conflict_words` the
    words of an error body by which the API says that the record was changed meanwhile. `omits` are
    read-only properties that a whole record is sent without (where `body` is `replace`).
    """

    method: str
    path: str
    wrap: Path = ()
    answer_wrap: Path | None = None
    body: BodyStyle | None = None
    constants: Mapping[str, Json] = field(default_factory=dict)
    answers: bool = True
    precondition: Precondition = Precondition.NONE
    version: Path = ()
    conflicts: tuple[int, ...] = ()
    conflict_words: Words = ()
    omits: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkCall:
    """A call that writes many records through a job which is polled until it ends.

    `size` is the most records per call, `jobs` the most jobs under way at once; `job_path` holds
    `{job}`; `constants` as in WriteCall; `body` as there too, but never the whole. A job's state is under `job_wrap`; `jobs_path` shows many
    jobs in one call (`{jobs}`: their ids, joined by commas), `recent_jobs_path` those of the account,
    both under `jobs_items`; empty where the API has no such call.
    """

    method: str
    path: str
    wrap: Path
    size: int
    jobs: int
    job_path: str
    body: BodyStyle | None = None
    constants: Mapping[str, Json] = field(default_factory=dict)
    job_wrap: Path = ("job_status",)
    jobs_path: str = ""
    jobs_items: Path = ("job_statuses",)
    recent_jobs_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupCall:
    """A call that finds records by the values of one property.

    `parameter` takes up to `size` values, joined by `separator` (a value that contains it is asked
    for alone, and not at all where that cannot be said to the API). A search by POST has a `body`
    in its place: in a list whose one element holds the text `{value}`, that element is repeated for each.
    """

    path: str
    property: Path
    parameter: str = ""
    method: str = "GET"
    body: Mapping[str, Json] = field(default_factory=dict)
    items: Path = ()
    size: int = 1
    separator: str = ","


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of record of the API, and every call that is known for it.

    `datatypes` are the names that documents use for it besides `name`. `id` and `modified_at` are
    property paths; `modified_at` empty: the API has none. `external_reference` is the property that
    carries our reference to the record on the other side, None where there is none. `archived` lists
    deleted or archived records that the other lists leave out: each of its rows is a deleted record. `plain` is the
    subset that the bare datatype means where subsets are named apart. `strategy_calls` are the calls
    that the properties' strategies need, by strategy and role (docs/connectors.md lists them);
    `strategy_jobs` are those by which a strategy writes many records at once, where it can.
    """

    name: str
    datatypes: Words = ()
    id: Path
    id_type: ValueType = ValueType.INTEGER
    modified_at: Path = ()
    properties: tuple[Property, ...] = ()
    subsets: tuple[Subset, ...] = ()
    plain: Subset | None = None
    external_reference: Path | None = None
    list: ReadCall | None = None
    incremental: ReadCall | None = None
    archived: ReadCall | None = None
    read: WriteCall | None = None  # GET of one record
    read_many: LookupCall | None = None  # GET of many records by id
    lookups: tuple[LookupCall, ...] = ()
    create: WriteCall | None = None
    update: WriteCall | None = None
    delete: WriteCall | None = None
    create_many: BulkCall | None = None
    update_many: BulkCall | None = None
    strategy_calls: Mapping[str, Mapping[str, WriteCall]] = field(default_factory=dict)
    strategy_jobs: Mapping[str, BulkCall] = field(default_factory=dict)


class AuthStyle(Enum):
    """How requests are authorized."""

    NONE = "none"
    CLIENT_CREDENTIALS = "client-credentials"  # OAuth2, token from the token URL
    BEARER = "bearer"  # a token that the environment holds
    BASIC = "basic"  # user and password that the environment holds
    API_KEY = "api-key"  # keys in `headers` or `query`
    SESSION = "session"  # a token that a call of the API's own gives for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthScheme:
    """One way to authorize; the first scheme whose variables are all set is taken.

    Values are templates over environment variables without the profile's prefix, e.g.
    `user = "{EMAIL}/token"`. `headers` and `query` go with every request, the token call included. `body_style`
    of the token call is `form` (with Basic client authentication), `form-body` or `json` (ids in the body).

    The call for a session's token is made by `token_method` with `token_query` and `token_body` (as a form
    or as JSON). Whatever the style, the token stands at `token_path` and its life in seconds at `expires_path`
    of the answer, and goes along in `token_header` as `token_text`: `{token}` in it is the token, `{basic}`
    `user` and token as Basic authentication has them. `expires_in` is a session's life where no answer says. `ends`
    is the date (ISO) from which the API does not take such credentials any more, empty: none is known.
    """

    style: AuthStyle
    user: str = ""
    password: str = ""
    token: str = ""
    token_url: str = ""
    body_style: str = "form"
    scope: str = ""
    expires_in: int | None = None  # asked for, in seconds, where the API allows it
    ends: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    token_method: str = "POST"
    token_query: Mapping[str, str] = field(default_factory=dict)
    token_body: Mapping[str, Json] = field(default_factory=dict)
    token_path: Path = ("access_token",)
    expires_path: Path = ("expires_in",)
    token_header: str = "Authorization"
    token_text: str = "Bearer {token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `requests` requests in `seconds` for what matches `method` and `path`.

    `path` may hold `{id}` (a segment with a digit in it, so that `/users/update_many` is none); with
    `per_record` each record has a limit of its own. Empty `method` and `path` match every request; a
    path that ends in `/` matches all calls below it, which share one bucket. `header` names the
    answer's header that states the bucket.
    """

    requests: int
    seconds: float
    method: str = ""
    path: str = ""
    per_record: bool = False
    header: str = ""


class ExpectationKind(Enum):
    """What `doctor` expects of a value in the probe's answer."""

    PRESENT = "present"  # not null
    EMPTY = "empty"  # no element, or null
    ONE_OF = "one-of"  # one of the values that the expectation lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the probe's answer must say where all is well; `message` is what to do where it does not.

    `subject` is what it shows ("privileges"), `path` is compared case aside.
    """

    subject: str
    path: Path
    kind: ExpectationKind
    values: Words = ()
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that is known of an API.

    `name` is lower-case with hyphens (`poweroffice-go`); the environment variables are its upper
    case with underscores (`POWEROFFICE_GO_BASE_URL`). `labels` are the names that documents use.
    `base_url` and `AuthScheme` values may hold `{VARIABLE}` of the environment. `probe` is a
    resource-less call that shows whether the credentials work. `errors` are the paths in an error
    body that hold its message, tried in order, names compared case aside, `*` standing for any
    name. `expectations` are what the probe's answer must say. `busy` are words of an error body that
    mean "wait and try again" whatever its status. `version` is that of the keys' meaning, not the API's.
    `path` is the TOML file, which does not say it.
    """

    name: str
    labels: Words
    base_url: str
    resources: tuple[Resource, ...]
    auth: tuple[AuthScheme, ...] = ()
    limits: tuple[Limit, ...] = ()
    errors: tuple[Path, ...] = ()
    probe: ReadCall | None = None
    expectations: tuple[Expectation, ...] = ()
    busy: Words = ()
    paging: Paging = Paging()
    version: int = 1
    path: str = ""
