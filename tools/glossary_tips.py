"""The sentences of book/glossary.md as a script, for tips.js: what a linked term means, where it is linked.

``tools/studio_assets.py`` writes it into the site. A tip shows plain text: citations are left out, formulas spelt.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from sphinx.util.nodes import _make_id

GLOSSARY = Path(__file__).resolve().parent.parent / "book" / "glossary.md"
SIGNS = {r"\log": "log", r"\bar w": "w̄", r"\leftarrow": "←", r"\beta": "β", "e^{-x}": "e⁻ˣ", "-": "−"}


def spelt(formula: str) -> str:
    r"""A formula of TeX in plain signs, such as −log D(G(z)). ValueError if a sign is not in ``SIGNS``."""
    text = formula
    for sign, plain in SIGNS.items():
        text = text.replace(sign, plain)
    if re.search(r"[\\^_{}]", text):
        raise ValueError(f"formula must be of letters, digits and {', '.join(SIGNS)}, got {formula!r}: "
                         "add its signs to SIGNS in tools/glossary_tips.py")
    return text


def sentences(page: str) -> dict[str, str]:
    """Term -> its sentence in plain text, from the text of the glossary's page."""
    (entries,) = re.findall(r"^```\{glossary\}\n(.*?)^```", page, re.M | re.S)
    found = {}
    for entry in entries.strip().split("\n\n"):
        term, *lines = entry.splitlines()
        text = re.sub(r" ?\{cite:p\}`[^`]*`", "", " ".join(line.strip() for line in lines))
        text = re.sub(r"\$([^$]+)\$", lambda match: spelt(match[1]), text)
        found[term] = re.sub(r"[*`]", "", text)
    return found


def glossary_script() -> str:
    """The script: a term's address on the glossary's page -> its sentence.

    Chapters link a term with capital letters to the page alone, so such a term stands there by its name, too.
    """
    by_key = {}
    for term, sentence in sentences(GLOSSARY.read_text(encoding="utf-8")).items():
        by_key[_make_id(f"term-{term}")] = sentence
        if term != term.lower():
            by_key[term] = sentence
    return f"AvatarStudio.glossary = {json.dumps(by_key, ensure_ascii=False, indent=0)};\n"
