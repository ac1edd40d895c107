"""3.0 and 3.1, JSON and YAML: one description, one draft."""

import json

import pytest

from tests.drafting.describing import VENDORS, as_newer, as_yaml, draft_text, vendor, vendor_text


@pytest.mark.parametrize("name", VENDORS)
def test_a_newer_description_gives_the_same_draft(name: str) -> None:
    older = vendor(name)
    newer = as_newer(older)
    assert newer != older
    assert draft_text(json.dumps(newer)) == draft_text(json.dumps(older))


@pytest.mark.parametrize("name", VENDORS)
def test_yaml_gives_the_same_draft(name: str) -> None:
    document = vendor(name)
    assert draft_text(as_yaml(document)) == draft_text(json.dumps(document))


@pytest.mark.parametrize("name", VENDORS)
def test_a_newer_description_in_yaml_gives_the_same_draft(name: str) -> None:
    document = vendor(name)
    assert draft_text(as_yaml(as_newer(document))) == draft_text(json.dumps(document))


@pytest.mark.parametrize("name", VENDORS)
def test_the_same_description_gives_the_same_text(name: str) -> None:
    assert draft_text(vendor_text(name)) == draft_text(vendor_text(name))


PLAIN = """\
openapi: 3.1.0
info: {title: Register, version: 2024-01-31}
servers: [{url: "https://register.example/api"}]
paths:
  /firms:
    get:
      responses:
        200:
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Firm"}}
          description: all
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Firm"}}}}
      responses: {201: {description: made}}
  /firms/{id}:
    get: {responses: {200: {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Firm"}}}}}}
components:
  schemas:
    Firm:
      type: object
      required: [no]
      properties:
        id: {type: integer, readOnly: true}
        no: {type: string, enum: [NO, SE]}
        on: {type: [string, "null"]}
        founded: {type: string, examples: [2001-02-03]}
        seen: {type: string, examples: [2001-02-03T04:05:06Z]}
"""


def test_yaml_s_own_words_stay_texts() -> None:
    text = draft_text(PLAIN)
    assert '{ path = "no", type = "string", required = true }' in text
    assert '{ path = "on", type = "string" }' in text
    assert '{ path = "founded", type = "date" }' in text
    assert '{ path = "seen", type = "datetime" }' in text
