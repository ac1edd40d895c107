"""The calls of an API, as data: how its records are listed, looked up and written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from specbridge.model.values import Json, Path, Words


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
    LOCAL = "local"  # 2026-11-23T13:00:00, by the clock of `since_zone`
    EPOCH_SECONDS = "epoch-seconds"
    EPOCH_MILLISECONDS = "epoch-milliseconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCall:
    """A call that lists records.

    `items` is where the rows are in the answer, empty for a bare array. `queries` are parameters of several
    lists that are one only together, each read to its end. `paging` None: the
    profile's default. `since` is the parameter of a filter on the modification instant, empty
    where the paging style carries the start itself or the call cannot filter; `since_form` is how the
    instant is written (`since_zone`: the zone of a local one), `since_text` what stands around it; `inclusive` says
    whether rows of that very instant are returned; `overlap_seconds` is how far each read steps
    back. `tombstones` are (path, value) pairs: a row with such a value stands for a deleted record,
    `value` True meaning any value but null where the property is not a boolean. `nothing_new` are
    words of an error body by which the API says that the start is too recent for any change.

    A search by POST has a `body` in the place of parameters: texts `{since}`, `{size}`, `{page}`,
    `{cursor}` and `{fields}` in it are filled, and left out with their keys where there is no such value.
    `texts` are those of them that are filled as texts though they are numbers.
    `long` is asked in this call's place where its address would be longer than the resource's selection says.
    """

    path: str
    method: str = "GET"
    body: Mapping[str, Json] = field(default_factory=dict)
    texts: Words = ()
    items: Path = ()
    queries: tuple[Mapping[str, str], ...] = ()
    paging: Paging | None = None
    since: str = ""
    since_form: SinceForm = SinceForm.AS_READ
    since_text: str = "{since}"
    since_zone: str = ""
    inclusive: bool = False
    overlap_seconds: int = 0
    epoch: str = ""  # the start that a full read by this call sends, e.g. "0"; empty: none
    most: int = 0  # records that one search gives, sorted by modified-at; 0: as many as there are
    full: bool = False  # also the cheapest way to read everything
    tombstones: tuple[tuple[Path, Json], ...] = ()
    nothing_new: Words = ()
    long: "ReadCall | None" = None


class SelectionStyle(Enum):
    """How the properties that an answer is to have are written."""

    NAMES = "names"  # one after another: email,address.city
    NESTED = "nested"  # objects opened: email,address(city,country(id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How the calls that read are told which properties to answer with, where the API gives a few only.

    They are those in use. `parameter` takes them in `style`, joined by `separator`; a call by POST has
    `{fields}` in its body, a list of names. `below` is the object whose properties are named, without it
    (others come unasked). `always` are named whatever is in use. `whole` names everything: it is asked for
    where an update sends records or objects whole. An address may have `longest` characters.
    """

    parameter: str
    style: SelectionStyle = SelectionStyle.NAMES
    below: Path = ()
    separator: str = ","
    always: Words = ()
    whole: str = ""
    longest: int = 2000


class BodyStyle(Enum):
    """What an update's body holds."""

    MERGE = "merge"  # the changed properties only, nested as they are
    MERGE_OBJECTS = "merge-objects"  # the same, but objects of which a part changes go whole
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

    `merges` is of `read` alone: an answer under another id than was asked for means that the record was
    merged into that one, and is gone under its own. A creation may name the header of its `idempotency` key; one whose `path` holds the external reference is
    an upsert: made twice it is one record.

    The rest is of updates only. `body` None means `merge`, and must be stated for a PUT, and where
    properties lie in objects. `version` is
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
    merges: bool = False
    idempotency: str = ""
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
class BatchCall:
    """A call that writes many records at once and answers for each of them (207 Multi-Status).

    `size` is the most records per call, `wrap` where they stand in the body, empty for a bare array;
    `constants` and `body` as in BulkCall. `results` is where the rows of the answer are; in each, `result_index`
    is the place of its record (from 0; empty: they come in order), `result_id` the record's id,
    `result_status` its HTTP status, `result_error` the message of its refusal.

    Where refusals stand apart from what was done, `errors` is where they are, `error_text` the message of each, and
    `error_ids` the ids of the records that it is of; or, if each record of the body takes a mark of its own under `trace`,
    those marks. All empty: they stand among the results.
    """

    method: str
    path: str
    wrap: Path = ()
    size: int
    body: BodyStyle | None = None
    constants: Mapping[str, Json] = field(default_factory=dict)
    results: Path = ()
    result_index: Path = ()
    result_id: Path = ("id",)
    result_status: Path = ("status",)
    result_error: Path = ("error",)
    errors: Path = ()
    error_ids: Path = ()
    error_text: Path = ("message",)
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupCall:
    """A call that finds records by the values of one property.

    `parameter` takes up to `size` values, joined by `separator` (a value that contains it is asked
    for alone, and not at all where that cannot be said to the API); or the path holds the `{value}`, one at a time.
    `one`: the answer is the record itself, at `items`, and 404 says that there is none. `paging` None: one answer holds all
    that is found. A search by POST has a `body`
    in its place: in a list whose one element holds the text `{value}`, that element is repeated for each. `queries` are as those of a list.
    """

    path: str
    property: Path
    parameter: str = ""
    method: str = "GET"
    body: Mapping[str, Json] = field(default_factory=dict)
    items: Path = ()
    queries: tuple[Mapping[str, str], ...] = ()
    paging: Paging | None = None
    size: int = 1
    separator: str = ","
    one: bool = False
