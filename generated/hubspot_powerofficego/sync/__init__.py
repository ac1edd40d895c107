"""The sync modules of hubspot-powerofficego.rst and powerofficego-hubspot.rst."""
