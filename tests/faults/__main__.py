"""`python -m tests.faults`: every fault with every exchange."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "pytest", str(Path(__file__).parent), *sys.argv[1:]]
    sys.exit(subprocess.run(command, env={**os.environ, "FAULTS": "all"}, check=False).returncode)
