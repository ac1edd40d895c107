"""Tests of generator.reader."""
