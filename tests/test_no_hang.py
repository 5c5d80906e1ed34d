"""A run of the tests always ends: when a worker dies, when a test stands still, and when all does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The options with which `make test` starts its workers, read from the Makefile, so that they are what is tested.
WORKERS = re.search(r"(-n 2 --dist loadscope --max-worker-restart 0)", (ROOT / "Makefile").read_text("utf-8")).group(1)
CASES = {
    "a worker dies": ("import os, signal\ndef test_dies():\n    os.kill(os.getpid(), signal.SIGKILL)\n", WORKERS,
                      "test_dies"),
    "a test stands still": ("import time\ndef test_sleeps():\n    time.sleep(600)\n", f"{WORKERS} --timeout 3",
                            "test_sleeps"),
    "all stands still": ("import time\ndef test_sleeps():\n    time.sleep(600)\n", "--timeout 0", "test_sleeps"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another thing there")
@pytest.mark.parametrize("case", CASES)
def test_the_run_ends_with_an_error_and_names_the_test(tmp_path, case):
    body, options, named = CASES[case]
    (tmp_path / "pytest.ini").write_text("[pytest]\ntimeout_method = thread\n")
    (tmp_path / "conftest.py").write_text("from hard_limit import pytest_configure\n")
    (tmp_path / "test_body.py").write_text(body)
    others = "\n".join(f"def test_{number}():\n    pass" for number in range(20))
    (tmp_path / "test_others.py").write_text(f"{others}\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT / "tests" / "shared"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                    "AVATARLIB_TEST_MINUTES": "0.1" if case == "all stands still" else "5"}
    plugins = ["-p", "no:cacheprovider", "-p", "xdist", "-p", "pytest_timeout"]     # the others take seconds to load
    done = subprocess.run([sys.executable, "-m", "pytest", *plugins, *options.split(), str(tmp_path)],
                          capture_output=True, text=True, timeout=60, env=environment, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert named in done.stdout + done.stderr
