"""docs/records.md says how many errors the rules and the search find; these are the numbers.

The public data is looked for in `shared/data` beside the project.
"""

import pytest
from truth import DATA, Score, measured

from sales_support_kpi.settings import repo_root

pytestmark = pytest.mark.skipif(
    not (DATA / "febrl_person_records").is_dir(),
    reason="shared/data is not beside the project",
)


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return measured()


def test_the_documented_figures_are_those_measured(scores: dict[str, Score]) -> None:
    page = (repo_root() / "docs" / "records.md").read_text(encoding="utf-8")
    lines = [f"| {name} | {score} |" for name, score in scores.items()]
    assert [line for line in lines if line not in page] == []


def test_suspicions_of_duplicates_are_seldom_wrong(scores: dict[str, Score]) -> None:
    for number in (1, 2, 3):
        assert scores[f"febrl: dataset{number}"].precision >= 0.99
        assert scores[f"febrl: dataset{number}"].recall >= 0.7
