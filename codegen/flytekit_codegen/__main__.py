"""``python -m flytekit_codegen``, and the console script ``flytekit-models``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what it takes to have one."""
    try:
        from flytekit_codegen.cli import main as run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "flytekit_codegen":
            raise
        print(f"The generator needs {error.name}: pip install 'flytekit-models[codegen]'", file=sys.stderr)
        sys.exit(2)
    run(prog_name="flytekit-models")


if __name__ == "__main__":
    main()
