"""What a profile does not say of its lists, so that nobody could tell their end, is refused."""

import pytest
from specbridge.errors import ProfileError
from specbridge.profiles.load import read_profile

HEAD = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"
"""
RESOURCE = """
[[resources]]
name = "Contacts"
id = "id"
modified_at = "at"
properties = [{ path = "id" }, { path = "at", type = "datetime" }]
"""
CURSOR = 'style = "cursor", parameters = { cursor = "after" }, '
OFFSET = 'style = "offset", parameters = { page = "offset" }, '
POST = 'method = "POST", path = "/search", '


def listing(paging: str) -> str:
    return f'list = {{ path = "/c", paging = {{ {paging} }} }}'


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (listing('style = "offset"'), r"list\.paging\.parameters\.page: is missing: style offset"),
        (listing(OFFSET.rstrip(", ")), r"list\.paging\.end: is missing: what tells the last page"),
        (listing(CURSOR + 'fields = { cursor = "next" }'), r"paging\.end: is missing: .*no-cursor"),
        (listing(CURSOR + 'end = "no-cursor"'), r"fields\.cursor: is missing: style cursor"),
        (listing(OFFSET + 'end = "no-cursor"'), r"end: no-cursor ends no list by offset"),
        (listing(OFFSET + 'end = "total"'), r"fields: total or pages is missing"),
        (listing(OFFSET + 'end = "flag"'), r"fields: more or end is missing"),
        (listing(OFFSET + 'end = "short-page"'), r"end: short-page needs the parameter size"),
        (
            listing(OFFSET + 'end = "total", fields = { totl = "total" }'),
            r"fields\.totl: is no role; did you mean total\?",
        ),
        (
            listing('style = "link", fields = { cursor = "next" }'),
            r"fields\.cursor: is of no use to this style",
        ),
        (listing('style = "none", parameters = { page = "p" }'), r"parameters\.page: is of no use"),
        (listing(OFFSET + 'end = "empty-page", size = 0'), r"size: must be 1 at least"),
        (
            'incremental = { path = "/c", paging = { style = "none" } }',
            r"incremental\.since: is missing: nothing says what has changed",
        ),
        ('list = { path = "/c", since_form = "utc" }', r"since_form: is said, and the call has no"),
        ('list = { path = "/c", method = "PUT" }', r"list\.method: 'PUT' is none of GET, POST"),
        ('list = { path = "/c", body = { a = 1 } }', r"list\.body: is of a search by POST alone"),
        (
            f'list = {{ {POST} body = {{ size = "{{siez}}" }} }}',
            r"list\.body: nothing fills \{siez\}; did you mean size\?",
        ),
        (
            f'list = {{ {POST} body = {{}}, paging = {{ style = "cursor", end = "no-cursor", '
            'fields = { cursor = "next" } } }',
            r"list\.body: \{cursor\} is in no text of body: cursor needs it",
        ),
        (
            f'list = {{ {POST} paging = {{ style = "link" }} }}',
            r"paging\.style: link continues no search by POST",
        ),
        (
            f'incremental = {{ {POST} full = true, body = {{ at = "{{since}}" }} }}',
            r"incremental\.epoch: is missing",
        ),
        (
            'read_many = { path = "/c", property = "id" }',
            r"read_many\.parameter: a lookup by GET has a parameter",
        ),
        (
            'read_many = { path = "/c", property = "id", method = "POST", body = { ids = [] } }',
            r"read_many\.body: a lookup by POST has a body with \{value\}",
        ),
        (
            'archived = { path = "/c", tombstones = [["gone", true]] }',
            r"archived: all its rows are deleted records",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(call: str, fault: str) -> None:
    with pytest.raises(ProfileError, match=fault):
        read_profile(HEAD + RESOURCE + call, "crm.toml")


def test_a_filter_needs_an_instant_to_filter_by() -> None:
    text = HEAD + RESOURCE.replace('modified_at = "at"\n', "")
    with pytest.raises(
        ProfileError, match="since: filters by an instant, and modified_at names none"
    ):
        read_profile(text + 'incremental = { path = "/c", since = "after" }', "crm.toml")
