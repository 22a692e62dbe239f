"""Makes the modules of the comparison importable for the tests of the comparison itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
