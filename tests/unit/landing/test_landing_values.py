# ruff: noqa: DTZ001 - spreadsheets know no zones
"""Whatever kind of file says it, the same value is landed; what is no value is kept back."""

import csv
import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from landing_help import landed, make_config, night, quarantined, write_csv

from sales_support_kpi.landing import accepted_loads, land_drop
from sales_support_kpi.settings import Home

SLOW = settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a landing takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HEADER = ["contract_id", "signed_at", "amount", "currency", "status", "updated_at"]


def land_column(tmp_path: Path, entity: str, base: dict[str, str], column: str,
                values: list[str], **company: Any) -> Home:  # fmt: skip
    """Land one row per value of one column."""
    key = next(iter(base))
    names = list(dict.fromkeys([*base, column]))
    rows = [
        [f"k{at}" if name == key else value if name == column else base[name] for name in names]
        for at, value in enumerate(values)
    ]
    write_csv(tmp_path / "d" / f"{entity}.csv", [names, *rows])
    home = Home(tmp_path / "home")
    limits = {"max_quarantine": 1.0, **company}
    land_drop(home, make_config(**limits), tmp_path / "d", night())
    return home


CONTRACT = {"contract_id": "", "signed_at": "2026-01-01"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-31T09:00:00+09:00", "2026-10-31 00:00:00+00"),
        ("2026-10-31 09:00", "2026-10-31 00:00:00+00"),
        ("2026-10-31T09:00", "2026-10-31 00:00:00+00"),
        ("2026-10-31", "2026-10-30 15:00:00+00"),
        ("2026-10-31T09", "2026-10-31 00:00:00+00"),
        ("2026-10-31T00:00:00Z", "2026-10-31 00:00:00+00"),
        ("2026-10-31T00:00z", "2026-10-31 00:00:00+00"),
        ("2026-10-31 00:00:00 +00", "2026-10-31 00:00:00+00"),
        ("2026-10-31T05:30:00.250+0530", "2026-10-31 00:00:00.25+00"),
        ("2026-10-31T09:00:00,5", "2026-10-31 00:00:00.5+00"),
        ("20261031T090000", "2026-10-31 00:00:00+00"),
        ("20261031", "2026-10-30 15:00:00+00"),
        ("\u3000 2026-10-31 09:00\u00a0\t", "2026-10-31 00:00:00+00"),
        ("1970-01-01T00:00:00Z", "1970-01-01 00:00:00+00"),
    ],
)
def test_instants_are_read_in_every_iso_spelling(tmp_path: Path, text: str, expected: str) -> None:
    home = land_column(tmp_path, "contracts", CONTRACT, "signed_at", [text])
    assert landed(home, "contracts", "signed_at::varchar") == [(expected,)]


def test_what_is_no_instant_is_kept_back(tmp_path: Path) -> None:
    wrong = ["epoch", "infinity", "now", "31.10.2026", "2026-13-01", "2026-02-30", "45000",
             "2026-10-31 25:00", "12:00", "10/31/2026", "2026/10/31", "-", "2026-10-31 09:00 noon",
             "2026-10"]  # fmt: skip
    home = land_column(tmp_path, "contracts", CONTRACT, "signed_at", wrong)
    assert [row[0] for row in quarantined(home, "value")] == wrong
    assert {row[0] for row in quarantined(home, "reason")} == {"not_an_instant"}


def test_instants_far_from_our_time_are_typos(tmp_path: Path) -> None:
    wrong = ["1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0206-10-31 09:00"]
    home = land_column(tmp_path, "contracts", CONTRACT, "signed_at", wrong)
    assert quarantined(home, "reason") == [("out_of_range",)] * 3


def test_an_hour_that_comes_twice_is_the_later_one_and_a_skipped_one_moves_on(
    tmp_path: Path,
) -> None:
    texts = ["2025-11-02 01:30", "2026-03-08 02:30"]
    home = land_column(
        tmp_path, "contracts", CONTRACT, "signed_at", texts, timezone="America/New_York"
    )
    assert landed(home, "contracts", "signed_at::varchar") == [
        ("2025-11-02 06:30:00+00",), ("2026-03-08 07:30:00+00",),
    ]  # fmt: skip


def test_dates_are_read_and_an_instant_gives_its_local_day(tmp_path: Path) -> None:
    texts = ["2026-10-31", "2026-1-5", "2026-10-31 23:00", "2026-10-30T15:00:00Z", "9999-12-31"]
    base = {"employee_id": ""}
    home = land_column(tmp_path, "employees", base, "hired_on", [*texts, "soon", "5"])
    days = [row[0] for row in landed(home, "employees", "hired_on")]
    assert days == [date(2026, 10, 31), date(2026, 1, 5), date(2026, 10, 31), date(2026, 10, 31),
                    date(9999, 12, 31)]  # fmt: skip
    assert quarantined(home, "reason, value") == [("not_a_date", "soon"), ("not_a_date", "5")]


def test_numbers_are_read_strictly(tmp_path: Path) -> None:
    good = ["7", "7.50", "-0", "1e3", ".5", "5.", "+5", "1" + "0" * 20]
    bad = ["1,00", "12,34,567", "1_000", "nan", "inf", "0x10", "seven", "1e999", "7 000", "--1"]
    home = land_column(tmp_path, "contracts", CONTRACT, "amount", [*good, *bad])
    amounts = [row[0] for row in landed(home, "contracts", "amount")]
    assert amounts == [7, 7.5, 0, 1000, 0.5, 5, 5, 1e20]
    assert math.copysign(1, amounts[2]) == 1
    assert [row[0] for row in quarantined(home, "value")] == bad


def test_amounts_are_read_as_offices_write_them(tmp_path: Path) -> None:
    texts = ["1,234,567", "-1,000.5", "₩12,000", "12,000원", "￦ 5", "１，２３４．５", "９"]
    home = land_column(tmp_path, "contracts", CONTRACT, "amount", texts)
    assert [row[0] for row in landed(home, "contracts", "amount")] == [
        1_234_567, -1000.5, 12_000, 12_000, 5, 1234.5, 9
    ]  # fmt: skip


def test_full_width_characters_are_ordinary_ones_but_in_text(tmp_path: Path) -> None:
    header = ["material_id", "title", "created_at", "retired_at"]
    row = ["ｍ１", "Ａ４（１）", "２０２６－１０－０１　０９：００", "２０２６-１０-０２"]
    write_csv(tmp_path / "drop" / "materials.csv", [["ｍａｔｅｒｉａｌ＿ｉｄ", *header[1:]], row])
    home = Home(tmp_path / "home")
    assert land_drop(home, make_config(), tmp_path / "drop", night()).status == "landed"
    columns = "material_id, title, created_at::varchar, retired_at::varchar"
    assert landed(home, "materials", columns) == [
        ("ｍ１", "Ａ４（１）", "2026-10-01 00:00:00+00", "2026-10-01 15:00:00+00")
    ]
    base = {"meeting_id": "", "report": "r", "used": ""}
    home = land_column(tmp_path / "b", "report_uses", base, "used", ["Ｏ", "Ｘ", "１"])
    assert [row[0] for row in landed(home, "report_uses", "used")] == [True, False, True]
    request = {"request_id": "", "kind": "", "status": "open", "opened_at": "2026-10-01"}
    home = land_column(tmp_path / "c", "requests", request, "kind", ["ＩＮＱＵＩＲＹ"])
    assert landed(home, "requests", "kind") == [("inquiry",)]


def test_yes_and_no_in_every_accepted_spelling(tmp_path: Path) -> None:
    yes = ["true", "1", "Yes", "y", "T", "예", "O", "o"]
    no = ["FALSE", "0", "no", "N", "f", "아니오", "X", "x"]
    base = {"meeting_id": "", "report": "r", "used": ""}
    home = land_column(tmp_path, "report_uses", base, "used", [*yes, *no, "maybe", "2"])
    assert [row[0] for row in landed(home, "report_uses", "used")] == [True] * 8 + [False] * 8
    assert [row[0] for row in quarantined(home, "value")] == ["maybe", "2"]


def test_version_numbers_are_whole(tmp_path: Path) -> None:
    base = {"customer_id": "", "status": "active"}
    home = land_column(tmp_path, "customers", base, "version_no", ["7", "7.0", "-1", "7.5", "1e3"])
    assert landed(home, "customers", "version_no") == [(7,), (7,), (-1,)]
    assert [row[0] for row in quarantined(home, "value")] == ["7.5", "1e3"]


def test_other_steps_and_meetings_than_ours_are_kept_as_they_are(tmp_path: Path) -> None:
    base = {"contract_id": "", "step": "x"}
    home = land_column(tmp_path, "contract_steps", base, "step", ["정산", "Settle", "archive it"])
    assert landed(home, "contract_steps", "step") == [("settle",), ("settle",), ("archive it",)]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(lambda text: text.strip(" \u00a0\u3000") and not text.startswith("#"))
INSTANT = st.datetimes(datetime(1988, 12, 1), datetime(2199, 12, 1)).map(
    lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)
)
# openpyxl writes 16 digits, which is not always enough to get the same number back
AMOUNT = st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: float(f"{value:.15g}"))
RECORD = st.tuples(
    st.integers(0, 10**12),
    INSTANT,
    st.one_of(st.none(), AMOUNT),
    st.one_of(st.none(), TEXT),
    st.sampled_from(["signed", "cancelled", None]),
    st.one_of(st.none(), INSTANT),
)


@SLOW
@given(records=st.lists(RECORD, min_size=1, max_size=8, unique_by=lambda record: record[0]))
def test_every_kind_of_file_lands_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[Any, ...]]
) -> None:
    tmp_path = tmp_path_factory.mktemp("kinds")
    texts = [["" if v is None else _iso(v) for v in record] for record in records]
    write_csv(tmp_path / "csv" / "contracts.csv", [HEADER, *texts])
    _write_others(tmp_path, records, texts)
    found = {}
    for kind in ("csv", "parquet", "jsonl", "xlsx"):
        home = Home(tmp_path / f"home_{kind}")
        path = tmp_path / kind / f"contracts.{kind}" if kind == "xlsx" else tmp_path / kind
        land_drop(home, make_config(), path, night())
        found[kind] = landed(home, "contracts", f"{', '.join(HEADER)}, _row_hash", "contract_id")
    zone = ZoneInfo("Asia/Seoul")
    expected = sorted(
        (str(r[0]), _utc(r[1], zone), r[2], _trim(r[3]), r[4], _utc(r[5], zone)) for r in records
    )
    assert [row[:-1] for row in found["csv"]] == expected
    assert found["csv"] == found["parquet"] == found["jsonl"] == found["xlsx"]


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _trim(value: str | None) -> str | None:
    return None if value is None else value.strip(" \u00a0\u3000") or None


def _utc(value: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if value is None else value.replace(tzinfo=zone).astimezone(UTC)


def _write_others(tmp_path: Path, records: list[tuple[Any, ...]], texts: list[list[str]]) -> None:
    for kind in ("parquet", "jsonl", "xlsx"):
        (tmp_path / kind).mkdir()
    types = [pa.int64(), pa.timestamp("us"), pa.float64(), pa.string(), pa.string(),
             pa.timestamp("us")]  # fmt: skip
    columns = [pa.array(column, kind) for column, kind in zip(zip(*records, strict=True), types,
                                                            strict=True)]  # fmt: skip
    pq.write_table(
        pa.Table.from_arrays(columns, names=HEADER), tmp_path / "parquet" / "contracts.parquet"
    )
    with (tmp_path / "jsonl" / "contracts.jsonl").open("w", encoding="utf-8") as file:
        for record in records:
            said = dict(zip(HEADER, record, strict=True))
            file.write(json.dumps(said, default=_iso, ensure_ascii=False) + "\n")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "contracts"
    sheet.append(HEADER)
    for record in records:
        sheet.append(list(record))
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(tmp_path / "xlsx" / "contracts.xlsx")


@SLOW
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["2026-01-01", "2026-02-01", ""]),
            st.sampled_from(["x", "y"]),
            st.sampled_from(["", "1", "2"]),
        ),
        max_size=7,
    ),
    is_versioned=st.booleans(),
)
def test_one_row_per_slot_survives_as_a_plain_loop_decides(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, ...]],
    is_versioned: bool,
) -> None:
    tmp_path = tmp_path_factory.mktemp("slots")
    entity = "customers" if is_versioned else "contracts"
    key = "customer_id" if is_versioned else "contract_id"
    text = "name" if is_versioned else "currency"
    header = [key, "updated_at", text, "version_no" if is_versioned else "note"]
    extra = ["status"] if is_versioned else ["signed_at"]
    filler = ["active"] if is_versioned else ["2026-01-01"]
    write_csv(tmp_path / "d" / f"{entity}.csv", [[*header, *extra], *([*r, *filler] for r in rows)])
    home = Home(tmp_path / "home")
    land_drop(home, make_config(max_quarantine=1.0), tmp_path / "d", night())
    survivors, tied = _slot_oracle(rows, is_versioned)
    assert sorted(landed(home, entity, f"{key}, {text}, _row")) == survivors
    assert [row[0] for row in quarantined(home, "row")] == tied
    (load,) = accepted_loads(home)
    assert load.rows_superseded == len(rows) - len(survivors) - len(tied)


def _slot_oracle(
    rows: list[tuple[str, ...]], is_versioned: bool
) -> tuple[list[tuple[str, str, int]], list[int]]:
    slots: dict[tuple[str, str], list[tuple[int, tuple[str, ...]]]] = {}
    for at, row in enumerate(rows, 2):
        slots.setdefault(row[:2], []).append((at, row))
    survivors, tied = [], []
    for (key, _), members in slots.items():
        best = members[-1:]
        if is_versioned:
            top = max(int(row[3] or -1) for _, row in members)
            best = [one for one in members if int(one[1][3] or -1) == top]
        if len({row[2] for _, row in best}) > 1:
            tied += [at for at, _ in best]
        else:
            survivors.append((key, best[-1][1][2], best[-1][0]))
    return sorted(survivors), sorted(tied)


STATE = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), min_size=1)


@SLOW
@given(history=st.lists(STATE, min_size=1, max_size=5))
def test_replaying_the_loads_gives_the_last_full_drop(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, str]]
) -> None:
    tmp_path = tmp_path_factory.mktemp("replay")
    home = Home(tmp_path / "home")
    config = make_config(max_shrink=1.0)
    for number, state in enumerate(history, 1):
        rows = [[key, title, "2026-01-01"] for key, title in state.items()]
        write_csv(tmp_path / "d" / "materials.csv", [["material_id", "title", "created_at"], *rows])
        outcome = land_drop(home, config, tmp_path / "d", night(number))
        is_same = number > 1 and state == history[number - 2]
        assert outcome.status == ("unchanged" if is_same else "landed")
        current: dict[str, str] = {}
        for key, title, operation in landed(home, "materials", "material_id, title, _op"):
            current.pop(key, None) if operation == "delete" else current.update({key: title})
        assert current == state


def test_times_of_day_survive_a_spreadsheets_fractions(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "contracts"
    sheet.append(HEADER[:2])
    times = [datetime(2026, 1, 1) + timedelta(minutes=7 * at) for at in range(200)]
    for at, value in enumerate(times):
        sheet.append([at, value])
    book.save(tmp_path / "contracts.xlsx")
    home = Home(tmp_path / "home")
    land_drop(home, make_config(timezone="UTC"), tmp_path / "contracts.xlsx", night())
    found = [row[0] for row in landed(home, "contracts", "signed_at")]
    assert found == [value.replace(tzinfo=UTC) for value in times]


def test_quoted_line_breaks_and_delimiters_belong_to_the_text(tmp_path: Path) -> None:
    rows = [["material_id", "title", "created_at"], ["m1", 'a,"b"\nc', "2026-01-01"]]
    with (tmp_path / "materials.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    home = Home(tmp_path / "home")
    land_drop(home, make_config(), tmp_path / "materials.csv", night())
    assert landed(home, "materials", "title") == [('a,"b"\nc',)]
