#!/usr/bin/env bash
# Make or update the environment: exactly requirements.lock, every file checked by its hash.
set -euo pipefail

venv=${1:?usage: make_venv.sh DIRECTORY}

is_usable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

if [[ ! -x $venv/bin/python ]]; then
    python=
    unable=
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        is_usable "$candidate" || continue
        if can_make_venv "$candidate"; then
            python=$candidate
            break
        fi
        unable=$candidate
    done
    if [[ -z $python && -n $unable ]]; then
        echo "error: $unable has no venv/ensurepip (on Debian and Ubuntu: apt-get install $("$unable" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'))" >&2
        exit 1
    elif [[ -z $python ]]; then
        echo "error: Python 3.11, 3.12 or 3.13 is missing (looked for python3.11, python3.12, python3.13, python3 on PATH; PYTHON=/path/to/python names another)" >&2
        exit 1
    fi
    echo "environment: $("$python" --version) in $venv/" >&2
    "$python" -m venv "$venv"
fi

pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check)
uv=("$venv/bin/uv" --quiet)
# `uv` installs the lock in seconds and compiles it to byte code; pip brings uv, once.
"${pip[@]}" install --require-hashes --requirement requirements-bootstrap.lock
export VIRTUAL_ENV=$PWD/$venv UV_PYTHON_DOWNLOADS=never
[[ $venv = /* ]] && VIRTUAL_ENV=$venv
"${uv[@]}" pip sync --require-hashes --compile-bytecode requirements.lock
# Nothing is resolved and nothing fetched for our own package: its build backend is in the lock.
"${uv[@]}" pip install --no-deps --no-build-isolation --editable .
