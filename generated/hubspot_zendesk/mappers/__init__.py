"""The mappers of hubspot-zendesk.rst and zendesk-hubspot.rst."""
