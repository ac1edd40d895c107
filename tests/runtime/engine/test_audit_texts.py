"""Creation is told in the sentence of the document that states it."""

from dataclasses import replace

import pytest
from specbridge.model.values import CreationPolicy
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.auditing.texts import creation_text
from specbridge.runtime.flow import CreationRule, Side

from tests.runtime.people import firm_flow

EVERY = "Every Ledgerly Firms will be synchronized with a Acme companies (human data)."
BLANK = "Every Firms will be synchronized with a companies human data."
BACK = "Every Acme companies (human data) will be synchronized with a Ledgerly Firms."
NEW = "If no matching Acme companies (human data) is found, a new Acme companies (human data) will be created."
NEW_BACK = "If no matching Ledgerly Firms is found, a new Ledgerly Firms will be created."
WHEN = "When it is paid, it  will be synchronized with a Acme companies human data."
CONNECTED = "A new Acme companies (human data) will be created from a Ledgerly Firms if it is connected to a Ledgerly Order that is synchronized into Acme."
OTHERS = (
    "Before any synchronization can take place, a link between a Ledgerly Firms and a Acme companies must be established.",
    "Once a link is established, it will keep in sync.",
)


@pytest.mark.parametrize(
    ("policy", "side", "stated", "expected"),
    [
        pytest.param("ALWAYS", SOURCE, (BACK, EVERY), EVERY, id="every"),
        pytest.param("ALWAYS", TARGET, (EVERY, BACK), BACK, id="every-the-other-way"),
        pytest.param("ALWAYS", SOURCE, (BLANK,), BLANK, id="labels-left-blank"),
        pytest.param("ALWAYS", SOURCE, (NEW_BACK, NEW), NEW, id="match-or-create"),
        pytest.param("ALWAYS", TARGET, (NEW, NEW_BACK), NEW_BACK, id="the-other-way"),
        pytest.param("WHEN", SOURCE, (EVERY, WHEN), WHEN, id="when"),
        pytest.param("CONNECTED", SOURCE, (EVERY, CONNECTED), CONNECTED, id="connected"),
        pytest.param(
            "ALWAYS", SOURCE, ("Every  will be synchronized with a .",), "", id="no-names"
        ),
        pytest.param("ALWAYS", SOURCE, (), "", id="no-sentence"),
    ],
)
def test_the_sentence_that_states_a_creation_is_found(
    policy: str, side: int, stated: tuple[str, ...], expected: str
) -> None:
    rule = CreationRule(policy=CreationPolicy[policy])
    target = Side(system="acme", resource="companies", label="Acme companies human data")
    flow = replace(
        firm_flow(), target=target, create_target=rule, create_source=rule,
        statements=(*OTHERS, *stated),
    )  # fmt: skip
    ours = "always: a Acme companies human data for each Ledgerly Firms"
    assert creation_text(flow, side) == (expected or ours)
