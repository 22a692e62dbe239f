"""What all tests need: the helpers in tests/support, interruptions that arrive, and nobody's own settings."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

# What a shell starts in the background ignores interruptions, and so would the processes that tests interrupt. They get
# the default once there is a handler, which is not handed down.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Settings of whoever runs the tests are not theirs: of flytekit, of git (which sets some when it runs a hook), of
# terminals. What the Makefile sets is.
_SETTINGS = ("FLYTE", "_FLYTE", "GIT_", "FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE")
_OURS = ("FLYTEKIT_MODELS_CORE", "FLYTEKIT_MODELS_DIST")
for _name in list(os.environ):
    if _name.startswith(_SETTINGS) and _name not in _OURS:
        del os.environ[_name]

# Some tests run programs as another user, who must be able to get at what the tests made.
os.umask(0o022)
