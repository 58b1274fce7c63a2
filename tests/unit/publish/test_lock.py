"""One writer per home."""

import os
import subprocess
import sys

import pytest

from sales_support_kpi.errors import HomeBusy
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.lock import writer_lock

HOLD = """
import sys
from pathlib import Path
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.lock import writer_lock
with writer_lock(Home(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(home: Home):
    command = [sys.executable, "-c", HOLD, str(home.root)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_writer_is_told_who_holds_the_home(home: Home, holder) -> None:
    with pytest.raises(HomeBusy, match=rf"process {holder.pid} \(`.*`\) since 20"):  # noqa: SIM117
        with writer_lock(home):
            pass


def test_a_writer_that_waits_gets_the_home_when_it_is_given_back(home: Home, holder) -> None:
    holder.stdin.write("\n")
    holder.stdin.flush()

    with writer_lock(home, wait_seconds=20):
        assert (home.root / ".lock-holder.json").read_text().startswith(f'{{"pid": {os.getpid()}')


def test_a_killed_writer_does_not_keep_the_home(home: Home, holder) -> None:
    holder.kill()
    holder.wait()

    with writer_lock(home, wait_seconds=1):
        pass


def test_steps_of_one_run_may_take_the_lock_again(home: Home) -> None:
    with writer_lock(home):
        with writer_lock(home):
            pass
        assert (home.root / ".lock-holder.json").exists()
    assert not (home.root / ".lock-holder.json").exists()
