"""Run notebooks from top to bottom and store their outputs in place, without what differs from run to run.

    python tools/run_notebooks.py notebooks/*.ipynb        # what `make notebooks` calls

Left out: times of execution, the state and random names of widgets, progress bars, and Python's version. A
figure's caption is repeated below it for JupyterLab and Colab, in a cell that the book leaves out. A notebook that
fails is left as it was.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from check_book import machine_paths
from nbclient import NotebookClient

PROGRESS = re.compile(r"\d+%\|")
CAPTION = "-caption"
WIDGET = "application/vnd.jupyter.widget-view+json"


def is_progress(output: dict[str, Any]) -> bool:
    """Whether an output is a progress bar, as a stream or as a widget."""
    text = output.get("text", "") if output["output_type"] == "stream" else output.get("data", {}).get("text/plain", "")
    return bool(PROGRESS.search(text))


def with_captions(cells: list[Any]) -> list[Any]:
    """The cells with each figure's caption in a cell of its own below it, which ``remove-cell`` keeps off the page."""
    shown = []
    for cell in cells:
        if cell["id"].endswith(CAPTION):
            continue
        shown.append(cell)
        figure = cell["metadata"].get("mystnb", {}).get("figure")
        if figure:
            shown.append(nbformat.from_dict({
                "cell_type": "markdown", "id": cell["id"] + CAPTION, "metadata": {"tags": ["remove-cell"]},
                "source": f"**Figure.** {figure['caption']}"}))
    return shown


def clean(notebook: Any) -> Any:
    """Take out of an executed notebook what would differ in the next run."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_progress(output)]
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET, None)
    return notebook


def run(path: Path) -> float:
    """Execute one notebook in its folder and replace it; return the seconds it took."""
    start = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False,
                            store_widget_state=False, resources={"metadata": {"path": str(path.parent)}})
    notebook = clean(client.execute())
    notebook.cells = with_captions(notebook.cells)
    text = nbformat.writes(notebook)
    problems = machine_paths(text)
    if problems:
        raise SystemExit(f"{path}: {'; '.join(problems)}")
    partial = path.with_suffix(".partial")
    partial.write_text(text + "\n", encoding="utf-8", newline="\n")
    partial.replace(path)
    return time.monotonic() - start


def main() -> None:
    """Run all notebooks named on the command line."""
    paths = [Path(name) for name in sys.argv[1:]]
    if not paths:
        raise SystemExit("name at least one notebook: python tools/run_notebooks.py notebooks/*.ipynb")
    for path in paths:
        print(f"{path} ran in {run(path):.0f} s", flush=True)


if __name__ == "__main__":
    main()
