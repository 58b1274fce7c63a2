"""Write the demo company's data: `python -m sales_support_kpi.sandbox --out DIR --size S`."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.sandbox.generate import SEED, SIZES, generate
from sales_support_kpi.sandbox.rhythm import LAST_NIGHT


def main(arguments: Sequence[str] | None = None) -> int:
    """Generate; progress goes to standard error, the exit code says how it went."""
    options = _parser().parse_args(arguments)
    started = time.perf_counter()
    try:
        truth = generate(
            options.out,
            size=options.size,
            factor=options.factor,
            until=options.until,
            layout=options.layout,
            format=options.format,
            seed=options.seed,
        )
    except SalesSupportKpiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for entity, count in truth.rows.items():
        sys.stderr.write(f"{entity:20} {count:>12,}\n")
    sys.stderr.write(f"written to {options.out} in {time.perf_counter() - started:.1f} s\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sales_support_kpi.sandbox", description=__doc__
    )
    parser.add_argument("--out", type=Path, required=True, help="directory to write into")
    parser.add_argument("--size", default="S", choices=sorted(SIZES))
    parser.add_argument("--factor", type=float, help="so many times size S, instead of --size")
    parser.add_argument(
        "--until", type=date.fromisoformat, default=LAST_NIGHT, help="the last night seen"
    )
    parser.add_argument(
        "--layout",
        default="sources",
        choices=("sources", "drop"),
        help="four folders as the demo's systems deliver them, or one drop with everything",
    )
    parser.add_argument("--format", choices=("csv", "parquet", "jsonl", "xlsx"))
    parser.add_argument("--seed", type=int, default=SEED, help="another seed: another company")
    return parser


if __name__ == "__main__":
    sys.exit(main())
