"""The house around the book: pinned packages, make targets, and the tools that make calls."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
from importlib import metadata
from pathlib import Path

import build_book
import check_book
import list_styles
import nbformat
import pytest
import run_notebooks
import set_repository
import vendor
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PLACEHOLDER = "/".join(("OWN" + "ER", "avatar-gans"))   # in parts: set_repository must not change this test


def pins(python: str) -> dict[str, str]:
    """Package -> pinned version in requirements.txt for a version of Python."""
    found: dict[str, str] = {}
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
                (pin,) = requirement.specifier
                assert pin.operator == "==", line
                assert canonicalize_name(requirement.name) not in found, f"{requirement.name} twice for {python}"
                found[canonicalize_name(requirement.name)] = pin.version
    return found


@pytest.mark.parametrize("python", PYTHONS)
def test_every_declared_dependency_is_pinned_within_its_bounds(python):
    pinned = pins(python)
    declared = [Requirement(line) for line in metadata.requires("avatarlib") or []]
    extras = ("book", "dev", "onnx")
    needed = [r for r in declared if r.marker is None
              or any(r.marker.evaluate({"extra": extra, "python_version": python}) for extra in extras)]
    assert len(needed) > 20
    for requirement in needed:
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is in pyproject.toml and not in requirements.txt"
        assert requirement.specifier.contains(pinned[name]), f"{requirement} against the pin {pinned[name]}"


def test_requirements_name_no_host():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\s@\s", text)


def test_every_make_target_has_a_line_of_help():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M).group(1).split()
    described = re.findall(r"^([a-z]+):.*## \S", text, re.M)
    assert sorted(described) == sorted(phony)
    assert set(described) >= {"setup", "book", "test", "notebooks", "lab", "serve", "lint", "bench", "clean"}


@pytest.mark.parametrize(("repository", "pages"), [
    ("ada/avatars", "ada.github.io/avatars"),
    ("Ada-L/avatar-gans", "ada-l.github.io/avatar-gans"),      # host names have no capitals
    ("ada/ada.github.io", "ada.github.io"),                     # a user's own site is not in a folder
])
def test_set_repository_changes_links_and_pages_in_known_files(tmp_path, repository, pages):
    owner, name = PLACEHOLDER.split("/")
    (tmp_path / "README.md").write_text(f"https://github.com/{PLACEHOLDER} https://{owner}.github.io/{name}/ x")
    (tmp_path / "1.ipynb").write_text(json.dumps({"source": [f"git+https://github.com/{PLACEHOLDER}@main"]}))
    (tmp_path / "face.png").write_bytes(b"\x89PNG\xff" + PLACEHOLDER.encode())
    (tmp_path / "ignored.md").write_text(PLACEHOLDER)
    (tmp_path / ".gitignore").write_text("ignored.md\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    changed = set_repository.set_repository(repository, tmp_path)
    assert sorted(path.name for path in changed) == ["1.ipynb", "README.md"]
    assert (tmp_path / "README.md").read_text() == f"https://github.com/{repository} https://{pages}/ x"
    assert f"github.com/{repository}@main" in (tmp_path / "1.ipynb").read_text()
    assert (tmp_path / "ignored.md").read_text() == PLACEHOLDER
    assert set_repository.set_repository(repository, tmp_path) == []


@pytest.mark.parametrize("repository", ["avatars", "ada/", "/avatars", "ada/avatars/x", "a da/x", "https://x/y", ""])
def test_set_repository_names_what_it_accepts(repository, tmp_path):
    with pytest.raises(ValueError, match=r"repository must be of the form NAME/REPOSITORY, got"):
        set_repository.set_repository(repository, tmp_path)


def small_library(root: Path) -> Path:
    """A folder like the project's, with two modules."""
    (root / "avatarlib" / "losses").mkdir(parents=True)
    (root / "avatarlib" / "losses" / "a.py").write_text("x = 1\n")
    (root / "avatarlib" / "b.py").write_text("y = 2\n")
    (root / "requirements.txt").write_text("torch==2\n")
    return root


@pytest.mark.parametrize("change", ["module", "new module", "weights", "pins", "preset"])
def test_a_changed_library_forgets_the_outputs_of_the_chapters(tmp_path, change):
    root, build, preset = small_library(tmp_path), tmp_path / "_build", "quick"
    build_book.forget_stale_outputs(build, build_book.library_digest(root, preset))
    (build / ".jupyter_cache").mkdir()
    assert not build_book.forget_stale_outputs(build, build_book.library_digest(root, preset))
    assert (build / ".jupyter_cache").exists()
    match change:
        case "module":
            (root / "avatarlib" / "losses" / "a.py").write_text("x = 3\n")
        case "new module":
            (root / "avatarlib" / "c.py").write_text("")
        case "weights":
            (root / "avatarlib" / "model.safetensors").write_bytes(b"1")
        case "pins":
            (root / "requirements.txt").write_text("torch==3\n")
        case "preset":
            preset = "full"
    assert build_book.forget_stale_outputs(build, build_book.library_digest(root, preset))
    assert not (build / ".jupyter_cache").exists()


GOOD_PAGE = """<html><head><link rel="stylesheet" href="_static/a.css?v=1"><link rel="canonical" href="https://x.org/">
<script src="_static/a.js"></script></head><body><a href="https://x.org">a link may lead outside</a>
<img src="_static/p.png" alt="A face."><p style="background: url(_static/p.png)">x</p></body></html>"""


def write_page(folder: Path, body: str = GOOD_PAGE) -> Path:
    """A folder with one page and the files it loads."""
    (folder / "_static").mkdir()
    for name in ("a.css", "a.js", "p.png"):
        (folder / "_static" / name).write_text("")
    (folder / "index.html").write_text(body)
    return folder


def test_a_page_that_needs_nothing_from_outside_has_no_problems(tmp_path):
    assert check_book.check(write_page(tmp_path)) == []


@pytest.mark.parametrize(("html", "problem"), [
    ('<script src="https://cdn.org/x.js"></script>', "loads https://cdn.org/x.js from another host"),
    ('<script src="//cdn.org/x.js"></script>', "loads //cdn.org/x.js from another host"),
    ('<link rel="stylesheet" href="https://cdn.org/x.css">', "loads https://cdn.org/x.css from another host"),
    ('<link rel="preload" as="font" href="https://f.org/x.woff2">', "loads https://f.org/x.woff2 from another host"),
    ('<img src="http://x.org/p.png" alt="A face.">', "loads http://x.org/p.png from another host"),
    ('<img srcset="_static/p.png 1x, https://x.org/p.png 2x" alt="A face.">', "loads https://x.org/p.png from another"),
    ("<style>@import 'https://x.org/a.css';</style>", "loads https://x.org/a.css from another host"),
    ('<p style="background: url(//x.org/p.png)">', "loads //x.org/p.png from another host"),
    ('<img src="_images/lost.png" alt="A face.">', "loads _images/lost.png, which is not there"),
    ('<img src="_static/p.png">', "picture without alt text: _static/p.png"),
    ('<img src="_static/p.png" alt=" ">', "picture without alt text: _static/p.png"),
    ('<img src="_static/p.png" alt="_static/p.png">', "picture without alt text: _static/p.png"),
    ("<pre>/home/ada/avatars/x.py</pre>", "tells a path of the machine: /home/ada/"),
    (r"<pre>C:\Users\ada\x.py</pre>", "tells a path of the machine: C:\\Users\\"),
    (f"<pre>{ROOT / 'avatarlib'}</pre>", f"tells a path of the machine: {ROOT}"),
])
def test_each_kind_of_problem_is_found(tmp_path, html, problem):
    (found,) = check_book.check(write_page(tmp_path, html))
    assert found.startswith("index.html ")
    assert problem in found


def test_a_style_sheet_that_loads_from_outside_is_found(tmp_path):
    (write_page(tmp_path) / "_static" / "a.css").write_text('@font-face {src: url("https://f.org/x.woff2")}')
    assert check_book.check(tmp_path) == ["_static/a.css loads https://f.org/x.woff2 from another host"]


def test_checking_a_folder_without_pages_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="has no pages: run make book first"):
        check_book.check(tmp_path)


def test_stored_notebooks_lose_what_differs_from_run_to_run():
    bar = {"text/plain": "  0%|          | 0/3 [00:00<?, ?it/s]", run_notebooks.WIDGET: {"model_id": "1"}}
    slider = {"text/plain": "IntSlider(value=0)", run_notebooks.WIDGET: {"model_id": "2"}}
    cell = nbformat.v4.new_code_cell("x", metadata={"execution": {"iopub.status.busy": "now"}}, outputs=[
        nbformat.v4.new_output("display_data", bar), nbformat.v4.new_output("display_data", slider),
        nbformat.v4.new_output("stream", name="stderr", text="drawing: 50%|###   | 1/2"),
        nbformat.v4.new_output("stream", name="stdout", text="50 % of 2\n")])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={
        "widgets": {"state": {}}, "language_info": {"name": "python", "version": "3.11.2"}})
    cleaned = run_notebooks.clean(notebook)
    assert cleaned.metadata == {"language_info": {"name": "python"}}
    assert cleaned.cells[0].metadata == {}
    assert [o.get("text") or o.data for o in cleaned.cells[0].outputs] == [
        {"text/plain": "IntSlider(value=0)"}, "50 % of 2\n"]


def test_all_vendored_files_are_there():
    targets = [package.folder / target for package in vendor.PACKAGES for files in package.files.values()
               for target in files]
    assert len(targets) == 14
    assert [target for target in targets if not target.is_file()] == []


def test_a_vendored_package_with_another_digest_is_refused(tmp_path, monkeypatch):
    def pack(command, cwd, **options):
        (Path(cwd) / "p-1.tgz").write_bytes(b"something else")
        return subprocess.CompletedProcess(command, 0, stdout="p-1.tgz\n")

    monkeypatch.setattr(vendor.shutil, "which", lambda name: name)
    monkeypatch.setattr(vendor.subprocess, "run", pack)
    right = hashlib.sha256(b"something else").hexdigest()
    assert vendor.download(vendor.Package("p@1", right), tmp_path).name == "p-1.tgz"
    with pytest.raises(SystemExit, match=rf"p@1: SHA-256 must be 00, got {right}"):
        vendor.download(vendor.Package("p@1", "00"), tmp_path)


def test_vendored_files_are_copied_to_all_their_places(tmp_path):
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as tar:
        member = tarfile.TarInfo("package/dist/f.woff2")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"font"))
    package = vendor.Package("p@1", "", {"dist/f.woff2": ("f.woff2", "p/dist/f.woff2")})
    assert vendor.extract(package, tmp_path / "p.tgz", tmp_path / "vendor") == 2
    assert (tmp_path / "vendor" / "p" / "dist" / "f.woff2").read_bytes() == b"font"


def test_a_vendored_file_is_compressed_where_its_place_says_so(tmp_path):
    """The same bytes on every day: Git would keep each other version."""
    content = b"\0asm" * 1000
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as tar:
        member = tarfile.TarInfo("package/p.wasm")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    package = vendor.Package("p@1", "", {"p.wasm": ("p.wasm.gz", "p.wasm")})
    assert vendor.extract(package, tmp_path / "p.tgz", tmp_path) == 2
    assert (tmp_path / "p.wasm").read_bytes() == content
    packed = (tmp_path / "p.wasm.gz").read_bytes()
    assert gzip.decompress(packed) == content
    assert len(packed) < 100
    assert packed[4:8] == bytes(4)      # the time of day


def test_the_table_of_styles_is_the_installed_package_s():
    assert list_styles.TABLE.read_text(encoding="utf-8") == list_styles.table(), "run tools/list_styles.py"
