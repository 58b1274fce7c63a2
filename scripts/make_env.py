"""Write `.env` for docker-compose.yml from `.env.example`, every empty value generated.

Needs nothing but Python: `python3 scripts/make_env.py .env`. An existing file is never touched.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"


def generated(name: str) -> str:
    """A new secret, in the form its user expects; safe in a URL."""
    if name == "AIRFLOW_FERNET_KEY":
        return base64.urlsafe_b64encode(os.urandom(32)).decode()
    return secrets.token_urlsafe(64 if name.endswith(("_SECRET", "_KEY")) else 24)


def filled(example: str) -> str:
    """The example's text with a value after every `NAME=` that has none."""
    lines = []
    for line in example.splitlines():
        name = line[:-1] if line.endswith("=") and not line.startswith("#") else ""
        lines.append(line + generated(name) if name else line)
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file named on the command line, readable by its owner alone."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else ".env")
    if file.exists():
        sys.stderr.write(f"{file} is there already; kept as it is\n")
        return 0
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(filled(EXAMPLE.read_text(encoding="utf-8")))
    sys.stderr.write(f"{file} written; the password of the user admin is KPI_ADMIN_PASSWORD\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
