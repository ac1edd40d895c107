"""Signatures, instants and secrets: who is believed; no sockets here."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.errors import SettingsError
from specbridge.model.webhooks import InstantForm, SignatureEncoding, Webhooks
from specbridge.profiles.load import load_profiles
from specbridge.service.webhooks.doors import open_doors
from specbridge.service.webhooks.signing import Delivery, Refusal, examine, read_instant, sign

from tests.service.deliveries import OLD_SECRET, SECRET, TEST_SECRET, stamp

PROFILES = load_profiles()
NOW = 1_795_740_000.0
INSTANT = "x-zendesk-webhook-signature-timestamp"


def known(system: str) -> Webhooks:
    found = PROFILES[system].webhooks
    assert found is not None
    return found


def delivery(secret: str = SECRET, body: bytes = b"{}", instant: str = stamp(NOW)) -> Delivery:
    bare = Delivery(method="POST", address="", headers={INSTANT: instant}, body=body)
    signature = sign(known("zendesk"), secret, bare)
    return replace(bare, headers={**bare.headers, "x-zendesk-webhook-signature": signature})


def test_what_the_secret_signed_just_now_is_taken() -> None:
    assert examine(known("zendesk"), [SECRET], delivery(), NOW) is None


@pytest.mark.parametrize("seconds", [-299, 299])
def test_clocks_may_differ_by_the_tolerance(seconds: float) -> None:
    assert examine(known("zendesk"), [SECRET], delivery(), NOW + seconds) is None


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_instant_far_from_now_is_refused(seconds: float) -> None:
    assert examine(known("zendesk"), [SECRET], delivery(), NOW + seconds) is Refusal.OLD


@pytest.mark.parametrize("instant", ["now", "2026-11-27T00:00:00", "1795740000"])
def test_an_instant_that_cannot_be_read_is_refused(instant: str) -> None:
    signed = delivery(instant=instant)
    assert examine(known("zendesk"), [SECRET], signed, NOW) is Refusal.BAD_INSTANT


@pytest.mark.parametrize("header", [INSTANT, "x-zendesk-webhook-signature"])
def test_a_missing_header_is_refused(header: str) -> None:
    whole = delivery()
    headers = {name: text for name, text in whole.headers.items() if name != header}
    refusal = examine(known("zendesk"), [SECRET], replace(whole, headers=headers), NOW)
    assert refusal is Refusal.NO_SIGNATURE


def test_both_secrets_hold_while_one_takes_the_place_of_the_other() -> None:
    for secret in (SECRET, OLD_SECRET):
        assert examine(known("zendesk"), [SECRET, OLD_SECRET], delivery(secret), NOW) is None
    refusal = examine(known("zendesk"), [SECRET], delivery(OLD_SECRET), NOW)
    assert refusal is Refusal.FORGED


@given(st.binary(max_size=40), st.text(max_size=12))
def test_nothing_else_is_believed(body: bytes, text: str) -> None:
    whole = delivery(body=body)
    signature = {"x-zendesk-webhook-signature": text}
    for other in (
        replace(whole, body=body + b" "),
        replace(whole, headers={**whole.headers, INSTANT: stamp(NOW + 1)}),
        replace(whole, headers={**whole.headers, **signature}),
    ):
        assert examine(known("zendesk"), [SECRET], other, NOW) is not None


def test_hubspot_signs_the_method_and_the_address_too() -> None:
    headers = {"x-hubspot-request-timestamp": str(int(NOW * 1000))}
    bare = Delivery(method="POST", address="https://a.example/h", headers=headers, body=b"[]")
    signature = sign(known("hubspot"), SECRET, bare)
    whole = replace(bare, headers={**headers, "x-hubspot-signature-v3": signature})
    assert examine(known("hubspot"), [SECRET], whole, NOW) is None
    for other in (replace(whole, method="PUT"), replace(whole, address="https://b.example/h")):
        assert examine(known("hubspot"), [SECRET], other, NOW) is Refusal.FORGED


def test_a_signature_may_be_written_in_hexadecimal() -> None:
    webhooks = replace(known("zendesk"), encoding=SignatureEncoding.HEX)
    assert set(sign(webhooks, SECRET, delivery())) <= set("0123456789abcdef")


@pytest.mark.parametrize("text", ["", "-1", "1e9", "nan", "\uff11\uff17", "9" * 40])
def test_an_instant_as_a_number_has_digits_and_nothing_else(text: str) -> None:
    assert read_instant(InstantForm.SECONDS, text) is None


@pytest.mark.parametrize("name", ["ZENDESK_WEBHOOK_SECRET", "ZENDESK_WEBHOOK_SECRET_OLD"])
def test_the_secret_that_everybody_knows_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is the secret of test deliveries") as error:
        open_doors(PROFILES, {"": {name: TEST_SECRET}})
    assert TEST_SECRET not in str(error.value)


def test_without_any_secret_nothing_is_opened() -> None:
    with pytest.raises(SettingsError, match="ZENDESK_WEBHOOK_SECRET"):
        open_doors(PROFILES, {"": {}})


@pytest.mark.parametrize("name", ["a/b", "ä", "a b", "x" * 101])
def test_a_company_whose_name_is_no_part_of_an_address_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="address"):
        open_doors(PROFILES, {name: {"ZENDESK_WEBHOOK_SECRET": SECRET}})


def test_a_secret_is_shown_nowhere() -> None:
    (door,) = open_doors(PROFILES, {"acme": {"ZENDESK_WEBHOOK_SECRET": SECRET}})
    assert door.path == "/hooks/zendesk/acme"
    assert SECRET not in repr(door)
