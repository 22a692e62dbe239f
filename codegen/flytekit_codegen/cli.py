"""The command line: ``flytekit-models``."""

from __future__ import annotations

import click

from flytekit_codegen import __version__
from flytekit_codegen.commands.coverage import coverage
from flytekit_codegen.commands.diff import diff
from flytekit_codegen.commands.log import log
from flytekit_codegen.commands.overlay import overlay
from flytekit_codegen.commands.regenerate import regenerate
from flytekit_codegen.commands.status import status
from flytekit_codegen.commands.sync import sync
from flytekit_codegen.commands.upgrade import upgrade


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="flytekit-models")
def main() -> None:
    """Python models of the Flyte IDL, generated from its .proto files."""


for command in (coverage, diff, log, overlay, regenerate, status, sync, upgrade):
    main.add_command(command)
