"""Entities and their names: the contract, and every way to say it."""

import pytest

from sales_support_kpi.alias_table import COLUMNS, SHEETS, WORDS
from sales_support_kpi.aliases import Aliases, distance, fold, language_of
from sales_support_kpi.config.words import ENTITY_NAMES
from sales_support_kpi.entities import ENTITIES, ColumnType


def test_there_are_the_sixteen_entities_of_the_contract() -> None:
    assert tuple(ENTITIES) == ENTITY_NAMES
    assert [name for name, one in ENTITIES.items() if one.is_versioned] == [
        "employees", "customers", "opportunities",
    ]  # fmt: skip


def test_keys_and_types_are_those_of_the_contract() -> None:
    assert ENTITIES["contract_steps"].key == ("contract_id", "step")
    assert ENTITIES["report_uses"].key == ("meeting_id", "report")
    assert ENTITIES["survey_responses"].column("score").type is ColumnType.DECIMAL
    assert ENTITIES["customers"].start_columns == ("updated_at", "created_at")
    assert ENTITIES["contracts"].start_columns == ("updated_at",)
    assert ENTITIES["activities"].start_columns == ()
    required = [c.name for c in ENTITIES["requests"].columns if c.is_required]
    assert required == ["request_id", "kind", "status", "opened_at"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_column_and_word_has_a_korean_name(entity: str) -> None:
    assert SHEETS[entity]
    names = Aliases().columns(ENTITIES[entity])
    for column in ENTITIES[entity].columns:
        assert column.name in names.values()
        assert COLUMNS[entity].get(column.name) or column.name in ("updated_at", "created_at")
        for word in column.vocabulary or ():
            assert WORDS[entity, column.name][word]


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_name_means_two_columns(entity: str) -> None:
    seen: dict[str, str] = {}
    for column in ENTITIES[entity].columns:
        for alias in (column.name, *COLUMNS[entity].get(column.name, ())):
            assert seen.setdefault(fold(alias), column.name) == column.name


def test_no_sheet_name_means_two_entities() -> None:
    seen: dict[str, str] = {}
    for entity, aliases in SHEETS.items():
        for alias in (entity, *aliases):
            assert seen.setdefault(fold(alias), entity) == entity


def test_case_spaces_and_underscores_do_not_matter() -> None:
    aliases = Aliases()
    found = aliases.entity(" Survey Responses")
    assert found is ENTITIES["survey_responses"]
    assert aliases.columns(ENTITIES["requests"])[fold("OPENED at")] == "opened_at"
    assert aliases.words(ENTITIES["requests"], "status")[fold("처리 완료")] == "done"


@pytest.mark.parametrize("name", ["Sheet1", "Summary", "메모", "안내", "reports", "Notes", "요약"])
def test_ordinary_sheet_names_are_no_typos(name: str) -> None:
    assert Aliases().entity(name) is None
    assert Aliases().close_entity(name) is None


def test_swapped_letters_are_one_slip() -> None:
    assert distance("requests", "reqeusts") == 1
    assert distance("", "ab") == 2


def test_the_language_is_that_of_the_header() -> None:
    assert language_of(["a", "상태"]) == "ko"
    assert language_of(["a", "status"]) == "en"
