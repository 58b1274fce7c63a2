"""The data dictionary: the page is in step with the contracts, and leaves nothing unsaid."""

from sales_support_kpi.report.data_dictionary import PAGE, data_dictionary, tables
from sales_support_kpi.settings import repo_root


def test_the_committed_page_is_what_the_generator_writes() -> None:
    page = (repo_root() / "docs" / PAGE).read_text(encoding="utf-8")
    assert page == data_dictionary(), "run: python -m sales_support_kpi.report.data_dictionary"


def test_every_table_says_what_a_row_is_and_every_column_what_it_means() -> None:
    for table in tables():
        assert table.grain.startswith("One row "), table.name
        assert all(column.meaning and column.type for column in table.people), table.name
        assert set(table.key) <= {column.name for column in table.people}, table.name


def test_a_shared_wording_is_written_out() -> None:
    assert "doc(" not in data_dictionary()
    assert "The KPI, as in `config/kpis.yml`." in data_dictionary()


def test_a_table_whose_cut_for_everybody_is_smaller_says_so() -> None:
    found = {table.name: table for table in tables()}
    restatements = found["kpi_restatements"]
    assert restatements.company is not None
    assert {c.name for c in restatements.people} - {c.name for c in restatements.company} == {
        "record_ids"
    }
    assert found["kpi_values"].cut
    assert found["measure_rows"].company is None
