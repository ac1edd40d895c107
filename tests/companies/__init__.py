"""Tests of companies: settings, commands, and two companies that share an account."""
