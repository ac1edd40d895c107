"""Webhooks as their system lists them: where they deliver to, and whether they do."""

from collections.abc import Iterator
from typing import NamedTuple

from specbridge.model.webhooks import WebhookList
from specbridge.runtime.connectors.reading.batches import read_batches
from specbridge.runtime.connectors.reading.rows import value_at
from specbridge.runtime.connectors.transport.access import Access


class ListedWebhook(NamedTuple):
    """A webhook of a system: the address that it delivers to, and whether it is active."""

    address: str
    active: bool


def list_webhooks(access: Access, asked: WebhookList) -> Iterator[ListedWebhook]:
    """Yield the webhooks that a system has; raises ApiError where it cannot be asked."""
    for batch in read_batches(access, asked.list, {}):
        for row in batch.rows:
            address = value_at(row, asked.address)
            active = not asked.state or value_at(row, asked.state) == asked.active
            yield ListedWebhook(str(address or ""), active)
