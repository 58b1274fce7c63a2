"""A PostgreSQL of one's own on the loopback, where the machine has its programs.

`find()` → where they are → `with running(place, …)` → a server with an empty database in a folder
that goes with it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 30.0
DATABASE = "postgres"
_USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the programs are, and as whom they run: root may not run them."""

    programs: Path
    user: str | None


def find() -> Place | None:
    """The newest PostgreSQL of this machine that this user can run."""
    user = None
    if os.geteuid() == 0:
        user = next((one for one in ("postgres", "nobody") if _is_user(one)), None)
        if user is None:
            return None
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _USUAL:
        places += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    for place in places:
        if all((place / program).is_file() for program in ("initdb", "postgres")):
            return Place(place, user)
    return None


@contextmanager
def running(place: Place, port: int, user: str, password: str) -> Iterator[str]:
    """Run a server; its URL for SQLAlchemy.

    Raises:
        RuntimeError: it did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="kpi-postgres-"))
    try:
        _make(place, folder, user, password)
        arguments = ["-D", folder / "data", "-p", port, "-k", folder, "-F"]
        quiet = ["-c", "listen_addresses=127.0.0.1", "-c", "log_min_messages=panic"]
        command = [place.programs / "postgres", *arguments, *quiet]
        server = subprocess.Popen(  # noqa: S603 - the machine's own program
            [str(one) for one in command],
            user=place.user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"postgresql+psycopg2://{user}:{password}@127.0.0.1:{port}/{DATABASE}"
            _await_answer(server, url)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(place: Place, folder: Path, user: str, password: str) -> None:
    key = folder / "password"
    key.touch(mode=0o600)
    key.write_text(password, encoding="utf-8")
    if place.user is not None:
        for one in (folder, key):
            shutil.chown(one, place.user)
    done = subprocess.run(  # noqa: S603 - the machine's own program
        [
            str(place.programs / "initdb"), "-D", str(folder / "data"), "-U", user,
            f"--pwfile={key}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            "--no-sync", "--no-instructions",
        ],
        user=place.user,
        cwd=folder,
        capture_output=True,
        check=False,
    )  # fmt: skip
    key.unlink()
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"PostgreSQL's initdb failed: {said}")


def _await_answer(server: "subprocess.Popen[bytes]", url: str) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with engine.connect():
                break
        except sa.exc.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start") from error
        time.sleep(0.1)
    engine.dispose()


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
