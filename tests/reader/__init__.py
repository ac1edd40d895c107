"""Tests of specbridge.reader."""
