"""The two ways to trim a text in SQL say the same, and what Python says."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_support_kpi.landing.parsing import WHITE_SPACE, quickly_trimmed, trimmed

TEXT = st.text(
    st.one_of(
        st.sampled_from([*WHITE_SPACE, "\x1f", "\x7f", "!", "~", "가", "Ａ", "a"]),
        st.characters(codec="utf-8", exclude_characters="\x00"),
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@given(texts=st.lists(st.none() | TEXT, min_size=1, max_size=20))
def test_white_space_goes_from_both_ends_and_an_empty_text_is_none(
    engine: duckdb.DuckDBPyConnection, texts: list[str | None]
) -> None:
    rows = engine.execute(
        f"select {trimmed('t')}, {quickly_trimmed('t')} from (select unnest($1::varchar[]) as t)",
        [texts],
    ).fetchall()
    expected = [None if text is None else text.strip(WHITE_SPACE) or None for text in texts]
    assert rows == [(text, text) for text in expected]
