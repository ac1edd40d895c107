"""Profiles are read strictly: what a file says is known, fits together, and is of the right type."""

from pathlib import Path

import pytest
from specbridge.errors import ProfileError
from specbridge.model.calls import Paging, PagingStyle
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, Subset
from specbridge.profiles.load import load_profiles, read_profile

LEAST = """
name = "acme"
labels = ["Acme"]
base_url = "https://acme.example"
"""
RESOURCE = """
[[resources]]
name = "Contacts"
id = "id"
properties = [{ path = "id" }, { path = "place.city", type = "string" }]
"""


def test_what_is_left_out_has_the_model_s_default() -> None:
    profile = read_profile(LEAST + RESOURCE, "acme.toml")
    assert profile.path == "acme.toml"
    assert profile.paging == Paging()
    (resource,) = profile.resources
    assert resource.properties == (
        Property(path=("id",)),
        Property(path=("place", "city"), type=ValueType.STRING),
    )


def test_paths_words_pairs_and_enumerations_are_read() -> None:
    text = (
        LEAST
        + 'errors = ["error.message", ["dotted.name"]]\npaging = { style = "link", size = 5 }\n'
        + RESOURCE
        + 'datatypes = ["Contact.s"]\n'
        + 'plain = { name = "x", path = "id", equals = 1, required = ["place.city"] }\n'
        + 'list = { path = "/c", tombstones = [["deleted.at", true]] }\n'
    )
    profile = read_profile(text, "acme.toml")
    assert profile.errors == (("error", "message"), ("dotted.name",))
    assert profile.paging.style is PagingStyle.LINK
    (resource,) = profile.resources
    assert resource.datatypes == ("Contact.s",)
    assert resource.plain == Subset(name="x", path=("id",), equals=1, required=(("place", "city"),))
    assert resource.list is not None
    assert resource.list.tombstones == ((("deleted", "at"), True),)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (LEAST + "colour = 1", r"5: colour: there is no such key; known are name, labels"),
        (LEAST + "lables = 1", r"5: lables: there is no such key; did you mean labels\?"),
        (
            LEAST + RESOURCE + 'lsit = "red"',
            r"10: resources\[Contacts\]\.lsit: .*did you mean list\?",
        ),
        (
            LEAST + RESOURCE.replace("{ path", "{ tpye"),
            r"9: resources\[Contacts\]\.properties\[0\]\.tpye",
        ),
        ('name = "acme"\nlabels = []', "1: base_url: is missing"),
        (LEAST.replace('["Acme"]', "[]") + RESOURCE, "3: labels: there must be one"),
        (LEAST.replace('["Acme"]', '"Acme"'), "3: labels: expected array, got str: 'Acme'"),
        (LEAST.replace('"acme"', "1"), "2: name: expected str, got int: 1"),
        (
            LEAST.replace('"acme"', '"Acme Inc"') + RESOURCE,
            "2: name: 'Acme Inc' must be lower-case",
        ),
        (LEAST + "limits = 3", "5: limits: must be an array"),
        (
            LEAST + "limits = [{ requests = true, seconds = 1 }]",
            r"5: limits\[0\]\.requests: expected int",
        ),
        (
            LEAST + "limits = [{ requests = 0, seconds = 1 }]" + RESOURCE,
            "requests: must be 1 at least",
        ),
        (
            LEAST + 'limits = [{ requests = 1, seconds = 1, shared_by = "KEY" }]' + RESOURCE,
            r"limits\[0\]\.shared_by: names no variable",
        ),
        (
            LEAST + 'limits = [{ requests = 1, seconds = 1, shared_by = "{KEY}" }]' + RESOURCE,
            r"shared_by: \{KEY\} is no variable of the address or the credentials",
        ),
        (
            LEAST
            + 'limits = [{ requests = 1, seconds = 1, path = "/{id}", per_record = true, shared_by = "{BASE_URL}" }]'
            + RESOURCE,
            "shared_by: is nothing to a limit per record",
        ),
        (LEAST + "paging = 3", "5: paging: must be a table"),
        (
            LEAST + "paging = { parameters = { page = 1 } }",
            r"paging\.parameters\.page: expected str",
        ),
        (
            LEAST + 'paging = { style = "lnik" }',
            r"paging\.style: 'lnik' is no word .*did you mean link\?",
        ),
        (LEAST + "errors = [3]", r"5: errors\[0\]: must be a dotted path"),
        (LEAST + 'errors = ["a..b"]', r"5: errors\[0\]: must be a dotted path"),
        (LEAST + RESOURCE + 'list = { path = "/", tombstones = [["a"]] }', "must have 2 entries"),
        (
            LEAST + RESOURCE + 'plain = { name = "x", path = "id", equals = 2020-01-01 }',
            r"10: resources\[Contacts\]\.plain\.equals: must be a value that JSON has",
        ),
        (
            LEAST + RESOURCE + 'plain = { name = "x", path = "id", equals = nan }',
            r"plain\.equals: must be a value that JSON has",
        ),
        (LEAST + "limits = [{ requests = 1, seconds = inf }]", r"seconds: must be a finite number"),
        (LEAST + "version = 2", r"5: version: 2 is not known: .* version 1"),
        (LEAST + 'path = "x"', r"5: path: there is no such key"),
        (LEAST + RESOURCE + RESOURCE, r"12: resources\[Contacts\]\.name: Contacts is there twice"),
        (LEAST + RESOURCE.replace("place.city", "id"), "property id is there twice"),
        (
            LEAST + RESOURCE.replace('id = "id"', 'id = "ids"'),
            "8: .*ids is none of .*did you mean id",
        ),
        (
            LEAST + RESOURCE.replace('path = "id" }', 'path = "id", reference = "Contcts" }'),
            r"9: resources\[Contacts\]\.properties\[id\]\.reference: .*did you mean Contacts\?",
        ),
        (
            LEAST + RESOURCE + 'modified_at = "place.city"',
            "10: .*modified_at: is of type string: cursors are made of instants",
        ),
        (
            LEAST + RESOURCE + 'lookups = [{ path = "/c", property = "mail", parameter = "m" }]',
            r"10: resources\[Contacts\]\.lookups\[m\]\.property: mail is none of its properties",
        ),
        (LEAST + RESOURCE + 'list = { path = "/c/{id}" }', r"list\.path: nothing fills \{id\}"),
        (
            LEAST + RESOURCE + 'read = { method = "GET", path = "/c/{Id}" }',
            r"read\.path: nothing fills \{Id\}; did you mean id\?",
        ),
        (
            LEAST + RESOURCE + 'delete = { method = "DELETE", path = "/c" }',
            "does not say which record",
        ),
        (
            LEAST + RESOURCE + 'read = { method = "GET", path = "/c/{id" }',
            "a brace without its other",
        ),
        (LEAST + '[[auth]]\nstyle = "bearer"' + RESOURCE, r"auth\[bearer\]\.token: is missing"),
        (
            LEAST + '[[auth]]\nstyle = "bearer"\ntoken = "{TOKEN}"\nuser = "{U}"' + RESOURCE,
            r"8: auth\[bearer\]\.user: is nothing to style bearer",
        ),
        (LEAST + '[[auth]]\nstyle = "bearer"\ntoken = "{token}"' + RESOURCE, "names of variables"),
        (
            LEAST + RESOURCE + "strategy_calls = { default-membershp = {} }",
            "did you mean default-mem",
        ),
        (
            LEAST + RESOURCE + "strategy_calls = { default-membership = {} }",
            r"default-membership\.promote: is missing: the strategy needs it",
        ),
        (
            LEAST + RESOURCE.replace('"string"', '"string", form = "text"'),
            r"9: .*properties\[place\.city\]\.form: text is no form of the type string",
        ),
        (
            LEAST + RESOURCE.replace('"string"', '"string", codes = { a = 1, b = 1 }'),
            r"codes: two names have one code",
        ),
        (
            LEAST + RESOURCE.replace('"place.city"', '"phones[].x", clear = ""'),
            r"path: lies in a list",
        ),
        (
            LEAST + RESOURCE + 'taken = [{ path = "code", property = "id" }]',
            r"taken\[code\]\.equals: or pattern is to be stated",
        ),
        (
            LEAST + RESOURCE + 'taken = [{ path = "code", property = "id", pattern = "(" }]',
            r"taken\[code\]\.pattern: is no regular expression",
        ),
        (
            LEAST + "busy_statuses = [423, 200]" + RESOURCE,
            r"busy_statuses\[1\]: 200 refuses nothing",
        ),
        ("name = ", "1: Invalid value"),
    ],
)
def test_a_fault_names_the_file_the_line_and_the_key(text: str, fault: str) -> None:
    with pytest.raises(
        ProfileError, match=f"(?m)^acme.toml:{fault}" if fault[0].isdigit() else fault
    ) as caught:
        read_profile(text, "acme.toml")
    assert str(caught.value).startswith("acme.toml:")


def test_all_faults_are_told_at_once_by_line() -> None:
    text = LEAST.replace('"acme"', "1") + RESOURCE + "lsit = 1\n" + 'id_type = "uuid"\n'
    with pytest.raises(ProfileError) as caught:
        read_profile(text, "acme.toml")
    lines = [int(line.split(":")[1]) for line in str(caught.value).splitlines()]
    assert lines == [2, 10, 11]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "things",
        "//evil.example/things",
        "http://evil.example/things",
        "@evil.example/things",
        ":8080/things",
        ".evil.example/things",
        "/\\\\evil.example",
        "/a\\\\b",
        "/a b",
        "/a\\tb",
        "/a\\r\\nX-Key: 1",
        "/a#b",
        "/../things",
        "/a/./b",
        "/a/%2e%2E/b",
    ],
)
@pytest.mark.parametrize(
    ("call", "key"),
    [
        ('list = {{ path = "{}" }}', "list.path"),
        ('read = {{ method = "GET", path = "{}" }}', "read.path"),
        ('lookups = [{{ path = "{}", property = "id", parameter = "m" }}]', "lookups[m].path"),
        (
            'update_many = {{ method = "PATCH", path = "/c", wrap = "c", size = 9, jobs = 1,'
            ' job_path = "{}" }}',
            "update_many.job_path",
        ),
        (
            'strategy_calls = {{ default-membership = {{ list = {{ method = "GET", path = "{}" }} }} }}',
            "strategy_calls.default-membership.list.path",
        ),
    ],
)
def test_a_path_stays_below_the_system_s_address(path: str, call: str, key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_profile(LEAST + RESOURCE + call.format(path), "acme.toml")
    assert f"acme.toml:10: resources[Contacts].{key}: " in str(caught.value)


READ = 'read = { method = "GET", path = "/c/{id}" }\n'
PUT = 'update = { method = "PUT", path = "/c/{id}", '


@pytest.mark.parametrize(
    ("calls", "fault"),
    [
        ('update = { method = "PUT", path = "/c/{id}" }', r"update\.body: must be stated of a PUT"),
        (
            'update_many = { method = "PUT", path = "/c", wrap = "c", size = 9, jobs = 1, job_path = "/j" }',
            r"update_many\.body: must be stated of a PUT",
        ),
        (PUT + 'body = "replace" }', "read: is missing: to replace a record"),
        (
            READ + PUT + 'body = "replace", omits = ["place.city"] }',
            "place.city is none of its read-only",
        ),
        (
            READ + PUT + 'body = "merge", omits = ["id"] }',
            r"update\.omits: is of bodies that hold",
        ),
        (READ + PUT + 'body = "json-patch" }', r"update\.method: json-patch is sent with PATCH"),
        (
            READ + PUT + 'body = "replace", precondition = "version" }',
            r"update\.version: is missing",
        ),
        (
            READ + PUT + 'body = "replace", precondition = "version", version = "id" }',
            r"update\.conflicts: is missing",
        ),
        (READ + PUT + 'body = "replace", conflicts = [200] }', "200 refuses nothing"),
        (READ + PUT + 'body = "merge", conflicts = [409] }', "made on no reading"),
        (PUT + 'body = "merge", precondition = "etag" }', "read: is missing: a precondition"),
        ('create = { method = "GET", path = "/c" }', r"create\.method: 'GET' is none of POST, PUT"),
        (
            'create = { method = "POST", path = "/c", body = "merge" }',
            r"create\.body: is of `update`",
        ),
        (
            'delete = { method = "PUT", path = "/c/{id}" }',
            r"delete\.method: 'PUT' is none of DELETE",
        ),
    ],
)
def test_what_a_call_that_writes_does_not_say_safely_is_refused(calls: str, fault: str) -> None:
    with pytest.raises(ProfileError, match=fault):
        read_profile(LEAST + RESOURCE + calls, "acme.toml")


def test_a_hidden_property_cannot_be_sent_back() -> None:
    hidden = RESOURCE.replace('path = "place.city"', 'path = "secret", hidden = true')
    with pytest.raises(ProfileError, match="secret is hidden"):
        read_profile(LEAST + hidden + READ + PUT + 'body = "replace" }', "acme.toml")


def test_a_path_may_hold_ids_queries_and_odd_letters() -> None:
    for path in ("/{id}", "/things/{id}", "/things?ids={id}&x=..", "/@me/a.b/..c/\u00e6/{id}"):
        call = f'read = {{ method = "GET", path = "{path}" }}'
        read_profile(LEAST + RESOURCE + call, "acme.toml")


def test_users_profiles_come_with_the_built_in_ones(tmp_path: Path) -> None:
    own = tmp_path / "acme.toml"
    own.write_text(LEAST + RESOURCE, encoding="utf-8")
    assert list(load_profiles([own])) == [
        "acme",
        "hubspot",
        "poweroffice-go",
        "tripletex",
        "zendesk",
    ]
    own.write_text(LEAST.replace('"acme"', '"zendesk"') + RESOURCE, encoding="utf-8")
    assert load_profiles([own])["zendesk"].labels == ("Acme",)
    assert load_profiles()["zendesk"].labels[0] == "Zendesk"


def test_two_profiles_of_one_name_are_refused(tmp_path: Path) -> None:
    paths = [tmp_path / "one.toml", tmp_path / "two.toml"]
    for path in paths:
        path.write_text(LEAST + RESOURCE, encoding="utf-8")
    with pytest.raises(ProfileError, match=r"two\.toml: name: .*one\.toml is named 'acme' too"):
        load_profiles(paths)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "not-utf-8"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProfileError, match=r"own\.toml: the profile cannot be read"):
        load_profiles([path])
