#!/usr/bin/env bash
# Run a Python program with the core built for the sanitizers: sanitized.sh PYTHON FOLDER ARGUMENT...
# FOLDER holds the build. Any error of address or of undefined behaviour ends the program.
set -euo pipefail
python=$1
folder=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
compiler=$("$python" -c 'import os, sysconfig; print(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")')
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
suffix=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$here/../runtime/flytekit_models/_version.py")
$compiler -std=c11 -O1 -g -fPIC -shared -fwrapv -fno-omit-frame-pointer -fvisibility=hidden \
    -fsanitize=address,undefined -fno-sanitize-recover=all \
    "-I$include" "-DCORE_VERSION=\"$version\"" "$here"/src/*.c -o "$folder/$$.so"
# Another program may be running the one before.
mv "$folder/$$.so" "$folder/flytekit_models_core$suffix"
runtime=$($compiler -print-file-name=libasan.so):$($compiler -print-file-name=libubsan.so)
# Python itself leaks at its end; its own allocator would hide what is read after it was freed.
LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc PYTHONPATH=$folder "$python" "$@"
