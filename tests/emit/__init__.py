"""Tests of specbridge.emit."""
