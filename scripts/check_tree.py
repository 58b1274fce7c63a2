"""What no linter checks: the lock is in step, and no secret or private path is in the tree.

Needs no network: `python scripts/check_tree.py`. Says everything that is wrong at once.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = (
    "requirements.lock",
    "requirements-bootstrap.lock",
    "dashboards/requirements.lock",
    "tests/requirements-duckdb14.lock",
)
MAX_BYTES = 1_000_000
SUSPICIOUS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "an access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token": re.compile(r"\b(?:ghp_|github_pat_|xox[abpr]-|glpat-|sk_live_)[\w-]{16,}"),
    "a password in an address": re.compile(r"\w+://[^\s/:@${}'\"<>]+:[^\s/@${}'\"<>]{3,}@"),
    "a path of one machine": re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work)/[\w.-]+"),
}
PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+?)(?: ; .*)? \\$", re.MULTILINE)


def lock_problems() -> Iterator[str]:
    """Requirements the lock does not hold, pins without a hash, addresses."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for group in project["optional-dependencies"].values() for text in group]
    locked: dict[str, list[str]] = {}
    for name, pin in PINNED.findall((ROOT / LOCKS[0]).read_text(encoding="utf-8")):
        locked.setdefault(canonicalize_name(name), []).append(pin)
    for text in [*project["dependencies"], *extras]:
        wanted = Requirement(text)
        pins = locked.get(canonicalize_name(wanted.name), [])
        if not pins:
            yield f"{LOCKS[0]} does not hold {wanted.name}: run `make lock`"
        elif not all(wanted.specifier.contains(pin, prereleases=True) for pin in pins):
            yield f"{LOCKS[0]} pins {wanted.name} {', '.join(pins)}, not {wanted.specifier}"
    for name in LOCKS:
        content = (ROOT / name).read_text(encoding="utf-8")
        if "://" in content or "--index" in content:
            yield f"{name} holds an address; write it with `make lock`"
        pins = re.findall(r"^[A-Za-z0-9].*$", content, re.MULTILINE)
        yield from (f"{name}: no hash for {pin}" for pin in pins if not pin.endswith("\\"))


def tree_problems() -> Iterator[str]:
    """Secrets, private paths and large files among what is or would be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for name in filter(None, listing.split("\0")):
        file = ROOT / name
        if not file.is_file() or file == Path(__file__).resolve():
            continue
        content = file.read_bytes()
        if len(content) > MAX_BYTES:
            yield f"{name}: {len(content):,} bytes; large files do not belong in the tree"
        text = content.decode("utf-8", errors="ignore")
        for what, pattern in SUSPICIOUS.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: looks like {what}"


def main() -> int:
    """Say what is wrong; the exit code says whether anything is."""
    problems = [*lock_problems(), *tree_problems()]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
