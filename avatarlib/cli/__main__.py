"""``python -m avatarlib.cli``"""

import sys

from avatarlib.cli import main

sys.exit(main())
