"""A chapter opened elsewhere: the menu's links, Binder's environment, and the run in Colab's image."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest
import set_repository
import yaml
from stored_notebook import StoredNotebook

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
REPOSITORY = CONFIG["repository"]["url"].removeprefix("https://github.com/")
BRANCH = CONFIG["repository"]["branch"]
COLAB = f"https://colab.research.google.com/github/{REPOSITORY}/blob/{BRANCH}/notebooks/{{}}.ipynb"
BINDER = f"https://mybinder.org/v2/gh/{REPOSITORY}/{BRANCH}?urlpath=lab/tree/notebooks/{{}}.ipynb"
KAGGLE = f"https://kaggle.com/kernels/welcome?src=https://github.com/{REPOSITORY}/blob/{BRANCH}/notebooks/{{}}.ipynb"

# A page whose menu has the given link to Colab, or none; prints what is put behind it.
MENU = """
const vm = require("vm"), [script, colab] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const ready = [], added = [];
const document = {
  addEventListener: (kind, action) => ready.push(action),
  querySelector: (wanted) => colab && wanted.startsWith(".dropdown-launch-buttons a[href^=")
    ? { href: colab, closest: () => ({ after: (item) => added.push(item) }) } : null,
  querySelectorAll: () => [],
  createElement: () => ({ firstChild: {} }),
};
vm.runInNewContext(script, { document });
ready.forEach((action) => action());
process.stdout.write(JSON.stringify(added.map((item) => [item.firstChild.href, item.innerHTML])));
"""


def added_to_menu(colab):
    """What widgets.js puts into the menu of a page: pairs of address and HTML."""
    if shutil.which("node") is None:
        pytest.skip("needs node, which runs the page's script")
    given = json.dumps([(ROOT / "book" / "_static" / "widgets.js").read_text("utf-8"), colab])
    done = subprocess.run(["node", "-e", MENU], input=given, capture_output=True, text=True, encoding="utf-8",
                          check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_kaggle_opens_the_file_that_colab_opens():
    ((address, html),) = added_to_menu(COLAB.format("data"))
    assert address == KAGGLE.format("data")
    assert ">Kaggle<" in html


def test_a_page_without_colab_gets_no_kaggle():
    assert added_to_menu(None) == []


@pytest.mark.skipif(not (HTML / "index.html").exists(), reason="the book is not built: run make book first")
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_menu_of_a_built_chapter_names_repository_branch_and_file(chapter):
    page = (HTML / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
    menu = page[page.index('class="dropdown dropdown-launch-buttons"'):page.index('dropdown-source-buttons"')]
    assert re.findall(r'href="([^"]+)"', menu) == [BINDER.format(chapter), COLAB.format(chapter)]


def test_binder_installs_the_pinned_packages_and_the_library():
    lines = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if not line.startswith("#")]
    assert asked == ["--extra-index-url https://download.pytorch.org/whl/cpu", "-r ../requirements.txt", "-e ."]
    assert (ROOT / ".binder" / "../requirements.txt").resolve() == ROOT / "requirements.txt"
    assert not (ROOT / "binder").exists()           # it would be taken instead


def test_binder_has_the_python_that_the_book_is_built_with():
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))
    (python,) = [step["with"]["python-version"] for step in workflow["jobs"]["build"]["steps"]
                 if step.get("uses", "").startswith("actions/setup-python@")]
    assert runtime == f"python-{python}"


@pytest.mark.skipif(os.name == "nt", reason="Binder's machines run Linux")
def test_binder_starts_a_session_with_one_thread():
    start = ROOT / ".binder" / "start"
    assert start.stat().st_mode & stat.S_IXUSR
    shown = subprocess.run([start, "printenv", "OMP_NUM_THREADS"], check=True, capture_output=True, text=True).stdout
    assert shown == "1\n"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the project's git repository")
def test_no_form_of_the_repository_s_address_is_missed():
    """Afterwards the placeholder's owner stands before its name nowhere, in no file that git knows."""
    owner, name = set_repository.OWNER, set_repository.NAME
    form = re.compile(rf"{owner}(?:.{{1,9}}{name}|\.github)", re.IGNORECASE)       # %2F between them, say
    table, texts = set_repository.replacements("ada/avatars"), set_repository.texts(ROOT)
    assert {ROOT / "_config.yml", ROOT / "book" / "notation.md", ROOT / ".binder" / "start"} <= set(texts)
    assert [f"{path}: {found}" for path, text in texts.items()
            for found in form.findall(set_repository.replaced(text, table))] == []
    assert form.search(f"https://a.org/{owner}%2F{name}")


@pytest.fixture
def colab(tmp_path):
    """tools/in_colab.sh with stand-ins for Colab's programs: a chapter is a file with what running it does."""
    if os.name == "nt" or shutil.which("bash") is None:
        pytest.skip("needs bash")
    programs = tmp_path / "programs"
    programs.mkdir()
    (tmp_path / "torch").write_text("2.9\n")
    for name, does in (("python3", f"cat {tmp_path}/torch"),
                       ("jupyter", f'cd "$(dirname "${{@: -1}}")"\nls >> {tmp_path}/seen\nsource ./*.ipynb')):
        (programs / name).write_text(f"#!/usr/bin/env bash\n{does}\n")
        (programs / name).chmod(0o755)

    def run(**chapters):
        for name, does in chapters.items():
            (tmp_path / f"{name}.ipynb").write_text(does)
        done = subprocess.run(["bash", ROOT / "tools" / "in_colab.sh", *(f"{name}.ipynb" for name in chapters)],
                              cwd=tmp_path, env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return run


def test_in_colab_a_chapter_is_alone(colab, tmp_path):
    status, said = colab(one="true", two="true")
    assert (status, said.splitlines()[-1]) == (0, "2 chapters ran, with Colab's own torch 2.9")
    assert (tmp_path / "seen").read_text() == "one.ipynb\ntwo.ipynb\n"


def test_in_colab_a_chapter_that_fails_is_named_and_the_others_run(colab, tmp_path):
    status, said = colab(one="false", two="true")
    assert (status, said.splitlines()[-1]) == (1, "failed: one.ipynb")
    assert (tmp_path / "seen").read_text() == "one.ipynb\ntwo.ipynb\n"


def test_in_colab_another_torch_is_a_failure(colab, tmp_path):
    status, said = colab(one=f"echo 2.13 > {tmp_path}/torch")
    assert (status, said.splitlines()[-1]) == (1, "Colab's torch 2.9 was replaced by 2.13")


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("place", ["colab", "kaggle"])
def test_a_chapter_opened_alone_fetches_the_book_once_and_reads_its_results(chapter, place, tmp_path, monkeypatch):
    def fetch(command):
        called.append([str(part) for part in command])
        if command[0] == "git":
            (home / "notebooks").mkdir(parents=True)

    called, home = [], tmp_path / "book"
    if place == "colab":
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    else:
        monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    monkeypatch.setattr(subprocess, "check_call", fetch)
    monkeypatch.chdir(tmp_path)
    cell, _, _ = "".join(StoredNotebook(chapter).code[0]["source"]).partition("import matplotlib")
    for _ in range(2):          # a reader runs it again
        exec(cell.replace("/tmp/avatar-gans", str(home)), {})
    clone, install = called
    assert f"https://github.com/{REPOSITORY}" in clone
    assert install == [sys.executable, "-m", "pip", "install", "-q", str(home)]
    assert Path.cwd() == home / "notebooks"
