"""Commands about profiles: check, show, schema."""
