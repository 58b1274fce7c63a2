"""Nightly KPIs of a sales-support team: sources → landing → dbt → audit → publish."""

__version__ = "0.1.0"
