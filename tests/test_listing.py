"""What tells whether a listing is the library's own, tried on listings that are and that are not."""

import ast
import re
from pathlib import Path

import pytest
from listing import bare, definitions, differing, names
from stored_notebook import NOTEBOOKS, StoredNotebook

import avatarlib


class Own:
    """A class."""

    def double(self, x):
        """Twice x."""
        return 2 * x    # why

    def other(self):
        return self.double(1)


def test_layout_comments_and_docstrings_do_not_count():
    code = "class Own:\n    def double(self, x):\n        return (\n            2\n            * x)\n"
    assert names(code) == ["Own.double"]
    assert differing(code, Own) == []
    assert differing("def double(self, x):\n    return 2 * x\n", Own.double) == []


@pytest.mark.parametrize("code", ["class Own:\n    def double(self, x):\n        return 3 * x\n",
                                  "class Own:\n    def triple(self, x):\n        return 2 * x\n"])
def test_other_code_and_other_names_do(code):
    assert len(differing(code, Own)) == 1


def library_files():
    """The code of each module of the library: name of a function or method -> bare forms of all that bear it."""
    for path in sorted(Path(avatarlib.__file__).parent.rglob("*.py")):
        found = {}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            body = [(node.name, part) for part in node.body] if isinstance(node, ast.ClassDef) else []
            for owner, part in [("", node), *body]:
                if isinstance(part, ast.FunctionDef):
                    found.setdefault(f"{owner}.{part.name}".lstrip("."), set()).add(bare(part))
        yield found


def test_every_listing_of_every_chapter_is_code_of_one_module():
    """A Python block of the prose outside of the solutions that defines something shows the library's own."""
    library, compared = list(library_files()), 0
    for path in NOTEBOOKS:
        prose = re.sub(r"<details>.*?</details>", "", StoredNotebook(path.stem).prose, flags=re.S)
        for block in re.findall(r"^```python\n(.*?)^```", prose, re.S | re.M):
            if not re.search(r"^(def|class) ", block, re.M):
                continue        # lines to type, which import and call
            shown = definitions(block)
            compared += len(shown)
            assert any(all(bare(node) in own.get(name, ()) for name, node in shown.items())
                       for own in library), f"{path.name}: {', '.join(shown)}"
    assert compared >= 22
