"""Small random companies, awkward on purpose; the same seed makes the same company.

seed → config (company.yml, kpis.yml) + histories of rows → nights of file drops + as_of
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.oracle.catalog import catalog
from tests.oracle.cells import COLUMNS, VERSIONED, local_date, midnight, read_instant, utc
from tests.oracle.company_config import public_holidays
from tests.oracle.histories import Histories, Revisions
from tests.oracle.loads import Drop
from tests.oracle.moments import DAY, HOUR, Moments
from tests.oracle.systems import System, Systems

SPLIT = ["09:00-12:00", "13:00-18:00"]
OFFICE = ["09:00-18:00"]
AROUND_THE_CLOCK = ["00:00-24:00"]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class RandomCompany:
    """All that a night needs."""

    seed: int
    company: dict
    kpis: list[dict]
    drops: list[Drop]
    as_of: datetime
    known_at: date | None
    sources: list[dict] = field(default_factory=lambda: [{"id": "files", "mode": "full"}])
    identities: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def nights(self) -> list[list[int]]:
        """The numbers of the drops that come in the same night, night by night."""
        by_night: dict[datetime, list[int]] = {}
        for number, drop in enumerate(self.drops):
            by_night.setdefault(drop.as_of, []).append(number)
        return [by_night[as_of] for as_of in sorted(by_night)]


def random_company(seed: int) -> RandomCompany:
    """The company of a seed."""
    rng = random.Random(seed)  # noqa: S311
    zone = rng.choice(("Asia/Seoul", "Asia/Seoul", "America/New_York", "Europe/Berlin"))
    first, last = _span(rng, zone)
    moments = Moments(rng, zone, first, last)
    company = drawn_company(rng, zone, moments)
    moments.holidays = _holidays(company["country"], first, last)
    nights = _nights(rng, zone, first, last)
    as_of = _as_of(rng, moments, nights)
    moments.marks += [as_of, *nights]
    histories = Histories(rng, moments, [report["id"] for report in company["reports"]])
    drawn = histories.of_all_entities()
    systems, identities = [System("files", drawn)], []
    if rng.random() < 0.25:
        both = Systems(rng, drawn)
        systems, identities = both.in_order(), both.identities
    modes = [rng.choice(("full", "full", "changes")) for _ in systems]
    drops = [
        drop
        for system, mode in zip(systems, modes, strict=True)
        for drop in _drops(rng, system, mode, nights, zone)
    ]
    drops.sort(key=lambda drop: drop.as_of)
    known_at = rng.choice(drops).night if rng.random() < 0.2 else None
    kpis = drawn_kpis(rng, moments, may_change_steps=company["max_quarantine"] == 1.0)
    sources = [
        {"id": system.source, "mode": mode, "zone": system.zone}
        for system, mode in zip(systems, modes, strict=True)
    ]
    return RandomCompany(seed, company, kpis, drops, utc(as_of), known_at, sources, identities)


def _span(rng: random.Random, zone: str) -> tuple[date, date]:
    if zone != "Asia/Seoul" and rng.random() < 0.7:  # around a change of clocks
        first = date(2026, rng.choice((2, 9)), rng.randint(1, 28))
    else:
        first = date(2025, 9, 1) + timedelta(days=rng.randint(0, 300))
    last = first + timedelta(days=rng.randint(30, 120))
    if rng.random() < 0.4:  # a whole month, a whole quarter
        last = last.replace(day=1) - timedelta(days=1)
    return first, last


def _holidays(country: str | None, first: date, last: date) -> list[date]:
    """The public holidays of the span, substitutes among them."""
    if country is None:
        return []
    days = {day for year in (first.year, last.year) for day in public_holidays(country, year)}
    return sorted(day for day in days if first <= day <= last)


# -- configuration -------------------------------------------------------------------------


def drawn_company(rng: random.Random, zone: str, moments: Moments) -> dict:
    country = {"Asia/Seoul": "KR", "America/New_York": "US", "Europe/Berlin": "DE"}[zone]
    return {
        "timezone": zone,
        "country": rng.choice((country, country, "KR", None)),
        "working_hours": _working_hours(rng, moments),
        "closed_days": sorted({moments.day() for _ in range(rng.randint(0, 3))}),
        "open_days": sorted({moments.day() for _ in range(rng.randint(0, 2))}),
        "max_quarantine": rng.choice((1.0, 1.0, 1.0, 1.0, 0.3)),
        "max_shrink": 1.0,
        "quality": {"min_rows": 1_000_000},  # what fell empty is not a broken export here
        "reports": [_report(rng, number, moments) for number in range(rng.randint(0, 3))],
    }


def _working_hours(rng: random.Random, moments: Moments) -> dict | list:
    def week() -> dict:
        style = rng.choice(("office", "split", "always", "mixed"))
        if style == "always":
            return dict.fromkeys(WEEK, AROUND_THE_CLOCK)
        if style == "mixed":
            hours = (OFFICE, SPLIT, ["08:30-12:00"], ["00:00-01:30", "22:00-24:00"], [])
            return {day: rng.choice(hours) for day in WEEK} | {"mon": rng.choice((OFFICE, SPLIT))}
        return dict.fromkeys(WEEK[:5], OFFICE if style == "office" else SPLIT)

    if rng.random() < 0.7:
        return _plain(week())
    starts = sorted({moments.day() for _ in range(rng.randint(1, 2))})
    return [_plain({"from": start, **week()}) for start in (date(2020, 1, 1), *starts)]


def _plain(hours: dict) -> dict:
    """Lists of their own, so that the YAML has no anchors."""
    return {key: list(v) if isinstance(v, list) else v for key, v in hours.items()}


def _report(rng: random.Random, number: int, moments: Moments) -> dict:
    report = {
        "id": f"report_{number}",
        "name": {"ko": f"보고서 {number}", "en": f"Report {number}"},
        "owner_id": rng.choice(("e1", "e2", "nobody")),
        "starts_on": moments.day(),
    }
    if rng.random() < 0.6:
        report["weekday"] = rng.choice(WEEK)
    return report


def drawn_kpis(rng: random.Random, moments: Moments, *, may_change_steps: bool) -> list[dict]:
    entries = []
    for entry in catalog():
        roll = rng.random()
        if roll < 0.04:
            continue
        entry["enabled"] = roll > 0.08
        if entry["id"] != "customer_record_accuracy" and 0.08 < roll < 0.2:
            entries.append({"id": entry["id"]})  # all as shipped
            continue
        entry["tolerance"] = rng.choice((0.05, 0.05, 0.0, 0.2))
        entry["min_sample"] = rng.choice((1, 1, 2, 3))
        entry["targets"] = _targets(rng, entry, moments)
        _change_params(rng, entry, may_change_steps)
        entries.append(entry)
    return entries


def _change_params(rng: random.Random, entry: dict, may_change_steps: bool) -> None:
    if entry["clock"] and entry["id"] != "contract_followup_completion" and rng.random() < 0.2:
        entry["clock"] = "calendar"
    if rng.random() > 0.2:
        return
    params = entry["params"]
    for name, choices in {
        "within_hours": (2, 4.5, 24),
        "entry_hours": (24, 48, 12),
        "stale_days": (10, 30),
        "onboarding_days": (30, 90),
    }.items():
        if name in params:
            params[name] = rng.choice(choices)
    if "steps" in params and may_change_steps:
        params["steps"] = params["steps"][: rng.randint(1, 2)]


def _targets(rng: random.Random, entry: dict, moments: Moments) -> list[dict]:
    targets = list(entry["targets"])
    month_end = entry["aggregation"] == "month_end"
    grains = ("any", "month", "quarter", "year") + (() if month_end else ("week", "day"))
    scopes = (None, "company", "team:T1", "team:영업지원1팀", "role:sales", "role:support")
    scopes += ("employee:e1", "employee:e2")
    seen = {(None, t.get("grain", "any"), t["from"]) for t in targets}
    for _ in range(rng.choice((0, 0, 1, 3, 5))):
        scope, grain = rng.choice(scopes), rng.choice(grains)
        begins = rng.choice((date(2025, 1, 1), moments.day()))
        if (scope, grain, begins) in seen:
            continue
        seen.add((scope, grain, begins))
        target = {"from": begins, "value": _reachable(rng, entry["unit"]), "basis": "agreed"}
        targets.append(
            target
            | ({"scope": scope} if scope else {})
            | ({"grain": grain} if grain != "any" else {})
        )
    return targets


def _reachable(rng: random.Random, unit: str) -> float:
    values = {
        "ratio": (0.5, 0.75, 0.8, 1.0),
        "score": (3.0, 3.5, 4.0, 5.0),
        "hours": (1.0, 2.0, 4.0, 8.0),
        "count": (1.0, 2.0, 3.0),
    }
    return rng.choice(values[unit])


# -- nights --------------------------------------------------------------------------------


def _nights(rng: random.Random, zone: str, first: date, last: date) -> list[int]:
    """The `as_of` of each night: mostly midnights, of different dates, ending with the span."""
    count = rng.choice((1, 1, 1, 1, 2, 3, 4))
    days = {last} | {last - timedelta(days=rng.randint(1, 50)) for _ in range(count - 1)}
    nights = []
    for day in sorted(day for day in days if day >= first):
        ends = midnight(day + timedelta(days=1), zone)
        nights.append(ends if rng.random() < 0.8 else ends - rng.randint(1, 11) * HOUR)
    return nights


def _as_of(rng: random.Random, moments: Moments, nights: list[int]) -> int:
    roll = rng.random()
    if roll < 0.6:
        return nights[-1]
    if roll < 0.75:
        return rng.choice(nights)
    if roll < 0.9:
        return midnight(moments.day(), moments.zone)
    return nights[-1] + rng.choice((1, HOUR, DAY, 40 * DAY))


def _drops(
    rng: random.Random, system: System, mode: str, nights: list[int], zone: str
) -> list[Drop]:
    histories = system.histories
    drops = []
    absent: dict[str, set[str]] = {entity: set() for entity in histories}
    left_out = {entity: _left_out(rng, entity) for entity in histories}
    for entity in VERSIONED:
        _no_version_before_its_time(histories.get(entity, {}), nights, system.zone or zone)
    for number, as_of in enumerate(nights):
        entities = {}
        for entity, revisions in histories.items():
            if number > 0 and rng.random() < 0.05:
                continue  # this entity's file is missing tonight
            rows = _rows_of_night(rng, entity, revisions, nights, number, mode, absent[entity])
            entities[entity] = _with_some_columns(rng, left_out[entity], rows)
        night = local_date(as_of - 1, zone)
        drops.append(Drop(utc(as_of), night, mode, entities, system.source, system.zone))
    return drops


def _no_version_before_its_time(revisions: Revisions, nights: list[int], zone: str) -> None:
    """A version is first held by a night's file that is no older than the version itself."""
    for history in revisions.values():
        for revision in history:
            said = revision.cells["updated_at"] or revision.cells.get("created_at")
            if said:
                start = read_instant(said, zone)
                earlier = sum(1 for as_of in nights if as_of < start)
                revision.first_night = max(revision.first_night, earlier)


def _rows_of_night(
    rng: random.Random,
    entity: str,
    revisions: Revisions,
    nights: list[int],
    number: int,
    mode: str,
    absent: set[str],
) -> list[dict[str, str]]:
    rows = []
    for key, history in revisions.items():
        known = [r.cells for r in history if min(r.first_night, len(nights) - 1) <= number]
        new = [r.cells for r in history if min(r.first_night, len(nights) - 1) == number]
        if mode == "changes":
            rows += new if rng.random() > 0.15 else known
            continue
        if number > 0 and rng.random() < (0.5 if key in absent else 0.08):
            absent ^= {key}  # vanishes, or returns
        if key in absent or not known:
            continue
        rows += known if rng.random() < 0.4 else known[-1:]
    rng.shuffle(rows)
    rows += [dict(row) for row in rows if rng.random() < 0.03]
    return rows


def _left_out(rng: random.Random, entity: str) -> str | None:
    """Now and then a column is not in any of the files: one that vanished would be refused."""
    optional = [c.name for c in COLUMNS[entity] if not c.is_required]
    return rng.choice(optional) if rng.random() < 0.08 else None


def _with_some_columns(
    rng: random.Random, left_out: str | None, rows: Iterable[dict[str, str]]
) -> list[dict[str, str]]:
    """Now and then there is a column that nobody knows."""
    extra = {"remark": "x"} if rng.random() < 0.05 else {}
    return [{k: v for k, v in row.items() if k != left_out} | extra for row in rows]


def header_of(entity: str, rows: list[dict[str, str]]) -> list[str]:
    """The columns of a file: those of its rows, or all where it has none."""
    return list(rows[0]) if rows else [column.name for column in COLUMNS[entity]]
