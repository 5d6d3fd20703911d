#!/bin/sh
# Print a Python 3.11 or 3.12 that runs and can make virtual environments.
# A candidate is tried by running it: version managers leave commands that exist but don't run.
set -u

fits='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))'

for candidate in "$@" python3.12 python3.11 python3 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12.*/bin/python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.11.*/bin/python; do
    if [ -n "$candidate" ] && "$candidate" -c "$fits" >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done

cat >&2 <<'MESSAGE'
No fitting Python was found. Workings needs Python 3.11 or 3.12 with its venv module, since the
NumPy that pages run on (2.0.2) exists for these.
  Debian, Ubuntu:  apt install python3 python3-venv
  elsewhere:       install Python 3.12
  then, where it has another name:  make PYTHON=/path/to/python3.12
MESSAGE
exit 1
