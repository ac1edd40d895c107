"""The Zendesk Support API, as the vendor's documentation describes it."""
