"""Which room of the library knows which; never the other way round."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "avatarlib"
BASIS = {"_torchvision", "claims", "presets", "version"}        # small modules that everything may use
GAMES = {"data", "models", "losses", "metrics", "text", "recipes", "training", "pretrained"}
KNOWN = {"data": set(), "models": set(), "losses": set(), "metrics": set(), "text": set(),
         "recipes": {"models", "losses"},
         "training": {"recipes", "data"},                       # data.base: what an ImageSet is
         "pretrained": {"models", "training", "data"},
         "text_to_avatar": {"data", "models", "recipes", "text"},
         "runs": GAMES | {"text_to_avatar"},
         "judges": {"runs"},
         "cartoonize": {"data", "pretrained", "runs"},
         "onnx_export": {"models", "pretrained", "runs", "training"},
         "interact": GAMES, "exercises": GAMES,
         "cli": GAMES | {"cartoonize", "onnx_export", "runs", "text_to_avatar"}}
MODULES = sorted(ROOT.rglob("*.py"))


def room(module: str) -> str:
    """"data" of "avatarlib.data.base"; "" of the package itself."""
    return [*module.split("."), ""][1]


def imported(path: Path) -> set[str]:
    """Full names of what a module imports of the library, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "avatarlib":
            whole = node.module == "avatarlib"
            found |= {f"avatarlib.{alias.name}" for alias in node.names} if whole else {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "avatarlib"}
    return found


def test_every_room_is_in_the_table_and_the_table_has_no_circle():
    rooms = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    assert rooms == {*KNOWN, *BASIS}
    assert len([*TopologicalSorter(KNOWN).static_order()]) == len(KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_a_room_knows_only_those_below_it(name):
    files = [path for path in MODULES if path.relative_to(ROOT).parts[0].removesuffix(".py") == name]
    assert files
    wrong = {f"{path.relative_to(ROOT)} imports {module}" for path in files for module in imported(path)
             if room(module) not in {name, *KNOWN[name], *BASIS}}
    assert wrong == set()


def test_the_check_sees_an_import_against_the_direction(tmp_path):
    (tmp_path / "x.py").write_text("def f():\n    from avatarlib import cli\n    import avatarlib.runs.base\n")
    assert {room(module) for module in imported(tmp_path / "x.py")} == {"cli", "runs"}
