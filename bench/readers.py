"""Dashboard queries while nights are published: errors, mixed nights, how long an answer takes.

Two nights stand side by side: the published one, and a copy in which every number with a fraction
is one more. Twenty readers (four processes of five threads, as a server has its workers) ask the
datasets of the dashboards, first of a night that stays, then while `published/current` is led from
one night to the other as a publish does it, `BENCH_PUBLISHES` (100) times, five a second. Each asks
as Superset does here: opens the file of the night, asks once, closes. The answer is a checksum of
all rows, and has to be that of one of the nights, whole.

Readers rest `BENCH_REST` (1) seconds after an answer; people rest longer. `BENCH_HOME` names the
home whose published night is read, else `./var` that `make run` has filled; it is not changed. On
a machine that has other things to do, compare the milliseconds of CPU.
"""

import os
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import yaml
from jinja2 import Environment

from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import (
    COMPANY_FILE,
    MANIFEST,
    current_dir,
    nights_dir,
    point_current_at,
    published_file,
)

ROOT = Path(__file__).resolve().parents[1]
DATASETS = ROOT / "dashboards" / "assets" / "datasets" / "company"
WORKERS, THREADS = 4, 5
PUBLISHES = int(os.environ.get("BENCH_PUBLISHES", "100"))
REST = float(os.environ.get("BENCH_REST", "1"))
PUBLISHES_A_SECOND = 5
GOAL_SECONDS = 0.05
NIGHTS = ("2026-10-31.01", "2026-10-31.02")

Answer = tuple[object, ...]
Answers = dict[str, Answer]
"""Dataset → rows and checksum."""
Met = tuple[str, str, float, float]
"""Dataset, what came of asking it, when it was asked, seconds."""


def report() -> list[str]:
    """What twenty readers met."""
    origin = current_dir(Home(Path(os.environ.get("BENCH_HOME", ROOT / "var"))))
    if origin is None:
        return ["no published night: `make run` makes one, BENCH_HOME names another home"]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        _two_nights(home, origin)
        queries = _queries()
        known = [_answers(nights_dir(home) / night, queries) for night in NIGHTS]
        telling = {name for name in queries if known[0][name] != known[1][name]}
        point_current_at(home, NIGHTS[0])
        is_over = home.root / "over"
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
            readers = [
                pool.submit(_worker, home, queries, known, is_over, worker)
                for worker in range(WORKERS)
            ]
            while len(list(home.root.glob("ready-*"))) < WORKERS:
                time.sleep(0.1)
            time.sleep(PUBLISHES / PUBLISHES_A_SECOND)
            first_publish = time.time()
            for number in range(1, PUBLISHES + 1):
                point_current_at(home, NIGHTS[number % 2])
                time.sleep(1 / PUBLISHES_A_SECOND)
            is_over.touch()
            results = [reader.result() for reader in readers]
        size = (nights_dir(home) / NIGHTS[0] / COMPANY_FILE).stat().st_size
    met = [one for answers, _ in results for one in answers]
    cpu = sum(seconds for _, seconds in results) / len(met)
    still = [one for one in met if one[2] < first_publish]
    moving = [one for one in met if one[2] >= first_publish]
    head = (
        f"{size / 2**20:.0f} MiB published, {len(queries)} datasets, {len(telling)} of them differ "
        f"between the nights; {WORKERS * THREADS} readers, a load of {os.getloadavg()[0]:.0f} on "
        f"{os.cpu_count()} cores, {1000 * cpu:.0f} ms of CPU an answer"
    )
    return [
        head,
        _line("a night that stays", still, telling),
        _line(f"during {PUBLISHES} publishes", moving, telling),
        *sorted({what for _, what, *_ in met if what.startswith("error")})[:5],
    ]


def _line(title: str, met: list[Met], telling: set[str]) -> str:
    seconds = sorted(each for *_, each in met)
    errors = sum(what.startswith("error") for _, what, *_ in met)
    mixed = sum(what == "mixed" for _, what, *_ in met)
    told = sum(name in telling for name, *_ in met)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    verdict = "ok" if p95 <= GOAL_SECONDS else "MISSED"
    return (
        f"{title:24} {len(met):,} answers ({told:,} telling), errors {errors}, mixed nights {mixed}"
        f", p50 {1000 * statistics.median(seconds):.0f} ms, p95 {1000 * p95:.0f} ms"
        f" (goal ≤ {1000 * GOAL_SECONDS:.0f} ms: {verdict})"
    )


def _two_nights(home: Home, origin: Path) -> None:
    for night in NIGHTS:
        (nights_dir(home) / night).mkdir(parents=True)
        for name in (COMPANY_FILE, MANIFEST):
            shutil.copy(origin / name, nights_dir(home) / night / name)
    file = nights_dir(home) / NIGHTS[1] / COMPANY_FILE
    file.chmod(0o600)
    with duckdb.connect(str(file)) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " join duckdb_tables() using (table_oid, table_name) where data_type = 'DOUBLE'"
        ).fetchall()
        for table, column in columns:
            connection.execute(f'update "{table}" set "{column}" = "{column}" + 1')


def _queries() -> dict[str, str]:
    """The datasets' SQL, as a reader of the Korean dashboards asks it."""
    environment = Environment(autoescape=False)  # noqa: S701 - SQL of our own
    environment.globals |= {
        "filter_values": lambda *_, **__: [],
        "cache_key_wrapper": lambda value: value,
        "night": lambda: "",
        "timezone": lambda: "Asia/Seoul",
    }
    found = {}
    for file in sorted(DATASETS.glob("*.yaml")):
        sql = yaml.safe_load(file.read_text(encoding="utf-8"))["sql"]
        body = environment.from_string(sql).render()
        found[file.stem] = f"select count(*), sum(hash(t)::hugeint) from (\n{body}\n) as t"
    return found


def _answer(file: Path, sql: str) -> Answer:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()[0]


def _answers(night: Path, queries: dict[str, str]) -> Answers:
    return {name: _answer(night / COMPANY_FILE, sql) for name, sql in queries.items()}


def _worker(
    home: Home, queries: dict[str, str], known: list[Answers], is_over: Path, number: int
) -> tuple[list[Met], float]:
    """One process: its readers' answers, and its seconds of CPU."""
    start = threading.Barrier(THREADS, action=(home.root / f"ready-{number}").touch)
    began = time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        readers = [
            pool.submit(lambda seed: list(_read(home, queries, known, is_over, start, seed)), seed)
            for seed in range(number * THREADS, (number + 1) * THREADS)
        ]
        met = [one for reader in readers for one in reader.result()]
    return met, time.process_time() - began


def _read(
    home: Home,
    queries: dict[str, str],
    known: list[Answers],
    is_over: Path,
    start: threading.Barrier,
    seed: int,
) -> Iterator[Met]:
    chance = random.Random(seed)  # noqa: S311 - which dataset is asked next
    start.wait()
    time.sleep(chance.random() * REST)
    while not is_over.exists():
        name = chance.choice(list(queries))
        asked, began = time.time(), time.perf_counter()
        try:
            said = _answer(published_file(home), queries[name])
            what = "whole" if said in (night[name] for night in known) else "mixed"
        except Exception as error:  # what goes wrong is counted
            what = f"error: {error}"
        yield name, what, asked, time.perf_counter() - began
        time.sleep(REST)
