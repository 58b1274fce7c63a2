"""Run every benchmark, or those named: `python -m bench [dag_parse …]`."""

import importlib
import sys

BENCHMARKS = ("dag_parse", "extraction", "salesforce", "readers")


def main() -> int:
    """Each benchmark is a module with a `report()` that returns its lines."""
    for name in sys.argv[1:] or BENCHMARKS:
        lines = importlib.import_module(f"bench.{name}").report()
        sys.stdout.write("\n".join([f"## {name}", *lines, ""]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
