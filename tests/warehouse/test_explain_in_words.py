"""`kpi explain` on the awkward company: every KPI, every dimension, in both languages."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.explain import explain
from sales_support_kpi.report.explain_figures import figures
from sales_support_kpi.report.explain_model import Explanation
from sales_support_kpi.report.explain_text import explanation_text
from sales_support_kpi.report.explain_words import sentence
from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.machine import scorecard_json
from sales_support_kpi.report.model import Lang
from sales_support_kpi.report.scorecard import load_scorecard
from sales_support_kpi.settings import Home, shipped_config_dir

pytestmark = pytest.mark.integration

KPI_IDS = [kpi.id for kpi in load_config(shipped_config_dir()).kpis]
BEGINNINGS: dict[Lang, tuple[str, ...]] = {
    "ko": ("이유", "정확히 도달", "달라지지 않음"),
    "en": ("Why ", "exactly ", "No different "),
}


def explanations(home: Home, kpi_id: str) -> Iterator[Explanation]:
    """Of October, against September and its target, over every dimension in which rows differ."""
    for versus in ("previous", None):
        try:
            found = explain(home, kpi_id, period="2026-10", versus=versus)
        except UsageError:
            continue
        for split in (found.chosen, *found.others):
            yield replace(found, chosen=split)


@pytest.mark.parametrize("kpi_id", KPI_IDS)
def test_the_effects_sum_to_the_difference_and_are_said_in_both_languages(
    kpi_id: str, awkward_home: Home
) -> None:
    found = list(explanations(awkward_home, kpi_id))
    is_count = kpi_id == "insights_delivered"  # its target is one of quarters
    assert {each.base_period is None for each in found} == ({False} if is_count else {False, True})
    for each in found:
        difference = each.value - each.base_value
        effects = math.fsum(effect.total_effect for effect in each.chosen.effects)
        assert effects == pytest.approx(difference, abs=1e-9), each.chosen.dimension
        assert each.is_published
        for lang, beginnings in BEGINNINGS.items():
            told = replace(each, lang=lang)
            shown = figures(told)
            assert sum(line.total_units for line in shown.lines) == shown.difference_units
            assert any(word in sentence(told, shown) for word in beginnings), sentence(told, shown)
            leads_on = f"kpi rows {kpi_id} --period 2026-10" in explanation_text(told)
            assert leads_on == bool(told.records)
    assert any(each.records for each in found)


def test_every_kpi_can_be_split_by_whoever_did_the_work(awkward_home: Home) -> None:
    for kpi_id in KPI_IDS:
        split_by = {each.chosen.dimension for each in explanations(awkward_home, kpi_id)}
        assert "employee" in split_by, kpi_id


def test_the_scorecard_says_beside_a_value_what_its_average_hides(awkward_home: Home) -> None:
    card = load_scorecard(awkward_home, period="2026-10", lang="en")
    said = {row.kpi_id: " ".join(row.beside) for row in card.rows}
    assert "median" in said["inquiry_handling_time"]
    assert "open at the end" in said["document_turnaround"]
    assert "response rate" in said["complaint_support_satisfaction"]
    assert "(8 needed)" in said["report_usage"]
    assert "response rate" in scorecard_html(card)
    assert "response rate" in scorecard_json(card)
