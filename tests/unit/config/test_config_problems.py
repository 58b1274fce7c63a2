"""What is refused, in which words; always everything at once and never with a traceback."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales_support_kpi.config import load_config
from sales_support_kpi.errors import ConfigError
from sales_support_kpi.settings import shipped_config_dir


def test_mistakes_in_three_files_are_told_at_once(problems) -> None:
    found = problems(
        company="timezone: Asia/Soul\nworking_hours: {mon: ['09:00-18:00', '17:00-19:00']}\n",
        kpis="""
- id: inquiry_within_4h
  tolerence: 0.1
  targets: [{from: 2026-01-01, value: 95}]
""",
        sources="- {id: crm, kind: rest, connection: crm, options: {auth: {token: x}}}\n",
    )

    said = """
company.yml line 1, timezone: unknown timezone 'Asia/Soul', expected one like Asia/Seoul; \
did you mean 'Asia/Seoul'?
company.yml line 2, working_hours.mon: 09:00-18:00 and 17:00-19:00 overlap: make them one interval \
or set them apart
kpis.yml line 3, inquiry_within_4h, tolerence: unknown key: did you mean 'tolerance'?
kpis.yml line 4, inquiry_within_4h, targets[0].value: a ratio is at most 1, so 95 cannot be \
reached: write 0.95?
sources.yml line 1, crm, options.auth.type: is missing: add type:
sources.yml line 1, crm, options.auth.token: looks like a credential, which has no place in a \
configuration: put it into the connection, and change it, for it may have been seen
sources.yml line 1, crm, options.resources: is missing: add resources:
"""
    assert found == said.strip().splitlines()


def test_a_kpi_of_its_own_has_to_be_complete(problems) -> None:
    found = problems(kpis="- {id: my_kpi, name: 내것, definition: 정의}\n")

    assert [line.split(": ")[0] for line in found] == [
        f"kpis.yml line 1, my_kpi, {key}"
        for key in ("unit", "better", "entities", "aggregation", "targets")
    ]


def test_a_misspelt_kpi_gets_one_answer(problems) -> None:
    (said,) = problems(kpis="- {id: inquiry_within_4hours}\n")
    assert said.endswith("did you mean 'inquiry_within_4h'?")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("targets: []", "targets: is empty"),
        ("targets: [{value: 0.9}]", "targets[0].from: is missing"),
        ("targets: [{from: 2026-01-01, value: 0}]", "must be above 0 (is 0)"),
        ("targets: [{from: 2026-01-01, value: .nan}]", "must be a finite number"),
        ("targets: [{from: 2026-01-01, value: 95%}]", "must be a number (is '95%')"),
        ("targets: [{from: 2026-02-30, value: 0.9}]", "2026-02-30 is not a day of the calendar"),
        ("targets: [{from: 2026, value: 0.9}]", "must be a date like 2026-01-31 (is 2026)"),
        (
            "targets: [{from: 2026-01-01, value: 0.9, scope: boss}]",
            "scope 'boss' is not one of company, team:<name>, role:support, employee:<id>",
        ),
        ("targets: [{from: 2026-01-01, value: 0.9, scope: 'role:ceo'}]", "a role is one of sales"),
        ("targets: [{from: 2026-01-01, value: 0.9, grain: months}]", "did you mean 'month'?"),
        ("targets: [{from: 2026-01-01, value: 0.9, scope_type: team}]", "scope_type: unknown key"),
        (
            "targets: [{from: 2026-01-01, value: 0.9}, {from: 2026-01-01, value: 0.8}]",
            "targets[1]: overlaps targets[0]",
        ),
        ("entities: [request]", "entities[0]: unknown entity 'request': did you mean 'requests'?"),
        ("entities: []", "entities: must not be empty"),
        ("required: [customers]", "required[0]: 'customers' is not among entities"),
        ("params: {within_hour: 3}", "unknown key: did you mean 'within_hours'?"),
        (
            "params: {within_hours: -1}",
            "params.within_hours: must be above 0 and at most 100000 (is -1)",
        ),
        ("params: {within_hours: four}", "params.within_hours: must be a number (is 'four')"),
        ("clock: null", "clock: this KPI measures time: write business or calendar"),
        ("clock: busines", "did you mean 'business'?"),
        ("unit: null", "unit: empty is not one of hours, ratio, score or count"),
        ("enabled: 'yes'", "enabled: must be true or false (is 'yes')"),
        ("owner: 12", "owner: must be text (is 12): write it in quotes"),
        ("serves: [answer_customer_fast]", "did you mean 'answer_customers_fast'?"),
        ("tolerance: 5", "tolerance: must be at most 1.0 (is 5)"),
        ("min_sample: 0", "min_sample: must be at least 1 (is 0)"),
        ("guard: {floor: 90, on_breach: stop}", "guard.floor: a ratio lies between 0 and 1"),
        ("guard: {floor: 0.9}", "guard.on_breach: is missing"),
        ("name: {kr: 문의}", "name: must be a text in ko or en or both"),
        ("position: 3", "position: unknown key"),
        ("name: 3\n  name: 4", "name: is given twice: keep one"),
    ],
)
def test_an_entry_is_refused_with_a_reason(problems, entry: str, said: str) -> None:
    (found,) = problems(kpis=f"- id: inquiry_within_4h\n  {entry}\n")[:1]

    assert found.startswith("kpis.yml line ")
    assert "inquiry_within_4h" in found or "name: is given twice" in found
    assert said in found


@pytest.mark.parametrize(
    ("kpi_id", "value", "is_refused"),
    [
        ("onboarding_satisfaction", 5.1, True),
        ("onboarding_satisfaction", 0.9, True),
        ("onboarding_satisfaction", 5, False),
        ("document_turnaround", 0, True),
        ("document_turnaround", 200, False),
        ("insights_delivered", -1, True),
        ("insights_delivered", 12, False),
        ("report_usage", 1, False),
        ("report_usage", 1.01, True),
    ],
)
def test_only_a_value_that_can_be_reached_is_a_target(
    load, kpi_id: str, value: float, is_refused: bool
) -> None:
    entry = f"- id: {kpi_id}\n  targets: [{{from: 2026-01-01, value: {value}}}]\n"
    if is_refused:
        with pytest.raises(ConfigError, match=r"targets\[0\]\.value"):
            load(kpis=entry)
    else:
        assert load(kpis=entry)


def test_targets_of_other_scopes_and_grains_do_not_overlap(load) -> None:
    (entry, *_) = load(
        kpis="""
- id: inquiry_within_4h
  targets:
    - {from: 2026-01-01, value: 0.9}
    - {from: 2026-01-01, value: 0.8, scope: company}
    - {from: 2026-01-01, value: 0.8, scope: "team:A"}
    - {from: 2026-01-01, value: 0.8, scope: "team:B"}
    - {from: 2026-01-01, value: 0.8, grain: month}
    - {from: 2026-02-01, value: 0.8}
"""
    ).kpis
    assert [target.scope for target in entry.targets] == [
        "any",
        "company",
        "team:A",
        "team:B",
        "any",
        "any",
    ]


def test_a_month_end_kpi_has_no_weekly_target(problems) -> None:
    targets = "[{from: 2026-01-01, value: 1.0, grain: week}]"
    (said,) = problems(kpis=f"- id: material_freshness\n  targets: {targets}\n")
    assert "this KPI has no value by week" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("working_hours: {mon: [9-18]}", "must be an interval like \"09:00-18:00\" (is '9-18')"),
        ("working_hours: {mon: ['22:00-06:00']}", "write a night shift as two intervals"),
        ("working_hours: {mon: ['09:00-25:00']}", "is not a time of day"),
        ("working_hours: {mon: ['09:60-10:00']}", "is not a time of day"),
        ("working_hours: {mon: '09:00-18:00'}", "must be a list"),
        ("working_hours: {montag: ['09:00-18:00']}", "unknown key: did you mean 'mon'?"),
        ("working_hours: {mon: []}", "no weekday has working hours"),
        ("working_hours: []", "must not be empty"),
        (
            "working_hours: [{mon: ['09:00-18:00']}, {mon: ['10:00-18:00']}]",
            "two schedules start on the same date",
        ),
        (
            "working_hours: {tue: ['09:00-18:00']}\nopen_days: [2026-05-02]",
            "open_days: 2026-05-02 would have Monday's hours",
        ),
        ("country: Korea", "unknown country 'Korea'"),
        ("timezone: /etc/passwd", "unknown timezone '/etc/passwd'"),
        ("timezone: Asia", "unknown timezone 'Asia'"),
        ("max_shrink: 20%", "max_shrink: must be a number (is '20%')"),
        ("closed_days: 2026-12-31", "closed_days: must be a list"),
        ("timezon: Asia/Seoul", "did you mean 'timezone'?"),
        ("reports: [{id: a, name: b}]", "reports[0].starts_on: is missing"),
        (
            "reports: [&a {id: a, name: b, starts_on: 2026-01-05}, *a]",
            "reports: a is listed twice",
        ),
        ("aliases: {sheets: {문의: inquiries}}", "'inquiries', which is no entity"),
        ("aliases: {columns: {담당: assigne_id}}", "did you mean 'assignee_id'?"),
        ("links: {published: 'javascript:alert(1)'}", "links.published: must be an address like"),
        ("links: {published: kpi/published}", "must be an address like"),
        ("links: {dashboards: 'https://a b.example.com'}", "must be an address like"),
        ("links: {dashboards: 'https://u:p@bi.example.com'}", "no user and no password"),
        ("links: {dashboard: 'https://bi.example.com'}", "did you mean 'dashboards'?"),
        ("- a", "must be a mapping"),
    ],
)
def test_a_company_is_refused_with_a_reason(problems, line: str, said: str) -> None:
    (found,) = problems(company=line)
    assert found.startswith("company.yml")
    assert said in found


def test_links_are_addresses_and_no_night_depends_on_them(load) -> None:
    without = load(company="timezone: Asia/Seoul")
    linked = load(
        company="links: {published: 'https://files.example.com/kpi/', data_docs: 'file:///srv'}"
    )
    assert linked.company.links.published == "https://files.example.com/kpi"
    assert linked.company.links.data_docs == "file:///srv"
    assert linked.company.links.dashboards is None
    assert linked.hash == without.hash


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("kind: file", "did you mean 'files'?"),
        ("kind: hubspot", "hubspot cannot be extracted by this version"),
        ("kind: files", "path: is missing"),
        ("kind: files\n  path: 3", "path: must be a path (is 3)"),
        ("kind: files\n  path: a\n  schedule: '0 25 * * *'", "is not a cron schedule"),
        ("kind: files\n  path: a\n  schedule: hourly", "is not a cron schedule"),
        ("kind: files\n  path: a\n  mode: fulll", "did you mean 'full'?"),
        ("kind: files\n  path: a\n  freshness_hours: 0", "must be above 0.0 (is 0)"),
        ("kind: files\n  path: a\n  entities: {request: {}}", "did you mean 'requests'?"),
        ("kind: files\n  path: a\n  entities: {requests: a.sql}", "a.sql does not exist"),
        ("kind: files\n  path: a\n  read: {encodng: x}", "did you mean 'encoding'?"),
        ("kind: files\n  path: a\n  read: {encoding: x}", "'x' is unknown: use auto"),
        ("kind: files\n  path: a\n  read: {delimiter: '::'}", "must be auto or one character"),
        ("kind: files\n  path: a\n  read: {timezone: Seoul}", "unknown timezone 'Seoul'"),
    ],
)
def test_a_source_is_refused_with_a_reason(problems, entry: str, said: str) -> None:
    (found,) = problems(sources=f"- id: one\n  {entry}\n")
    assert found.startswith("sources.yml line ")
    assert ", one, " in found
    assert said in found


@pytest.mark.parametrize("schedule", ["0 1 * * *", "*/15 8-18 * * mon-fri", "5,35 0 1 jan *"])
def test_usual_schedules_are_understood(load, schedule: str) -> None:
    entry = f"- {{id: one, kind: files, path: a, schedule: '{schedule}'}}\n"
    assert load(sources=entry).sources[0].schedule == schedule


def test_goals_lead_upwards_only(problems) -> None:
    found = problems(
        goals="""
- {id: a, level: support, name: a, serves: [b, x]}
- {id: b, level: company, name: b, serves: [a]}
- {id: b, level: sales, name: b}
"""
    )
    assert len(found) == 3
    assert "goals.yml line 4, b, id: is listed twice" in found[0]
    assert "unknown goal 'x'" in found[1]
    assert "a company goal cannot serve 'a', a support goal" in found[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,id\n", "line 1: its first line must be source,employee_id"),
        ("{header}zd,9,crm\n", "line 2: must have 4 filled cells"),
        ("{header}zd,9,crm,1\nzd,9,crm,2\n", "line 3: '9' of 'zd' is listed twice"),
        ("{header}a,1,b,2\nb,2,c,3\n", "line 2: leads to '2' of 'b', which itself leads on"),
    ],
)
def test_identities_are_refused_by_line(problems, folder, text: str, said: str) -> None:
    header = "source,employee_id,same_as_source,same_as_employee_id\n"
    (folder / "identities.csv").write_text(text.format(header=header), encoding="utf-8")
    (found,) = problems()
    assert said in found


def test_a_file_of_a_wrong_name_is_not_passed_over(problems, folder) -> None:
    (folder / "kpi.yml").touch()
    (folder / "sources.yaml").touch()
    assert problems() == [
        "kpi.yml: is not a file of the config; did you mean 'kpis.yml'?",
        "sources.yaml: is not a file of the config; did you mean 'sources.yml'?",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- id: [", "is not valid YAML"),
        (b"\tid: a", "is not valid YAML"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"- &a [*a]", "is not valid YAML (an alias repeats itself without end)"),
        (b"- !!python/object:os.system {}", "id: is missing"),
        (b"", "lists no KPI"),
        (b"id: a", "must be a list"),
        (b"- id: 2026-13-45", "there is no shipped KPI '2026-13-45'"),
        (b"- id: !!int x", "cannot read 'x'"),
        (b"- [1, 2]: 3", "a key must be a plain word"),
    ],
)
def test_broken_yaml_is_a_sentence(problems, folder, content: bytes, said: str) -> None:
    (folder / "kpis.yml").write_bytes(content)
    assert said in problems()[0]


JUNK = ("", "[", "{", "}", ": ", "- ", "&a ", "*a", "3", "~", "\t", "!")
SHIPPED = {
    name: (shipped_config_dir() / name).read_text(encoding="utf-8")
    for name in ("company.yml", "kpis.yml", "goals.yml")
}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_but_never_crashes(folder, data) -> None:
    name = data.draw(st.sampled_from(sorted(SHIPPED)))
    lines = SHIPPED[name].splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    line = lines[place]
    cut = data.draw(st.integers(0, len(line)))
    junk = data.draw(
        st.sampled_from(["", "[", "{", "}", ": ", "- ", "&a ", "*a", "3", "~", "\t", "!"])
    )
    lines[place] = line[:cut] + junk + line[data.draw(st.integers(cut, len(line))) :]
    for other in SHIPPED:
        (folder / other).unlink(missing_ok=True)
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    try:
        load_config(folder)
    except ConfigError as error:
        assert error.problems  # noqa: PT017


def _paths(value: object, path: tuple = ()) -> list[tuple]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    found = [path] if path else []
    for key, part in parts:
        is_inner = isinstance(part, (dict, list))
        found += _paths(part, (*path, key)) if is_inner else [(*path, key)]
    return found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_value_of_the_wrong_type_is_refused_or_read_but_never_crashes(folder, data) -> None:
    name = data.draw(st.sampled_from(sorted(SHIPPED)))
    content = yaml.load(SHIPPED[name], yaml.CSafeLoader)
    *way, last = data.draw(st.sampled_from(_paths(content)))
    place = content
    for key in way:
        place = place[key]
    place[last] = data.draw(
        st.sampled_from([None, [], {}, [[]], [{}], {"a": []}, True, -1, 10**400, 1.5, "x", "é\x00"])
    )
    for other in SHIPPED:
        (folder / other).unlink(missing_ok=True)
    (folder / name).write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    try:
        load_config(folder)
    except ConfigError as error:
        assert error.problems  # noqa: PT017


@pytest.mark.parametrize(
    ("kpi_id", "said"),
    [
        ("insights_delivered", "this KPI measures no time: remove the key"),
        ("contract_followup_completion", "only calendar is possible"),
    ],
)
def test_a_clock_that_would_change_nothing_is_refused(problems, kpi_id: str, said: str) -> None:
    (found,) = problems(kpis=f"- {{id: {kpi_id}, clock: business}}\n")
    assert said in found
