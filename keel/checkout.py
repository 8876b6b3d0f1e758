"""Makes the checkout's `tests` the one that scripts import; for its effect when imported.

After loading its first script ape takes the checkout off `sys.path`, then puts it last, behind the
installed packages, one of which brings a package named `tests`.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
import tests  # noqa: E402, F401 - found here, it stays

sys.path.remove(str(ROOT))  # as ape left it
