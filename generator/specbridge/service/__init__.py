"""What runs as a service: webhooks that come in; an extra."""
