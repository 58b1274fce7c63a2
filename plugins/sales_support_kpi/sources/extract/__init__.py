"""Extraction: systems are read, spooled to Parquet and mapped to entities; landing does the rest.

bookmarks of accepted loads → resources, page by page → spool → selects → `Drop` of tables: see
`pulling.pull`. This module imports nothing, since every configuration comes past it.

To add a kind of system:

1. A package `vendors/<kind>/`, one line in `kinds.py`, the word in `config/words.EXTRACTED_KINDS`.
2. `options.py`: `class Options(ExtractOptions)`, what a company may say in `options:`. It is loaded
   with every configuration, so it imports nothing heavy.
3. `__init__.py`: `connect(setting) -> Connector`. A connector names its resources (with the columns
   that are kept), reads one resource page by page, and can be checked. See `resources.py`.
4. `mappings/<entity>.sql`: one select per entity over the resources, which are views by their
   names with every column as text, over the option tables the connector makes of its options, and
   over `mappings/shared/*.sql`: views that several selects build on, in the order of their names.

What the core does: retries, hosts, tokens (`http.py`), secrets (`credentials.py`), bookmarks,
look-back, leaving out what lies after a past night, flat memory (`spool.py`).
"""
