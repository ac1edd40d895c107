"""Tests of generator.emit."""
