"""``python -m flytekit_codegen``, and the console script ``flytekit-models``."""

from __future__ import annotations

import sys

from flytekit_codegen.cli import main as run

_OF_THE_EXTRA = frozenset({"black", "buf", "griffe", "grpc_tools", "jinja2", "pip", "rich", "yaml"})
"""What only the extra `codegen` installs."""


def main() -> None:
    """Run the command line, and say of a command that needs the extra what to install."""
    try:
        run(prog_name="flytekit-models")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        print(f"This command needs {error.name}: pip install 'flytekit-models[codegen]'", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
