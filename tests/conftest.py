"""What all tests need: the helpers in tests/support, and interruptions that arrive."""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

# What a shell starts in the background ignores interruptions, and so would the processes that tests interrupt. They get
# the default once there is a handler, which is not handed down.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
