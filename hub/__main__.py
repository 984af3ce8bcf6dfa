"""``python -m hub`` is ``credit-hub``."""

import sys

from hub.cli import main

sys.exit(main())
