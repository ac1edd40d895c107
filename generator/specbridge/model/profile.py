"""What is known of an API, as data: the contents of a profile (docs/profiles.md describes the TOML).

A path is a tuple of names; a name that ends in `[]` is a list (`("phones[]", "number")`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from specbridge.model.calls import (
    BatchCall,
    BulkCall,
    LookupCall,
    Paging,
    ReadCall,
    Selection,
    WriteCall,
)
from specbridge.model.conversion import ValueType
from specbridge.model.values import Json, Path, Words
from specbridge.model.webhooks import Webhooks


class ValueForm(Enum):
    """The form in which an API has a value, where it is not that of the property's type."""

    JSON = "json"  # as JSON has the type
    TEXT = "text"  # a number or a boolean as a text
    EPOCH_SECONDS = "epoch-seconds"  # a date or an instant as a number
    EPOCH_MILLISECONDS = "epoch-milliseconds"
    LOCAL = "local"  # an instant by the clock of the property's `zone`, which it does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Parts of an object that the profile does not list, and that are there all the same: custom properties.

    `type`, `form` and `clear` are as in Property; by the form TEXT of the type ANY, numbers and booleans go out as texts.
    `read_only`: the API sets them, or they are another record's.
    """

    type: ValueType = ValueType.ANY
    form: ValueForm = ValueForm.JSON
    clear: Json = field(default=None, hash=False)
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a resource, as the API defines it.

    `reference` names the resource whose id the property holds. `strategy` names the way in which it
    is written where the resource's own update cannot (see profiles/strategies.py). `aliases` are other
    names that documents use for it, dotted as in documents. `create_only` properties are sent with
    a create and never after; `required` ones must be there on creation. `hidden` ones read as a
    placeholder and are never written back. `local` ones mean something in their own system only (the
    record's API address) and are never taken across. `max_length` is in characters.
    `form` is that of the value in the API, `sent` the one in which it is written where that differs (`zone`: that of
    local instants, such as `Europe/Oslo`);
    `along` are properties that go in the same request as this one, because it is judged by them: an update that
    changes this one sends them as they were just read.
    `codes` are what the API has for the names that everything else knows, `clear` what it has for no
    value (None: null). `others` is what parts of an object are that are not listed, None where all are.
    `emptied` is the object around it that is null where there is no value (a reference that is written as an object).
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
    strategy: str | None = None
    aliases: Words = ()
    along: tuple[Path, ...] = ()
    max_length: int | None = None
    form: ValueForm = ValueForm.JSON
    sent: ValueForm | None = None
    zone: str = ""
    # Not part of the hash, by which properties are looked up: these have none.
    codes: Mapping[str, Json] = field(default_factory=dict, hash=False)
    listed: str = ""
    emptied: Path = ()
    clear: Json = field(default=None, hash=False)
    others: Others | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A list of an API's in which it has a code for each name: countries by their ISO codes, say.

    In each row of the `list`, `name` is what everything else knows, and `code` what the API has for it. It is read
    where a property in use has its codes there, once by each connector.
    """

    list: ReadCall
    name: Path
    code: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Properties that an API has as an array of keys and values, at `path`: everything else knows an object.

    `key` and `value` are their names in each element, `key_type` the type of a key. `changed`: an update may send
    the changed elements alone; else it sends all of them, as they were just read.
    """

    path: Path
    key: str = "key"
    value: str = "value"
    key_type: ValueType = ValueType.STRING
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The resource below whose records an API lists those of another one: `{parent}` in the lists' paths.

    `property` is where each record has its parent's id; it is put there where the rows do not say it.
    """

    resource: str
    property: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A property that an API has not in its records, but answers and writes by calls of its own.

    `property` is the id of one record of the other resource. `list` has the associations of one record
    (`{id}`), or `read_many` those of many, in rows that have the record's id at `record` and their associations
    at `each`. In an association `other` is the other record's id; `marked` at `mark` (in any element of a list)
    marks the one that counts, where a record may have several, else the first does. `add` and `remove` make
    and end one (`{id}`, `{other}`, in their constants too), or as many as `together` says: the list in the constants whose one
    element holds `{id}` has one for each. `replaces`: a new one takes the place of the old one by
    itself. Those that are not marked are never touched.
    """

    property: Path
    list: ReadCall | None = None
    read_many: LookupCall | None = None
    record: Path = ()
    each: Path = ()
    other: Path
    mark: Path = ()
    marked: Json = True
    add: WriteCall
    remove: WriteCall | None = None
    replaces: bool = False
    together: int = 1


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How an error body says that the value of a property is taken: what stands at `path`.

    It `equals` a code, or holds what `pattern` (a regular expression) describes; one of the two is stated.
    The id of the record that has the value stands at `holder`, or is the pattern's group of that name
    (`(?P<holder>[0-9]+)`); empty: the API does not say it.
    """

    path: Path
    property: Path
    equals: str = ""
    pattern: str = ""
    holder: Path = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of record of the API, and every call that is known for it.

    `datatypes` are the names that documents use for it besides `name`. `id` and `modified_at` are
    property paths; `modified_at` empty: the API has none. `named_by` are ways to name a record for people: the first
    of which a property is filled counts, its filled properties joined by blanks. `seen_at` is the address at which a person can look at
    a record: `{id}` is its id, `{BASE_URL}` the API's address, other names in braces are variables; empty: none is known. `external_reference` is the property that
    carries our reference to the record on the other side, None where there is none. `archived` lists
    deleted or archived records that the other lists leave out: each of its rows is a deleted record. `select` is
    how the calls that read are told what to answer with, None where they answer with all. `entries` are the properties
    that the API has as arrays of keys and values. `parent` is what its lists stand below, None where they stand for
    themselves. `merged` is the property in which a record lists the ids of those that were merged into it (a list, or
    a text with `;` between them), empty where none does. `associations` are properties with calls of their own. `plain` is the
    subset that the bare datatype means where subsets are named apart. `taken` are an API's ways to say that a value is another record's, where its words
    alone do not tell. `strategy_calls` are the calls
    that the properties' strategies need, by strategy and role (docs/connectors.md lists them);
    `strategy_jobs` are those by which a strategy writes many records at once, where it can. `read_scopes` and
    `write_scopes` are the least scopes or privileges with which it can be read, and read and written.
    """

    name: str
    datatypes: Words = ()
    id: Path
    id_type: ValueType = ValueType.INTEGER
    modified_at: Path = ()
    named_by: tuple[tuple[Path, ...], ...] = ()
    seen_at: str = ""
    properties: tuple[Property, ...] = ()
    entries: tuple[Entries, ...] = ()
    parent: Parent | None = None
    associations: tuple[Association, ...] = ()
    merged: Path = ()
    subsets: tuple[Subset, ...] = ()
    plain: Subset | None = None
    external_reference: Path | None = None
    list: ReadCall | None = None
    incremental: ReadCall | None = None
    archived: ReadCall | None = None
    select: Selection | None = None
    read: WriteCall | None = None  # GET of one record
    read_many: LookupCall | None = None  # GET of many records by id
    lookups: tuple[LookupCall, ...] = ()
    taken: tuple[Taken, ...] = ()
    create: WriteCall | None = None
    update: WriteCall | None = None
    delete: WriteCall | None = None
    create_many: BulkCall | None = None
    update_many: BulkCall | None = None
    create_batch: BatchCall | None = None
    update_batch: BatchCall | None = None
    strategy_calls: Mapping[str, Mapping[str, WriteCall]] = field(default_factory=dict)
    strategy_jobs: Mapping[str, BulkCall] = field(default_factory=dict)
    read_scopes: Words = ()
    write_scopes: Words = ()


class AuthStyle(Enum):
    """How requests are authorized."""

    NONE = "none"
    CLIENT_CREDENTIALS = "client-credentials"  # OAuth2, token from the token URL
    BEARER = "bearer"  # a token that the environment holds
    BASIC = "basic"  # user and password that the environment holds
    API_KEY = "api-key"  # keys in `headers` or `query`
    SESSION = "session"  # a token that a call of the API's own gives for a while
    REFRESH_TOKEN = "refresh-token"  # OAuth2, by a refresh token that the environment holds
    AUTHORIZATION_CODE = "authorization-code"  # OAuth2, after `specbridge login` in a browser


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthScheme:
    """One way to authorize; the first scheme whose variables are all set is taken.

    Values are templates over environment variables without the profile's prefix, e.g.
    `user = "{EMAIL}/token"`. `headers` and `query` go with every request, the token call included. `body_style`
    of the token call is `form` (with Basic client authentication), `form-body` or `json` (ids in the body).

    The call for a session's token is made by `token_method` with `token_query` and `token_body` (as a form
    or as JSON). Whatever the style, the token stands at `token_path` and its life in seconds at `expires_path`
    of the answer, and goes along in `token_header` as `token_text`: `{token}` in it is the token, `{basic}`
    `user` and token as Basic authentication has them; `token_parameter` is a parameter that it goes along in instead.
    `token_from` is the header of the answer that holds the token, where no path does. `{until}` in the call is the date
    `token_days` after today (UTC), where the API wants to be told when a session ends. `expires_in` is a session's life where no answer says. `ends`
    is the date (ISO) from which the API does not take such credentials any more, empty: none is known.

    A person signs in at `authorize_url`, which gets `authorize_query` besides what OAuth 2 says, and is sent
    back to `redirect_url`, an address of this machine. `user` and `password` are the client's; a public client has
    no password.
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
    token_parameter: str = ""
    token_from: str = ""
    token_days: int = 2
    authorize_url: str = ""
    authorize_query: Mapping[str, str] = field(default_factory=dict)
    redirect_url: str = "http://127.0.0.1:8765/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `requests` requests in `seconds` for what matches `method` and `path`.

    `path` may hold `{id}` (a segment with a digit in it, so that `/users/update_many` is none); with
    `per_record` each record has a limit of its own. Empty `method` and `path` match every request; a
    path that ends in `/` matches all calls below it, which share one bucket. `header` names the
    answer's header that states the bucket, `remaining` and `resets` those of what is left and of the seconds until
    it is whole again, where they are not named after it. `words` are words of a refusal's body by which the API says that
    this limit is reached, not another one.

    `cost` is what a request takes of `requests`, where an API counts points; limits of one `bucket` count
    together, a request by the last one that matches it. `stops`: where nothing is left, the run ends rather than wait longer than its patience
    (so much a day). `shared_by` is what all share that count against it, such as "{SUBSCRIPTION_KEY}"; empty: nobody else does.
    """

    requests: int
    seconds: float
    method: str = ""
    path: str = ""
    per_record: bool = False
    header: str = ""
    remaining: str = ""
    resets: str = ""
    words: Words = ()
    cost: int = 1
    bucket: str = ""
    stops: bool = False
    shared_by: str = ""


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
    `prefixes` are parts of the calls' paths that the environment may set otherwise, by the names that stand for them there
    (`/{OBJECTS_PATH}/contacts`), each without outer slashes.
    `base_url` and `AuthScheme` values may hold `{VARIABLE}` of the environment. `probe` is a
    resource-less call that shows whether the credentials work. `errors` are the paths in an error
    body that hold its message, tried in order, names compared case aside, `*` standing for any
    name. `expectations` are what the probe's answer must say, `account` the paths in it that tell one
    account of the system from another (none where its address does), `granted` the path in it of the scopes or
    privileges that the credentials have (none where it does not say). `busy` are words of an error body that
    mean "wait and try again" whatever its status, `busy_statuses` the statuses that mean so besides 429 and 5xx.
    `code_lists` are lists of the API's in which properties have their codes, by the names that these have for them. `webhooks` are how it
    tells of changes by itself, None where it does not. `version` is that of the keys' meaning, not the API's.
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
    account: tuple[Path, ...] = ()
    granted: Path = ()
    expectations: tuple[Expectation, ...] = ()
    busy: Words = ()
    busy_statuses: tuple[int, ...] = ()
    milliseconds_from: int = 0
    paging: Paging = field(default_factory=Paging)
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    webhooks: Webhooks | None = None
    version: int = 1
    path: str = ""
