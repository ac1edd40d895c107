"""Profiles of two invented systems, in every style of paging and of updates that a profile can name."""

from dataclasses import dataclass

LINK_FIELD = (
    '{ style = "link", size = 4, parameters = { size = "limit" }, fields = { next = "meta.next" } }'
)
LINK_HEADER = '{ style = "link", size = 4, parameters = { size = "limit" } }'
PAGES = '{ style = "page-number", end = "empty-page", size = 4, first = 0, parameters = { page = "p", size = "n" } }'
PAGES_TOTAL = (
    '{ style = "page-number", end = "total", size = 4, parameters = { page = "p", size = "n" },'
    ' headers = { pages = "X-Pages" } }'
)
OFFSETS = (
    '{ style = "offset", end = "total", size = 4, parameters = { page = "from", size = "n" },'
    ' fields = { total = "total" } }'
)
SHORT = (
    '{ style = "offset", end = "short-page", size = 4, parameters = { page = "from", size = "n" } }'
)
CURSOR_FLAG = (
    '{ style = "cursor", size = 4, parameters = { cursor = "after", size = "n" },'
    ' fields = { cursor = "meta.after", more = "meta.more" } }'
)
CURSOR_NULL = (
    '{ style = "cursor", end = "no-cursor", size = 4, parameters = { cursor = "after", size = "n" },'
    ' fields = { cursor = ["@next.cursor"] } }'
)
AFTER_ROW = (
    '{ style = "after-row", size = 4, parameters = { cursor = "starting_after", size = "n" },'
    ' fields = { row = "id", more = "more" } }'
)
CURSOR_EXPORT = (
    '{ style = "cursor-export", size = 4, parameters = { start = "start_time", cursor = "cursor",'
    ' size = "n" }, fields = { cursor = "after", end = "done" } }'
)
TIME_EXPORT = (
    '{ style = "time-export", size = 4, parameters = { start = "start_time", size = "n" },'
    ' fields = { cursor = "end_time", end = "done" } }'
)
ONE_ANSWER = '{ style = "none" }'

BEARER = '[[auth]]\nstyle = "bearer"\ntoken = "{TOKEN}"\n'
BASIC = '[[auth]]\nstyle = "basic"\nuser = "{EMAIL}/token"\npassword = "{SECRET}"\n'
KEYS = (
    '[[auth]]\nstyle = "api-key"\nheaders = { X-Key = "{KEY}" }\nquery = { tenant = "{TENANT}" }\n'
)
CLIENT = (
    '[[auth]]\nstyle = "client-credentials"\nuser = "{CLIENT}"\npassword = "{SECRET}"\n'
    'token_url = "{BASE_URL}/oauth/token"\n'
)
CLIENT_JSON = f'{CLIENT}body_style = "json"\nheaders = {{ X-Key = "{{KEY}}" }}\n'
SESSION = (
    '[[auth]]\nstyle = "session"\ntoken_url = "{BASE_URL}/session"\ntoken_body = { app = "{APP}" }\n'
    'body_style = "json"\ntoken_path = "value.token"\nexpires_in = 600\nuser = "0"\n'
    'token_text = "Basic {basic}"\n'
)
OPEN = ""

MERGE = '{ method = "PATCH", path = "/people/{id}", wrap = "person", body = "merge" }'
MERGE_PUT = '{ method = "PUT", path = "/people/{id}", wrap = "person", body = "merge" }'
OBJECTS = '{ method = "PATCH", path = "/people/{id}", wrap = "person", body = "merge-objects" }'
PATCH = '{ method = "PATCH", path = "/people/{id}", answer_wrap = "person", body = "json-patch" }'
REPLACE = '{ method = "PUT", path = "/people/{id}", wrap = "person", body = "replace" }'
ETAG = (
    '{ method = "PUT", path = "/people/{id}", wrap = "person", body = "replace",'
    ' precondition = "etag", omits = ["changed"] }'
)
VERSION = (
    '{ method = "PUT", path = "/people/{id}", wrap = "person", body = "replace",'
    ' precondition = "version", version = "version", conflicts = [409] }'
)
VERSION_HEADER = (
    '{ method = "PATCH", path = "/people/{id}", wrap = "person", body = "merge",'
    ' precondition = "version-header", version = "version" }'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one of the systems works, as texts of a profile."""

    paging: str
    update: str
    auth: str
    form: str = "json"  # of the instant of modification
    form_of_since: str = "as-read"

    def profile(self, name: str) -> str:
        """Return the profile of a system of this style."""
        exported = "-export" in self.paging
        bare = "[" if self.paging in (LINK_HEADER, PAGES, PAGES_TOTAL, SHORT, ONE_ANSWER) else ""
        items = "" if bare else ', items = "rows"'
        since = "" if exported else f', since = "since", since_form = "{self.form_of_since}"'
        changes = ', epoch = "0", inclusive = true' if exported else f"{since}, overlap_seconds = 2"
        listed = ONE_ANSWER if exported else self.paging
        return f"""\
name = "{name}"
labels = ["{name.capitalize()}"]
base_url = "https://{{HOST}}.{name}.example"
errors = ["error.message"]
probe = {{ path = "/me", paging = {{ style = "none" }} }}
account = ["tenant.id"]

{self.auth}
[[expectations]]
subject = "privileges"
path = "role"
kind = "one-of"
values = ["writer"]
message = "ask for one that may write"

[[resources]]
name = "People"
datatypes = ["Person"]
id = "id"
modified_at = "changed"
external_reference = "origin"
properties = [
    {{ path = "id", type = "integer", read_only = true }},
    {{ path = "version", type = "integer", read_only = true }},
    {{ path = "changed", type = "datetime", form = "{self.form}", read_only = true }},
    {{ path = "gone", type = "boolean", read_only = true }},
    {{ path = "origin", type = "string", unique = true, max_length = 120 }},
    {{ path = "name", type = "string", required = true }},
    {{ path = "email", type = "string", unique = true, case_insensitive = true }},
    {{ path = "phone", type = "string", clear = "" }},
    {{ path = "address", type = "object" }},
    {{ path = "address.city", type = "string" }},
    {{ path = "address.zip", type = "string" }},
    {{ path = "state", type = "string", codes = {{ open = 1, closed = 2 }} }},
]
list = {{ path = "/people"{items}, paging = {listed}, full = true, tombstones = [["gone", true]] }}
incremental = {{ path = "{'/exports/people' if exported else '/people'}"{items}, paging = {self.paging}{changes}, tombstones = [["gone", true]] }}
lookups = [
    {{ path = "/people"{items}, property = "origin", parameter = "origin" }},
    {{ path = "/people"{items}, property = "email", parameter = "email", size = 10 }},
]
read = {{ method = "GET", path = "/people/{{id}}", wrap = "person" }}
create = {{ method = "POST", path = "/people", wrap = "person" }}
update = {self.update}
delete = {{ method = "DELETE", path = "/people/{{id}}", answers = false }}
"""


STYLES = {
    "link-field, merge": Style(paging=LINK_FIELD, update=MERGE, auth=BEARER),
    "link-header, put-merge": Style(paging=LINK_HEADER, update=MERGE_PUT, auth=BASIC),
    "pages, objects": Style(paging=PAGES, update=OBJECTS, auth=KEYS, form_of_since="utc"),
    "pages-total, json-patch": Style(paging=PAGES_TOTAL, update=PATCH, auth=CLIENT),
    "offset, replace": Style(paging=OFFSETS, update=REPLACE, auth=CLIENT_JSON),
    "short, etag": Style(
        paging=SHORT,
        update=ETAG,
        auth=SESSION,
        form="epoch-milliseconds",
        form_of_since="epoch-milliseconds",
    ),
    "cursor-flag, version": Style(paging=CURSOR_FLAG, update=VERSION, auth=OPEN),
    "cursor-null, version-header": Style(
        paging=CURSOR_NULL, update=VERSION_HEADER, auth=BEARER, form="epoch-seconds"
    ),
    "after-row, merge": Style(paging=AFTER_ROW, update=MERGE, auth=OPEN),
    "one-answer, merge": Style(paging=ONE_ANSWER, update=MERGE, auth=OPEN),
    "cursor-export, merge": Style(paging=CURSOR_EXPORT, update=MERGE, auth=OPEN),
    "time-export, merge": Style(paging=TIME_EXPORT, update=MERGE, auth=OPEN),
}
DOCUMENT = """\
======================
Alpha to Beta Dataflow
======================

Generated: 2026-11-23 00:00:01

Introduction
------------

What is kept equal between Alpha and Beta.

Alpha Person to Beta Person
---------------------------
Every Alpha Person will be synchronized with a Beta Person.

A Alpha Person will merge with a Beta Person if one of the following property combinations match:

.. list-table::
   :header-rows: 1

   * - Alpha Person Property
     - Beta Person Property
   * - email
     - email

Once a link between a Alpha Person and a Beta Person is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Alpha Person and a Beta Person:

.. list-table::
   :header-rows: 1

   * - Alpha Person Property
     - Beta Person Property
     - Beta Data Type
   * - name
     - name
     - "string"
   * - email
     - email
     - "string"
   * - phone
     - phone
     - "string"
   * - address.city
     - address.city
     - "string"
   * - state
     - state
     - "string"
"""
