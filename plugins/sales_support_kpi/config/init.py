"""Make a company's own folder: config, mappings, secrets, behind `kpi init DIR`.

The folder stands outside the checkout, so that an upgrade never conflicts with it. It holds only
what a company decides; everything else stays with the shipped defaults. No file is overwritten.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

from sales_support_kpi.config.effective import enabled_kpis
from sales_support_kpi.config.loading import load_config
from sales_support_kpi.errors import UsageError
from sales_support_kpi.settings import shipped_config_dir

_COMPANY = """\
# What a company decides about itself. A key that is left out has its shipped value.
timezone: Asia/Seoul
country: KR                      # public holidays, with substitute holidays; null = none

# working_hours: {mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"],
#                 thu: ["09:00-18:00"], fri: ["09:00-18:00"], sat: [], sun: []}
# closed_days: [2026-12-31]      # further closed dates
# open_days: []                  # dates worked although weekend or holiday, with Monday's hours
# max_quarantine: 0.05           # share of an entity's rows in a load; more rejects the load
# max_shrink: 0.20               # of a full load; more rejects it
# quality: {max_volume: 5.0}     # what is unusual; more of it in the shipped company.yml
# reports:                       # weekly reports that sales support delivers
#   - {id: weekly_sales_trend, name: {ko: 주간 판매 추이, en: Weekly sales trend},
#      owner_id: e01, weekday: mon, starts_on: 2026-01-05}
# aliases:                       # own words for sheets, columns, vocabulary words
#   {sheets: {문의목록: requests}, columns: {처리담당: assignee_id}, words: {처리완료: done}}
# records: {contact_months: 12}  # advice on customer records; more of it in the shipped company.yml
"""

_KPIS_HEAD = """\
# The KPIs this company measures, in the order of its scorecard. Delete the lines of those it does
# not. What an entry leaves out is the shipped value; to agree on another target or rule, add it:
#
# - id: inquiry_within_4h
#   params: {within_hours: 3}
#   targets:
#     - {from: 2026-01-01, value: 0.90, basis: agreed, agreed_by: [e01, e07]}
#     - {from: 2026-01-01, value: 0.95, scope: "team:영업지원1팀", basis: agreed}
"""

_SOURCES = """\
# Where the records come from. Paths are relative to this folder. Then: kpi check
#
# - id: sales_support
#   kind: files
#   path: ../inbox/*.xlsx         # a workbook, a folder, or a pattern
#   freshness_hours: 36
#   mode: full                    # full: what is absent was deleted; changes: it is unchanged
#   entities:                     # only for files that are not canonical yet
#     requests: mappings/requests.sql      # one select from `raw` to the entity's columns
[]
"""

_README = """\
# KPI 설정 폴더 / Our KPI configuration

- `config/company.yml` 근무시간·휴일·정기 리포트 / working time, holidays, reports
- `config/kpis.yml` 측정할 KPI와 목표 / the KPIs we measure and their targets
- `config/sources.yml` 데이터 위치 / where the records come from
- `config/mappings/` 다른 형식의 파일을 변환하는 SQL / SQL that turns foreign files into ours
- `.env` 비밀 값, 공유 금지 / secrets: never share or commit it

```
export KPI_CONFIG={folder}/config KPI_HOME={folder}/var
kpi check
kpi run --source workbook.xlsx
kpi scorecard
```
"""

_GITIGNORE = ".env\nvar/\ninbox/\n"


@dataclass(frozen=True, slots=True)
class InitResult:
    """What `init_company` did, as paths within the folder."""

    directory: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def init_company(directory: Path) -> InitResult:
    """Write the folder; what is already there stays as it is.

    Raises:
        UsageError: the folder cannot be written.
    """
    folder = directory.expanduser().absolute()
    written: list[str] = []
    kept: list[str] = []
    try:
        (folder / "config" / "mappings").mkdir(parents=True, exist_ok=True)
        for name, text in _files(folder).items():
            was_written = _write_new(folder / name, text, mode=0o600 if name == ".env" else 0o644)
            (written if was_written else kept).append(name)
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder} cannot be written ({error.strerror}): choose a folder "
            "that this user may write to"
        ) from error
    return InitResult(folder, tuple(written), tuple(kept))


def _files(folder: Path) -> dict[str, str]:
    return {
        "config/company.yml": _COMPANY,
        "config/kpis.yml": _kpi_list(),
        "config/sources.yml": _SOURCES,
        "config/mappings/.gitkeep": "",
        ".env": "",
        ".gitignore": _GITIGNORE,
        "README.md": _README.format(folder=shlex.quote(str(folder))),
    }


def _kpi_list() -> str:
    shipped = enabled_kpis(load_config(shipped_config_dir()))
    width = max(len(one.id) for one in shipped)
    lines = [f"- id: {one.id:<{width}}  # {one.name.ko} / {one.name.en}" for one in shipped]
    return "\n".join([_KPIS_HEAD, *lines, ""])


def _write_new(path: Path, text: str, *, mode: int) -> bool:
    """Write a file that does not exist yet; whether it did not."""
    try:
        path.touch(mode=mode, exist_ok=False)
    except FileExistsError:
        return False
    path.write_text(text, encoding="utf-8")
    return True
