"""Servers that speak the vendors' protocols over real HTTP, for the demo company and for tests."""
