"""Speed and memory, measured: ``python -m benchmarks`` or ``make bench``."""

import avatarlib  # noqa: F401 - before torchvision, whose import it mends where need be
