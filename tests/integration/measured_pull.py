"""The peak memory of reading one source, in a process of its own.

Counting afterwards what was read is the query engine's, which has a limit of its own and spills to
the disk beyond it; it is left out here, so that what is kept of the rows themselves shows.
"""

import subprocess
import sys
from pathlib import Path

SCRIPT = r"""
import re, sys
from datetime import date
from pathlib import Path
from sales_support_kpi.config import load_config
from sales_support_kpi.night import night_ending
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.extract.mapping import Mapped
from sales_support_kpi.sources.extract.pulling import pull
Mapped.handed = lambda self: {}
config = load_config(Path(sys.argv[1]))
spool = Path(sys.argv[2]); spool.mkdir()
night = night_ending(date(2026, 10, 5), "Asia/Seoul")
drop = pull(Home(spool / "home"), config, config.sources[0], night, spool)
rows = sum(one["rows"] for one in drop.bookmark["columns"].values())
peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
print(rows, int(peak) // 1024)  # ru_maxrss would be that of the process that started this one
"""


def measured_pull(config: Path, spool: Path) -> tuple[int, int]:
    """Read the first source of a configuration; rows, and MiB at most."""
    command = [sys.executable, "-c", SCRIPT, str(config), str(spool)]
    rows, peak = subprocess.check_output(command, text=True).split()
    return int(rows), int(peak)
