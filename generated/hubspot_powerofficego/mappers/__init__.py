"""The mappers of hubspot-powerofficego.rst and powerofficego-hubspot.rst."""
