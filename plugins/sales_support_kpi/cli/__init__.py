"""The command line `kpi`: thin commands over the package's functions.

Nothing heavy is imported before a command runs, so that `kpi --help` answers at once.
"""

from sales_support_kpi.cli.entry import main

__all__ = ["main"]
