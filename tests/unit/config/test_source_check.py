"""What `kpi check` finds out about the sources."""

import pytest

from sales_support_kpi.config.check import check


def _source(path: str, more: str = "") -> str:
    return f"- {{id: desk, kind: files, path: '{path}'{more}}}\n"


def test_files_that_are_there_are_counted(load, folder) -> None:
    (folder / "inbox").mkdir()
    for name in ("requests.csv", "insights.csv.gz", ".hidden.csv", "~$book.xlsx", "notes.txt"):
        (folder / "inbox" / name).touch()

    lines = check(load(sources=_source("inbox")))

    assert all(line.is_ok for line in lines)
    assert str(lines[1]) == f"ok: source desk: 2 files at {folder / 'inbox'}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("book.xlsx", "book.xlsx does not exist"),
        ("nowhere/*.csv", "nowhere does not exist"),
        ("here/*.csv", "no table or workbook (.csv, .xlsx, …) matches"),
        ("here", "holds no table or workbook"),
        ("notes.txt", "notes.txt is no table or workbook"),
    ],
)
def test_files_that_are_not_there_are_a_problem(load, folder, path: str, said: str) -> None:
    (folder / "here").mkdir()
    (folder / "notes.txt").touch()

    (line,) = [line for line in check(load(sources=_source(path))) if not line.is_ok]

    assert said in str(line)


def test_a_drop_box_may_be_empty(load, folder) -> None:
    (folder / "inbox").mkdir()
    lines = check(load(sources=_source("inbox", ", mode: changes")))
    assert str(lines[1]) == f"ok: source desk: the drop box {folder / 'inbox'} is empty"


def test_a_disabled_source_is_not_tried(load) -> None:
    assert all(line.is_ok for line in check(load(sources=_source("no.xlsx", ", enabled: false"))))


def test_a_kpi_that_nothing_feeds_is_named(load, folder) -> None:
    (folder / "r.sql").write_text("select 1", encoding="utf-8")
    (folder / "r.csv").touch()
    config = load(
        sources=_source("r.csv", ", entities: {requests: r.sql}"),
        kpis="- id: inquiry_within_4h\n- id: insights_delivered\n",
    )

    said = [str(line) for line in check(config) if not line.is_ok]

    (line,) = said
    assert line.startswith("problem: KPI insights_delivered: no enabled source has insights: add")
