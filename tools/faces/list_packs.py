"""Write the names and SHA-256 of the packs in data/faces into the table from which an installed library fetches them.

    python tools/faces/list_packs.py
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "avatarlib" / "data" / "faceset" / "shipped.py"


def main() -> None:
    """Replace the table's rows."""
    packs = sorted((ROOT / "data" / "faces").glob("*.zip"))
    rows = "".join(f'    "{pack.name}": "{hashlib.sha256(pack.read_bytes()).hexdigest()}",\n' for pack in packs)
    TABLE.write_text(re.sub(r"\{\n[^}]*\}", f"{{\n{rows}}}", TABLE.read_text("utf-8"), count=1), "utf-8")
    print(f"{len(packs)} packs")


if __name__ == "__main__":
    main()
