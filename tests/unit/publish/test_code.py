"""Which change of code makes a night another one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sales_support_kpi.warehouse import code


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the product's own code, which can be changed."""
    copy = tmp_path / "package"
    shutil.copytree(code.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code, "PACKAGE", copy)
    code._python_hash.cache_clear()
    yield copy
    code._python_hash.cache_clear()


@pytest.mark.parametrize(
    ("file", "measures", "publishes"),
    [
        ("calendar/tables.py", True, True),
        ("warehouse/control.py", True, True),
        ("warehouse/control_tables.py", True, True),
        ("warehouse/projections.py", False, True),
        ("warehouse/restatements.py", False, True),
        ("quality/outdoor.py", False, True),
        ("cli/rows.py", False, False),
        ("report/text.py", False, False),
    ],
)
def test_code_that_decides_a_number_decides_the_hash(
    file: str, measures: bool, publishes: bool, package: Path
) -> None:
    before = code.measuring_hash(), code.publishing_hash()
    with (package / file).open("a", encoding="utf-8") as source:
        source.write("# changed\n")
    code._python_hash.cache_clear()
    after = code.measuring_hash(), code.publishing_hash()
    assert (after[0] != before[0], after[1] != before[1]) == (measures, publishes)


def test_a_file_that_is_gone_is_a_change(package: Path) -> None:
    before = code.publishing_hash()
    (package / "warehouse" / "levels.py").unlink()
    code._python_hash.cache_clear()
    assert code.publishing_hash() != before


def test_another_version_of_a_library_publishes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code.measuring_hash(), code.publishing_hash()
    code._library_versions.cache_clear()
    monkeypatch.setattr(code, "version", lambda name: f"{name} of tomorrow")
    after = code.measuring_hash(), code.publishing_hash()
    code._library_versions.cache_clear()
    assert after[0] == before[0]
    assert after[1] != before[1]
