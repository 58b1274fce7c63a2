"""Read a YAML file into plain values, remembering the line of every key.

`kpis.yml → YamlFile(value, lines, problems)`. Never raises for what a person may type: a syntax
error, a key given twice or an endless alias comes back as a problem. Dates stay text, so that an
impossible date is refused by name and not by a traceback.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from sales_support_kpi.config.problems import Loc, Problem

MAX_NODES = 200_000
MAX_NUMBER = 2**53


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 without timestamps."""


def _text(loader: yaml.CSafeLoader, node: yaml.Node) -> str:
    return str(loader.construct_scalar(node))  # type: ignore[arg-type]


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)


@dataclass(slots=True)
class YamlFile:
    """The content of one file: plain values, and where each key stands."""

    name: str
    value: object = None
    lines: dict[Loc, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, loc: Loc) -> int | None:
        """Line of the nearest enclosing key."""
        for length in range(len(loc), 0, -1):
            if loc[:length] in self.lines:
                return self.lines[loc[:length]]
        return None


class _Reader:
    """Walks the nodes of one document; every finding is noted, reading goes on."""

    def __init__(self, file: YamlFile, loader: _Loader) -> None:
        self.file = file
        self.loader = loader
        self.node_count = 0
        self.open_nodes: set[int] = set()

    def read(self, node: yaml.Node, loc: Loc) -> object:
        self.file.lines[loc] = node.start_mark.line + 1
        self.node_count += 1
        if id(node) in self.open_nodes or self.node_count > MAX_NODES:
            raise yaml.YAMLError("an alias repeats itself without end")
        self.open_nodes.add(id(node))
        try:
            return self._read(node, loc)
        finally:
            self.open_nodes.discard(id(node))

    def _read(self, node: yaml.Node, loc: Loc) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*loc, place)) for place, item in enumerate(node.value)]
        try:
            value = self.loader.construct_object(node)
        except (ValueError, ArithmeticError, yaml.YAMLError):
            self._note(node, loc, f"cannot read {node.value!r}: write it in quotes if it is text")
            return None
        if isinstance(value, int) and abs(value) > MAX_NUMBER:
            self._note(node, loc, "is too large a number: write it in quotes if it is text")
            return None
        return value

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, object]:
        merge = any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value)
        if merge:
            self.loader.flatten_mapping(node)
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node, loc, "a key must be a plain word")
                continue
            key = str(key_node.value)
            if key in values and not merge:
                self._note(key_node, (*loc, key), "is given twice: keep one")
            values[key] = self.read(value_node, (*loc, key))
            self.file.lines[(*loc, key)] = key_node.start_mark.line + 1
        return values

    def _note(self, node: yaml.Node, loc: Loc, message: str) -> None:
        line = node.start_mark.line + 1
        self.file.problems.append(Problem.at(self.file.name, message, loc=loc, line=line))


def _syntax_problem(name: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    line = mark.line + 1 if mark is not None else None
    return Problem.at(
        name, f"is not valid YAML ({what}): check quotes, colons and indentation", line=line
    )


def read_yaml(path: Path) -> YamlFile:
    """Read one file; what is wrong with it stands in `problems`."""
    file = YamlFile(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        file.problems.append(Problem.at(path.name, "is not UTF-8 text: save it as UTF-8"))
        return file
    except OSError as error:
        file.problems.append(Problem.at(path.name, f"cannot be read: {error.strerror}"))
        return file
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            file.value = None if node is None else _Reader(file, loader).read(node, ())
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        file.problems.append(_syntax_problem(path.name, error))
    return file
