"""A sheet's cells are counted before memory is allocated for the block they span."""

import pytest

from sales_support_kpi.sources.sheet_extent import Extent, count_cells, extent_of


def extent(body: str, size: int = 7) -> Extent:
    chunks = pieces(body, size)
    return extent_of(iter(chunks), iter(chunks))


def pieces(body: str, size: int = 7) -> list[bytes]:
    text = f"<worksheet xmlns:x='x'><sheetData>{body}</sheetData></worksheet>".encode()
    return [text[at : at + size] for at in range(0, len(text), size)]


PLAIN = '<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576" s="1"><c s="1" r="BH7"/></row>'


@pytest.mark.parametrize("size", [1, 3, 50, 1000])
def test_a_plain_sheet_needs_no_counting_wherever_it_is_cut(size: int) -> None:
    chunks = pieces(PLAIN, size)
    assert extent_of(iter(chunks), iter([b"no XML at all"])) == Extent(False, False)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<row r="1"><c r="XFD1048576"/></row>', (1048576, 16384)),
        ('<row r="1"><c r="A9999999"/></row>', (9999999, 1)),
        ('<row r="3"><c r="BI1"/></row>', (3, 61)),
        ("<row r='5'><c r='D5'/></row>", (5, 4)),
        ('<x:row r="5"><x:c r="aa5"/></x:row>', (5, 27)),
        ("<row><c/><c/></row><row><c/></row>", (2, 2)),
        ('<row r="1"><c r="A&#49;0"/></row>', (10, 1)),
        ('<row r="1"><c r = "A99"/></row>', (99, 1)),
    ],
)
def test_other_sheets_are_counted_exactly(body: str, expected: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no XML"):  # so it is not taken for a plain one
        extent_of(iter(pieces(body)), iter([b"no XML at all"]))
    assert count_cells(pieces(body)) == expected
    assert extent(body).is_too_large == (expected == (1048576, 16384))


@pytest.mark.parametrize("reference", ["A99999999999910", "ABCD1", "1A", "", "A-1", "A1 B2"])
def test_references_no_spreadsheet_has_are_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="cell"):
        extent(f'<row r="1"><c r="{reference}"/></row>')


def test_a_second_reference_in_one_tag_hides_nothing() -> None:
    with pytest.raises(ValueError, match="duplicate"):
        extent('<row r="1"><c r="XFD1048576" r="A1"/></row>')


def test_other_encodings_and_endless_text_are_refused() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        extent_of(iter(["<row/>".encode("utf-16")]), iter([]))
    with pytest.raises(ValueError, match="longer"):
        extent_of(iter([b"<a>" + b"x" * (1 << 25)]), iter([]))
