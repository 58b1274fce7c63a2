"""Superset on the published night. Superset reads this file by SUPERSET_CONFIG_PATH.

Environment: KPI_PUBLISHED (the folder `published` of a home), SUPERSET_HOME (Superset's own
database, keys and caches) and SUPERSET_SECRET_KEY, all given by `make dashboards`.
"""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import g, has_app_context

from sales_support_kpi.dashboard_sql import HELPERS

PUBLISHED = Path(os.environ["KPI_PUBLISHED"])
STATE = Path(os.environ["SUPERSET_HOME"])
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{STATE / 'superset.db'}?check_same_thread=false"

# Only administrators may add databases, and the two that come with this folder are read-only files.
PREVENT_UNSAFE_DB_CONNECTIONS = False
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
# `make dashboards` is one machine without TLS; behind a proxy with TLS set both to true.
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None

LANGUAGES = {
    "ko": {"flag": "kr", "name": "한국어"},
    "en": {"flag": "us", "name": "English"},
}
BABEL_DEFAULT_LOCALE = "ko"

FEATURE_FLAGS = {
    "ENABLE_TEMPLATE_PROCESSING": True,
    "DASHBOARD_RBAC": True,
    "HORIZONTAL_FILTER_BAR": True,
}
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000


def _night_folder() -> Path:
    """The folder of the night that `current` leads to: for a whole request the same.

    An answer is kept under the night that its key was made with; were a night published between
    key and query, the newer answer would be kept as the older night's.
    """
    if not has_app_context():
        return (PUBLISHED / "current").resolve()
    if "night_folder" not in g:
        g.night_folder = (PUBLISHED / "current").resolve()
    return g.night_folder


def night() -> str:
    """Which night is published: part of every cache key."""
    return _night_folder().name


def _manifest() -> dict[str, str]:
    return json.loads((_night_folder() / "manifest.json").read_text(encoding="utf-8"))


def local(instant: str) -> str:
    """SQL: an instant in the company's zone, as the published night says."""
    return f"({instant}) at time zone '{_manifest()['timezone']}'"


def as_of() -> str:
    """SQL: the day that the night has seen to its end."""
    end = local("max(as_of)")
    return f"(select strftime({end} - interval 1 second, '%Y-%m-%d') from kpi_values)"


def zone() -> str:
    """What the company's zone is called at the night's as-of: `KST`."""
    manifest = _manifest()
    instant = datetime.fromisoformat(manifest["as_of"])
    return str(instant.astimezone(ZoneInfo(manifest["timezone"])).tzname())


JINJA_CONTEXT_ADDONS = HELPERS | {f.__name__: f for f in (night, local, as_of, zone)}

# What a query can reach is the file that it was opened on, whatever the query says.
CLOSED = {"enable_external_access": "false", "lock_configuration": "true"}


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):  # noqa: ANN001, ANN201, N802
    """Open the file of tonight by its real path.

    DuckDB shares one opened file per path within a process: by the path of the symlink, a reader
    would be given the night that somebody else still has open. Superset's engines do not pool, so
    a connection lives for one query, and each query sees one whole night.
    """
    if uri.drivername == "duckdb":
        uri = uri.set(database=str(_night_folder() / Path(uri.database).name))
        params["connect_args"] = {"read_only": True, "config": CLOSED}
    return uri, params


def SQL_QUERY_MUTATOR(sql, **_):  # noqa: ANN001, ANN003, ANN201, N802
    """Refuse statements that Superset does not take for sub-queries, and DuckDB runs as such."""
    if STATEMENTS.search(sql):
        raise ValueError("a statement inside an expression")
    return sql


STATEMENTS = re.compile(
    r"\((\s|/\*.*?\*/|--[^\n]*\n)*(summarize|describe|show|pivot|unpivot)\b", re.I | re.S
)


def FLASK_APP_MUTATOR(app):  # noqa: ANN001, ANN201, N802
    """Corrections of what Superset's pages do and say by themselves."""
    from flask import jsonify, request, session
    from superset.translations.utils import ALL_LANGUAGE_PACKS

    ALL_LANGUAGE_PACKS["ko"] = _korean()

    @app.before_request
    def keep_no_label_colours():  # noqa: ANN202
        """They stand in the assets; what a page asks to store when it is left is dropped."""
        if request.method == "PUT" and LABEL_COLOURS.fullmatch(request.path):
            return jsonify(result=[])
        return None

    @app.before_request
    def set_no_cookie_beside_the_login():  # noqa: ANN202
        """A cookie that comes after that of a quick login undoes it.

        The login page asks for the words of the language and is sent back to itself, with a cookie
        for the refusal and the language; now it is told that there are none, and has its own.
        """
        from flask_login import current_user

        if request.path == "/login/":
            session.setdefault("locale", BABEL_DEFAULT_LOCALE)
        if request.path.startswith(LANGUAGE_PACKS) and current_user.is_anonymous:
            return jsonify({}), 404
        return None

    @app.before_request
    def speak_korean():  # noqa: ANN202
        """By the words that somebody has looked at, for pages that ask for them."""
        if request.path == f"{LANGUAGE_PACKS}ko/":
            return jsonify(ALL_LANGUAGE_PACKS["ko"])
        return None


def _korean() -> dict[str, object]:
    """Superset's Korean words without those it marks as guessed, and our own for some of them."""
    import superset
    from babel.messages.pofile import read_po

    folder = Path(superset.__file__).parent / "translations/ko/LC_MESSAGES"
    pack = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    with (folder / "messages.po").open("rb") as file:
        guessed = {
            message.id if isinstance(message.id, str) else message.id[0]
            for message in read_po(file, locale="ko")
            if message.id and message.fuzzy
        }
    words = pack["locale_data"]["superset"]
    kept = {name: word for name, word in words.items() if name not in guessed}
    own = {name: [word] for name, word in KOREAN.items()}
    pack["locale_data"]["superset"] = kept | own
    return pack


KOREAN = {
    "%s option": "%s개",
    "%s row": "%s행",
    "Apply": "적용",
    "Apply filters": "적용",
    "Clear all": "모두 지우기",
    "Decrease": "줄임",
    "Filters and controls": "필터",
    "Increase": "늘림",
    "Search by": "검색할 열",
    "Show": "보기",
    "Total": "합계",
    "Waiting on %s": "%s 기다리는 중",
    "entries per page": "행씩",
}
LANGUAGE_PACKS = "/superset/language_pack/"
LABEL_COLOURS = re.compile(r"/api/v1/dashboard/[^/]+/colors")

# Answers are kept until the next night: every dataset's SQL has night() in its cache key.
DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(STATE / "cache"),
    "CACHE_DEFAULT_TIMEOUT": 26 * 3600,
    "CACHE_THRESHOLD": 5000,
    "CACHE_OPTIONS": {"mode": 0o600},
}

# Okabe and Ito: eight colours that people with any colour vision tell apart.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "colourBlindSafe",
        "description": "Okabe-Ito",
        "label": "Colour-blind safe",
        "isDefault": True,
        "colors": [
            "#0072B2",
            "#E69F00",
            "#009E73",
            "#D55E00",
            "#56B4E9",
            "#CC79A7",
            "#F0E442",
            "#6B7280",
        ],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "attainment",
        "description": "From missed to reached, told apart by any eye",
        "label": "Attainment",
        "isDiverging": True,
        "colors": ["#D55E00", "#F3C6A5", "#F7F7F7", "#A6CEE3", "#0072B2"],
    }
]
