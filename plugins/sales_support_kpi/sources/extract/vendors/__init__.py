"""The systems companies really use, one package each."""
