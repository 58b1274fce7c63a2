"""Rules of the dbt project, over its manifest: arrows, contracts, descriptions, examples."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sales_support_kpi.config import load_config
from sales_support_kpi.settings import repo_root, shipped_config_dir

PROJECT = repo_root() / "dbt_project"
MODELS = PROJECT / "models"
PUBLISHED = ("company", "people")
LAYERS = ("staging", "entities", "measures", "marts")  # arrows point from left to right


def kpi_ids() -> list[str]:
    return [kpi.id for kpi in load_config(shipped_config_dir()).kpis]


def models(manifest: Any) -> list[Any]:
    return [node for node in manifest.nodes.values() if node.resource_type == "model"]


def layer(node: Any) -> str:
    return node.path.split("/")[0]


def parents(manifest: Any, node: Any) -> list[Any]:
    return [
        manifest.nodes[unique_id] if unique_id in manifest.nodes else manifest.sources[unique_id]
        for unique_id in node.depends_on.nodes
    ]


def sql_files() -> list[Path]:
    return [*MODELS.rglob("*.sql"), *(PROJECT / "macros").rglob("*.sql")]


def test_every_model_has_a_yml_of_its_name_beside_it() -> None:
    missing = [
        path.relative_to(MODELS)
        for path in MODELS.rglob("*.sql")
        if not path.with_suffix(".yml").exists()
    ]
    assert not missing


def test_every_yml_is_about_the_model_it_stands_beside() -> None:
    for path in MODELS.rglob("*.yml"):
        if path.name.endswith(("__sources.yml", "__exposures.yml")):
            continue
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert [model["name"] for model in written["models"]] == [path.stem], path
        for test in written.get("unit_tests", []):
            assert test["model"] == path.stem, f"{path}: {test['name']}"


def test_a_description_ends_with_the_grain(manifest: Any) -> None:
    without = [
        node.name
        for node in models(manifest)
        if not re.search(r"\bone (row|more|per)\b[^.]*(\.|\))\s*$", node.description.lower())
    ]
    assert not without


def test_only_staging_reads_what_was_landed(manifest: Any) -> None:
    for node in models(manifest):
        sources = [p for p in parents(manifest, node) if p.resource_type == "source"]
        landed = [p.name for p in sources if p.source_name == "landing"]
        assert bool(landed) == (layer(node) == "staging"), f"{node.name} reads {landed}"


def test_arrows_point_from_staging_to_marts(manifest: Any) -> None:
    allowed = {
        "staging": set(),
        "entities": {"staging", "entities"},
        "measures": {"entities", "measures"},
        "marts": {"entities", "measures", "marts"},
    }
    for node in models(manifest):
        for parent in parents(manifest, node):
            if parent.resource_type == "model":
                arrow = f"{parent.name} → {node.name}"
                assert layer(parent) in allowed[layer(node)], arrow


def test_nothing_but_the_published_schemas_is_in_the_folders_of_that_name(manifest: Any) -> None:
    for node in models(manifest):
        folders = node.path.split("/")[:-1]
        published = [name for name in PUBLISHED if name in folders]
        assert (node.schema in PUBLISHED) == bool(published)
        assert not published or node.schema == published[0]


def test_nothing_for_everybody_reads_a_column_of_one_person(manifest: Any) -> None:
    personal = {"employee_id", "steward_id", "respondent_id", "assignee_id", "owner_id", "email"}
    for node in models(manifest):
        if node.schema == "company":
            assert not personal & set(node.columns), node.name


def test_every_published_model_keeps_an_enforced_contract(manifest: Any) -> None:
    for node in models(manifest):
        if node.schema in PUBLISHED:
            assert node.config.contract.enforced, node.name
            for column in node.columns.values():
                assert column.data_type, f"{node.name}.{column.name} has no type"
                assert column.description.strip(), f"{node.name}.{column.name} is not described"


def test_nothing_asks_the_clock() -> None:
    clock = re.compile(
        r"\b(now|today|get_current_timestamp|current_localtimestamp|transaction_timestamp)\s*\("
        r"|\bcurrent_(timestamp|date|time)\b",
        re.IGNORECASE,
    )
    asking = [path.name for path in sql_files() if clock.search(path.read_text(encoding="utf-8"))]
    assert not asking


@pytest.mark.parametrize("kpi_id", kpi_ids())
def test_a_kpi_has_a_measure_an_example_and_a_section(kpi_id: str, manifest: Any) -> None:
    names = {node.name for node in models(manifest)}
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    examples = {test.model for test in manifest.unit_tests.values()}
    assert f"measure_{kpi_id}" in names
    assert kpi_id in project["vars"]["measures"]
    assert f"measure_{kpi_id}" in examples
    for page in ("kpis.md", "kpis.ko.md"):
        text = (repo_root() / "docs" / page).read_text(encoding="utf-8")
        assert f'<a id="{kpi_id}"></a>' in text, page


def test_no_measure_is_unknown_to_the_catalog(manifest: Any) -> None:
    measures = {n.name for n in models(manifest) if layer(n) == "measures"}
    named = {name for name in measures if name.startswith("measure_")}
    assert named == {f"measure_{kpi_id}" for kpi_id in kpi_ids()}


def test_a_shared_wording_is_used(manifest: Any) -> None:
    written = (MODELS / "docs.md").read_text(encoding="utf-8")  # __overview__: dbt docs' first page
    blocks = set(re.findall(r"{% docs (\w+) %}", written)) - {"__overview__"}
    text = "".join(path.read_text(encoding="utf-8") for path in MODELS.rglob("*.yml"))
    used = set(re.findall(r"doc\('(\w+)'\)", text))
    assert blocks == used
