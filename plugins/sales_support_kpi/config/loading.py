"""Load a configuration folder: `config/*.yml → Config`, or every problem at once.

How a company's folder and the shipped defaults come together:

- A file that the folder lacks is the shipped one.
- `company.yml`: a key that is left out has its shipped value, `quality` and `records`
  key by key.
- `kpis.yml`: lists the KPIs the company uses, in the order of its scorecard. An entry whose `id` is
  shipped inherits every key it leaves out (`params` one by one, all other keys as a whole), so
  `{id: inquiry_within_4h}` is enough to start with; an entry of its own id has to be complete.
  A listed KPI is enabled unless it says `enabled: false`. A KPI that is not listed stays
  known, with its shipped entry, but is not enabled.
- `goals.yml`, `sources.yml`, `identities.csv` stand for themselves. A KPI that inherits its
  `serves` keeps only the goals that exist.
"""

import csv
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sales_support_kpi import settings
from sales_support_kpi.config import checks
from sales_support_kpi.config.company import Company
from sales_support_kpi.config.effective import Config, enabled_kpis, enabled_sources
from sales_support_kpi.config.kpis import Goal, Kpi
from sales_support_kpi.config.problems import Loc, Problem, nearest, problems_of
from sales_support_kpi.config.sources import Identity, Source
from sales_support_kpi.config.yamlfile import YamlFile, read_yaml
from sales_support_kpi.errors import ConfigError

YAML_FILES = ("company.yml", "kpis.yml", "goals.yml", "sources.yml")
IDENTITIES_FILE = "identities.csv"
IDENTITY_COLUMNS = tuple(Identity.model_fields)

ModelT = TypeVar("ModelT", bound=BaseModel)


def load_config(directory: Path | None = None) -> Config:
    """Load and check a configuration folder.

    Args:
        directory: the folder; by default `KPI_CONFIG` or `./config`, and the shipped defaults
            where there is no `./config`.

    Raises:
        ConfigError: with every problem of every file.
    """
    loader = _Loader(_existing(directory))
    config = loader.load()
    if loader.problems or config is None:
        raise ConfigError([str(problem) for problem in loader.problems])
    return config


def _existing(directory: Path | None) -> Path:
    folder = settings.default_config_dir() if directory is None else directory
    if folder.is_dir():
        return folder.absolute()
    if directory is None and folder == Path("config"):
        return settings.shipped_config_dir()
    raise ConfigError(
        [f"the config folder {folder} does not exist: correct it, or make one with `kpi init`"]
    )


@dataclass(slots=True)
class _Loader:
    """Collects problems while it reads; the parts that are good go on being checked."""

    directory: Path
    problems: list[Problem] = field(default_factory=list)
    written_paths: dict[str, object] = field(default_factory=dict)

    def load(self) -> Config | None:
        self._refuse_unknown_files()
        company = self._company()
        goals, goals_are_read = self._goals()
        kpis = self._kpis({goal.id for goal in goals} if goals_are_read else None)
        sources = self._sources()
        identities = self._identities()
        if self.problems or company is None:
            return None
        config = Config(company, kpis, goals, sources, identities, self.directory, "")
        return Config(company, kpis, goals, sources, identities, self.directory, self._hash(config))

    def _refuse_unknown_files(self) -> None:
        for path in sorted(self.directory.iterdir()):
            if path.suffix in (".yml", ".yaml") and path.name not in YAML_FILES:
                hint = nearest(path.name, YAML_FILES)
                self.problems.append(Problem.at(path.name, f"is not a file of the config; {hint}"))

    def _read(self, name: str) -> tuple[YamlFile, bool]:
        """The company's file, or the shipped one; and whether it is the company's."""
        own = self.directory / name
        shipped = settings.shipped_config_dir() / name
        is_own = own.exists() and own.resolve() != shipped.resolve()
        file = read_yaml(own if is_own else shipped)
        self.problems += file.problems
        return file, is_own

    def _company(self) -> Company | None:
        file, is_own = self._read("company.yml")
        raw = {} if file.value is None else file.value
        if not isinstance(raw, dict):
            self._note(file, "must be a mapping (key: value)", ())
            return None
        shipped = read_yaml(settings.shipped_config_dir() / "company.yml").value if is_own else {}
        defaults = shipped if isinstance(shipped, dict) else {}
        merged = {**defaults, **raw}
        for name in ("quality", "records"):  # their own keys can be left out too
            if isinstance(raw.get(name), dict):
                merged[name] = {**defaults.get(name, {}), **raw[name]}
        return self._model(Company, merged, file, ())

    def _entries(self, file: YamlFile) -> list[tuple[int, dict[str, Any]]]:
        """The mappings of a list file; what is not one is a problem."""
        if file.problems and file.value is None:
            return []
        rows = [] if file.value is None else file.value
        if not isinstance(rows, list):
            self._note(file, "must be a list: entries that start with `- id: …`", ())
            return []
        entries = []
        seen: set[object] = set()
        for place, raw in enumerate(rows):
            if not isinstance(raw, dict):
                self._note(file, "must be a mapping (id: …)", (place,))
                continue
            name = raw.get("id")
            if isinstance(name, str) and name in seen:
                self._note(file, "is listed twice: keep one entry per id", (place, "id"), name)
            seen.add(name if isinstance(name, str) else None)
            entries.append((place, raw))
        return entries

    def _goals(self) -> tuple[tuple[Goal, ...], bool]:
        before = len(self.problems)
        file, _ = self._read("goals.yml")
        found = [
            (place, goal)
            for place, raw in self._entries(file)
            if (goal := self._model(Goal, raw, file, (place,))) is not None
        ]
        goals = tuple(goal for _, goal in found)
        for place, goal in found:
            for loc, message in checks.goal_problems(goal, goals):
                self._note(file, message, (place, *loc), goal.id)
        return goals, len(self.problems) == before

    def _kpis(self, goals: set[str] | None) -> tuple[Kpi, ...]:
        file, is_own = self._read("kpis.yml")
        shipped = _by_id(
            read_yaml(settings.shipped_config_dir() / "kpis.yml").value if is_own else file.value
        )
        entries = self._entries(file)
        if not entries and not file.problems:
            self._note(
                file, "lists no KPI: add `- id: …`, or delete it to use all shipped ones", ()
            )
        found = []
        for place, raw in entries:
            misspelt = checks.misspelt_id(raw, shipped)
            if misspelt:
                self._note(file, misspelt, (place, "id"))
                continue
            if is_own:
                merged = _inherit(
                    {"enabled": True, **raw}, shipped.get(str(raw.get("id")), {}), goals
                )
            elif self.directory.resolve() != settings.shipped_config_dir().resolve():
                raw, merged = {"id": raw.get("id")}, _inherit({}, raw, goals)
            else:
                merged = raw
            one = self._model(Kpi, merged, file, (place,))
            for loc, message in checks.kpi_problems(raw, merged, shipped, goals):
                self._note(file, message, (place, *loc), str(raw.get("id", "")))
            if one is not None:
                found.append(one)
        listed = {one.id for one in found}
        rest = [
            Kpi.model_validate({**_inherit({}, base, goals), "enabled": False})
            for name, base in shipped.items()
            if is_own and name not in listed
        ]
        return tuple(
            one.model_copy(update={"position": position})
            for position, one in enumerate((*found, *rest), start=1)
        )

    def _sources(self) -> tuple[Source, ...]:
        file, _ = self._read("sources.yml")
        found = []
        for place, raw in self._entries(file):
            one = self._model(Source, raw, file, (place,))
            for loc, message in checks.source_problems(raw):
                self._note(file, message, (place, *loc), str(raw.get("id", "")))
            if one is not None:
                self._check_options(one, file, place)
                found.append(one)
                self.written_paths[one.id] = raw.get("path")
        return tuple(found)

    def _check_options(self, source: Source, file: YamlFile, place: int) -> None:
        """Each kind of system has options of its own."""
        from sales_support_kpi.sources.extract.kinds import options_of

        model = options_of(source.kind)
        if model is None:
            return
        found = dict(checks.secret_problems(source.options))
        try:
            model.model_validate(source.options, context={"directory": self.directory})
        except ValidationError as error:
            found = {**dict(problems_of(error, model, source.options)), **found}
        for loc, message in found.items():
            self._note(file, message, (place, "options", *loc), source.id)

    def _identities(self) -> tuple[Identity, ...]:
        own = self.directory / IDENTITIES_FILE
        path = own if own.exists() else settings.shipped_config_dir() / IDENTITIES_FILE
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            self.problems.append(Problem.at(path.name, "cannot be read as UTF-8 text"))
            return ()
        lines = [line for line in csv.reader(text.splitlines()) if any(line)]
        if not lines or tuple(cell.strip() for cell in lines[0]) != IDENTITY_COLUMNS:
            header = ",".join(IDENTITY_COLUMNS)
            self.problems.append(Problem.at(path.name, f"its first line must be {header}", line=1))
            return ()
        rows = [[cell.strip() for cell in line] for line in lines[1:]]
        problems = [*checks.identity_problems(rows, len(IDENTITY_COLUMNS))]
        for line, message in problems:
            self.problems.append(Problem.at(path.name, message, line=line))
        if problems:
            return ()
        return tuple(Identity(**dict(zip(IDENTITY_COLUMNS, row, strict=True))) for row in rows)

    def _model(
        self,
        model: type[ModelT],
        raw: dict[str, Any],
        file: YamlFile,
        place: Loc,
    ) -> ModelT | None:
        try:
            return model.model_validate(raw, context={"directory": self.directory})
        except ValidationError as error:
            name = str(raw.get("id", "")) if place else ""
            for loc, message in problems_of(error, model, raw):
                self._note(file, message, (*place, *loc), name)
            return None

    def _note(self, file: YamlFile, message: str, loc: Loc, entry: str = "") -> None:
        line = file.line(loc)
        shown = loc[1:] if loc and isinstance(loc[0], int) else loc
        if not entry and loc and isinstance(loc[0], int):
            entry = f"entry {loc[0] + 1}"
        self.problems.append(Problem.at(file.name, message, entry=entry, loc=shown, line=line))

    def _hash(self, config: Config) -> str:
        content = {
            "company": config.company.model_dump(mode="json", exclude={"links", "publish"}),
            "goals": [goal.model_dump(mode="json") for goal in config.goals],
            "kpis": [one.model_dump(mode="json") for one in enabled_kpis(config)],
            "sources": [self._source_content(one) for one in enabled_sources(config)],
            "identities": [one.model_dump(mode="json") for one in config.identities],
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def _source_content(self, source: Source) -> dict[str, Any]:
        content = source.model_dump(mode="json", exclude={"path"})
        for mapping in content["entities"].values():
            del mapping["sql"]
        return {**content, "path": self.written_paths.get(source.id)}


def _by_id(value: object) -> dict[str, dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return {
        row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)
    }


def _inherit(raw: dict[str, Any], base: dict[str, Any], goals: set[str] | None) -> dict[str, Any]:
    """A company's entry over the shipped one."""
    if not base:
        return raw
    merged = {**base, **raw}
    own_params, params = raw.get("params"), base.get("params", {})
    if isinstance(own_params, dict):
        merged["params"] = {**params, **own_params}
    if "serves" not in raw and goals is not None:
        merged["serves"] = [goal for goal in base.get("serves", []) if goal in goals]
    if "entities" in raw and "required" not in raw:
        merged.pop("required", None)
    return merged
