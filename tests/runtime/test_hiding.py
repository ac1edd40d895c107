"""Secrets are hidden, in every spelling and whatever was cut off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.runtime.hiding import Secrets, find_secrets

SECRET = 'k3y/+"=ø x'


@pytest.mark.parametrize(
    "text",
    [
        'the key k3y/+"=ø x is wrong',
        'K3Y/+"=Ø X',
        "?key=k3y%2F%2B%22%3D%C3%B8%20x&y",
        "?key=k3y%2F%2B%22%3D%C3%B8+x&y",
        '{"key": "k3y/+\\"=\\u00f8 x"}',
        "Basic azN5LysiPcO4IHg=",
        'the key k3y/+"=…',
        "the key k3y/…",
    ],
)
def test_a_secret_is_hidden_however_it_is_spelt(text: str) -> None:
    hidden = Secrets([SECRET]).hide(text)
    assert "…" in hidden
    assert "k3y" not in hidden.casefold()
    assert "azN5" not in hidden


def test_what_is_no_secret_stays() -> None:
    secrets = Secrets(["abc", SECRET])
    assert secrets.hide("abc is told, and k3y") == "abc is told, and k3y"
    assert Secrets().hide("anything…") == "anything…"
    assert secrets.hide("cut, and of no secret…") == "cut, and of no secret…"
    assert "k3y" not in repr(secrets)


def test_tokens_are_hidden_as_long_as_they_may_open_anything() -> None:
    secrets = Secrets(["lasting-key"])
    for number in range(40):
        secrets.learn(f"token-{number:03}")
    assert secrets.hide("lasting-key token-039 token-000") == "… … token-000"


@pytest.mark.parametrize(
    ("name", "value", "told", "hidden"),
    [
        ("ACME_API_TOKEN", "hush-hush", "hush-hush", True),
        ("acme_client_secret", "hush-hush", "hush-hush", True),
        ("ACME_ODD", "hush-hush", "hush-hush", True),
        ("ACME_EMAIL", "hush-hush", "hush-hush", False),
        ("ACME_KEY", "true", "true", False),
        ("HTTPS_PROXY", "http://me:hush-hush@proxy:3128", "hush-hush", True),
        ("https_proxy", "http://hush-hush@proxy:3128", "hush-hush", True),
        ("SPECBRIDGE_STORE", "postgresql://u:a@hush-hush@h/d", "hush-hush", True),
        ("SPECBRIDGE_STORE", "postgresql://u:a%40hush@h/d", "a@hush", True),
        ("SPECBRIDGE_STORE", "postgresql://h/d?password=hush-hush", "hush-hush", True),
        ("ACME_TOKEN_URL", "https://acme.example/token", "https://acme.example/token", False),
    ],
)
def test_secrets_of_an_environment(name: str, value: str, told: str, hidden: bool) -> None:
    secrets = find_secrets({name: value}, ["ACME_ODD"])
    assert (secrets.hide(f"it says {told}.") != f"it says {told}.") is hidden


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="…")


@given(st.text(LETTERS, min_size=4), st.text(LETTERS), st.text(LETTERS))
def test_no_secret_is_left_in_any_text(secret: str, before: str, after: str) -> None:
    assert secret not in Secrets([secret]).hide(before + secret + after)
