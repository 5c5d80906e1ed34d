"""A notebook as it is stored in the repository: its cells, prose, figures and tables."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from reproduction import slug

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


class StoredNotebook:
    """Cells of ``notebooks/NAME.ipynb``, apart by kind; ``seen`` are those whose code is not folded away."""

    def __init__(self, name: str) -> None:
        self.name = name
        (path,) = [path for path in NOTEBOOKS if path.stem == name]
        self.path = path
        self.cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        self.code = [cell for cell in self.cells if cell["cell_type"] == "code"]
        self.written = [cell for cell in self.cells if cell["cell_type"] == "markdown"
                        and "remove-cell" not in cell["metadata"].get("tags", [])]      # those repeat a caption
        self.prose = "\n\n".join("".join(cell["source"]) for cell in self.written)
        self.seen = [cell for cell in self.code if "hide-input" not in cell["metadata"].get("tags", [])]

    def sections(self) -> dict[str, str]:
        """Anchor -> heading and text of each part of the prose up to the next heading; listings are left out."""
        outside_code = re.sub(r"^```.*?^```", "", self.prose, flags=re.S | re.M)
        parts = re.split(r"^#{1,3} (?=\S)", outside_code, flags=re.M)[1:]
        return {slug(part.partition("\n")[0]): part for part in parts}

    def pictures(self) -> list[bytes]:
        """Every PNG output."""
        return [base64.b64decode(output["data"]["image/png"]) for cell in self.code for output in cell["outputs"]
                if "image/png" in output.get("data", {})]

    def figures(self) -> dict[str, tuple[dict, bytes]]:
        """Name -> (metadata, PNG) of every figure: a cell with a caption and one picture."""
        found = {}
        for cell in self.code:
            about = cell["metadata"].get("mystnb", {})
            if "figure" in about:
                (png,) = [output["data"]["image/png"] for output in cell["outputs"]
                          if "image/png" in output.get("data", {})]
                found[about["figure"]["name"]] = about, base64.b64decode(png)
        return found

    def table_after(self, words: str) -> str:
        """Text of the table that the one cell whose source holds ``words`` shows."""
        (cell,) = [cell for cell in self.code if words in "".join(cell["source"])]
        (text,) = ["".join(output["data"]["text/plain"]) for output in cell["outputs"] if "data" in output]
        return text
