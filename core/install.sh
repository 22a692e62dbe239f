#!/usr/bin/env bash
# Build the compiled core of this checkout and install it into an environment: install.sh PYTHON STAMP
# Where it cannot be compiled, say so and go on without it: it is an option. A compiler error is an error.
set -euo pipefail
python=$1
stamp=$2
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${CORE_ALONE:-}" ]; then
    # What was built while this waited is not built once more: somebody uses it already.
    asked=$(mktemp)
    "$python" "$here/alone.py" bash "$0" "$python" "$stamp" "$asked" || failed=$?
    rm -f "$asked"
    exit "${failed:-0}"
fi
[ -z "${3:-}" ] || [ ! "$stamp" -nt "$3" ] || exit 0
without() {
    echo "The compiled core is not built: $1. The models work without it, at a lower speed." >&2
    "$python" -m pip uninstall --quiet --disable-pip-version-check --yes flytekit-models-core 2>/dev/null
    echo "none: $1" >"$stamp"
    exit 0
}
obstacle=$("$python" "$here/obstacle.py")
[ -z "$obstacle" ] || without "$obstacle"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall \
    "$here"
"$python" -c 'import flytekit_models_core'
echo built >"$stamp"
