"""Tests of specbridge.drift."""
