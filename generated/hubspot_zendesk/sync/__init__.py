"""The sync modules of hubspot-zendesk.rst and zendesk-hubspot.rst."""
