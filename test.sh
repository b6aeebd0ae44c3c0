#!/usr/bin/env bash
# The one command that passes the tests: makes its own environment and runs nox.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv-test
.venv-test/bin/python -m pip install --quiet --upgrade pip nox
.venv-test/bin/python -m nox --reuse-existing-virtualenvs "$@"
