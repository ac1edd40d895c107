"""What names records, and where they are seen: read strictly, and told by the built-in profiles."""

import pytest
from specbridge.drafting.naming import read_naming
from specbridge.errors import ProfileError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.profiles.load import built_in_texts, load_profiles, read_profile
from specbridge.runtime.connectors.seeing import seen_at
from specbridge.runtime.naming import LONGEST, name_of

LEAST = """
name = "acme"
labels = ["Acme"]
base_url = "https://acme.example/api/"
[[resources]]
name = "Persons"
id = "id"
properties = [
    { path = "id", type = "integer" },
    { path = "company" },
    { path = "first", type = "string" },
    { path = "name.last", type = "string" },
    { path = "tags", type = "list" },
    { path = "secret", hidden = true },
    { path = "phones[].number" },
]
"""
NAMED = LEAST + 'named_by = [["company"], ["first", "name.last"], ["id"]]\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('named_by = ["company"]', r"named_by\[0\]: must be an array"),
        ("named_by = [[]]", r"named_by\[0\]: names nothing"),
        (
            'named_by = [["id"], ["frist"]]',
            r"17: resources\[Persons\]\.named_by\[1\]\[0\]: frist is none of its properties; did you mean first",
        ),
        ('named_by = [["tags"]]', r"named_by\[0\]\[0\]: tags is of type list"),
        ('named_by = [["secret"]]', r"named_by\[0\]\[0\]: secret is hidden"),
        ('named_by = [["phones[].number"]]', r"named_by\[0\]\[0\]: .* lies in a list"),
        ('seen_at = "https://acme.example/persons"', r"seen_at: has no \{id\}"),
        ('seen_at = "http://acme.example/{id}"', "seen_at: must begin with https://"),
        ('seen_at = "javascript:alert({id})"', "seen_at: must begin with https://"),
        ('seen_at = "{BASE_URL}.evil/{id}"', r"seen_at: must begin with https:// or \{BASE_URL\}/"),
        ('seen_at = "https://acme.example/{id}/{name}"', "seen_at: .*braces hold id, or names"),
    ],
)
def test_what_names_nothing_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ProfileError, match=fault):
        read_profile(LEAST + text, "acme.toml")


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"company": "Acme", "first": "Ada"}, "Acme"),
        ({"company": None, "first": "Ada", "name": {"last": "Byron"}}, "Ada Byron"),
        ({"company": " \t", "first": "", "name": {"last": " de  la\nCruz "}}, "de la Cruz"),
        ({"first": "Ada", "name": None, "id": 7}, "Ada"),
        ({"company": "", "id": 7.0}, "7"),
        ({"company": ["Acme"], "first": {"a": 1}, "id": True}, ""),
        ({"company": None}, ""),
        ({"other": "Acme"}, None),
        ({}, None),
        ({"company": "A\0\ud800"}, "A\ufffd\ufffd"),
        ({"company": "x" * 999}, "x" * LONGEST),
        ({"company": "\u202eAcme \x1b[2J"}, "\u202eAcme \x1b[2J"),
    ],
)
def test_the_first_alternative_that_is_filled_names_a_record(
    row: dict[str, object], name: str | None
) -> None:
    (resource,) = read_profile(NAMED, "acme.toml").resources
    assert name_of(resource, row) == name  # type: ignore[arg-type]  # rows of any shape


SEEN = LEAST + 'seen_at = "{}"\n'


@pytest.mark.parametrize(
    ("template", "environment", "address"),
    [
        ("{BASE_URL}/persons/{id}", {}, "https://acme.example/api/persons/a%2F%7BTENANT%7D"),
        (
            "{BASE_URL}/persons/{id}",
            {"ACME_BASE_URL": "http://127.0.0.1:8000"},
            "http://127.0.0.1:8000/persons/a%2F%7BTENANT%7D",
        ),
        ("{BASE_URL}/persons/{id}", {"ACME_BASE_URL": "ftp://127.0.0.1"}, ""),
        ("https://x.example/{TENANT}?p={id}", {}, ""),
        ("https://x.example/{TENANT}?p={id}", {"ACME_TENANT": " "}, ""),
        (
            "https://x.example/{TENANT}?p={id}",
            {"ACME_TENANT": "t1"},
            "https://x.example/t1?p=a%2F%7BTENANT%7D",
        ),
    ],
)
def test_a_record_is_seen_where_the_profile_says(
    template: str, environment: dict[str, str], address: str
) -> None:
    profile = read_profile(SEEN.replace("{}", template), "acme.toml")
    assert seen_at(profile, "Persons", "a/{TENANT}", environment) == address
    assert seen_at(profile, "Nobody", "1", environment) == ""


def test_every_resource_of_the_built_in_profiles_is_named() -> None:
    profiles = load_profiles()
    assert len(profiles) == len(built_in_texts())
    unnamed = [
        f"{profile.name} {resource.name}"
        for profile in profiles.values()
        for resource in profile.resources
        if not resource.named_by
    ]
    assert unnamed == []
    zendesk = profiles["zendesk"]
    address = seen_at(zendesk, "Users", "12", {"ZENDESK_SUBDOMAIN": "acme"})
    assert address == "https://acme.zendesk.com/agent/users/12"


def test_a_draft_names_records_by_what_its_properties_are_called() -> None:
    def draft(*paths: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
        properties = [
            Property(path=tuple(path.split(".")), type=ValueType.STRING) for path in ("id", *paths)
        ]
        return read_naming(properties)

    assert draft("Email", "display_name") == ((("display_name",),), (("Email",),))
    assert draft("LastName", "FirstName") == ((("FirstName",), ("LastName",)),)
    assert draft("attributes.name", "address.name") == ((("attributes", "name"),),)
    assert draft("attributes.name", "name") == ((("name",),),)
    assert draft("street") == ()
