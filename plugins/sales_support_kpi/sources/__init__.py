"""Sources: everything that can be opened as tables of the canonical entities."""
