"""Turns resolved packages into typed Python text: `package.emit_package` is the way in."""
