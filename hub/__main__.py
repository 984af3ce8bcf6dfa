"""``python -m hub`` is ``credit-hub``.

Python puts the current folder first among the places where modules are looked for. It may be a data folder, with a
``json.py`` that somebody put there; unless this program itself lies there, it is not looked at from here on.
"""

import os
import sys

if not sys.flags.safe_path and os.path.dirname(os.path.dirname(os.path.abspath(__file__))) != sys.path[0]:
    del sys.path[0]

from hub.cli import main

sys.exit(main())
