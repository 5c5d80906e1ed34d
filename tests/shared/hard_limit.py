"""Whatever stands still, a run of the tests ends: with status 1, and where every thread stood on stderr."""

import faulthandler
import os

MINUTES = float(os.environ.get("AVATARLIB_TEST_MINUTES", "45"))     # of the whole run


def pytest_configure(config):
    """Set the clock in the process that started the run, not in its workers, which end with it."""
    if not hasattr(config, "workerinput"):
        faulthandler.dump_traceback_later(60 * MINUTES, exit=True, file=os.dup(2))
