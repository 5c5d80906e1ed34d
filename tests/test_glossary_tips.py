"""The glossary's sentences as tips show them: plain text, one for each term that a chapter links."""

import json
import re
from urllib.parse import unquote

import glossary_tips
import pytest
from sphinx.util.nodes import _make_id
from stored_notebook import NOTEBOOKS, StoredNotebook

PAGE = """# Glossary

```{glossary}
Fréchet distance
  How far two clouds of *features* are apart, `a`
  {cite:p}`heusel2017`.

minimax loss
  It is $\\log(1-D)$ here.
```

After it.
"""


@pytest.fixture(scope="module")
def by_key():
    start, script = "AvatarStudio.glossary = ", glossary_tips.glossary_script()
    assert script.startswith(start)
    return json.loads(script.removeprefix(start).rstrip(";\n"))


def test_a_sentence_is_plain_text_without_citations():
    assert glossary_tips.sentences(PAGE) == {"Fréchet distance": "How far two clouds of features are apart, a.",
                                             "minimax loss": "It is log(1−D) here."}


def test_a_formula_that_cannot_be_spelt_is_named():
    assert glossary_tips.spelt(r"1/(1+e^{-x})") == "1/(1+e⁻ˣ)"
    with pytest.raises(ValueError, match=r"formula must be of letters.*got 'x\^2': add its signs to SIGNS"):
        glossary_tips.spelt("x^2")


def test_every_sentence_of_the_glossary_reads_well(by_key):
    assert len(by_key) > 80
    assert [text for text in by_key.values() if re.search(r"[\\${}^*`_]|  | \.", text)] == []
    assert [text for text in by_key.values() if not re.match(r"[A-Z1].*\.$", text)] == []
    assert len(json.dumps(by_key, ensure_ascii=False)) < 20_000


def test_every_term_that_a_chapter_links_has_a_sentence(by_key):
    """By its address on the page of the glossary, or by its name where the link leads to the page alone."""
    prose = "\n".join(StoredNotebook(path.stem).prose for path in NOTEBOOKS)
    terms = {unquote(term) for term in re.findall(r"\]\(#([a-z][^).]*)\)", prose) if not term.startswith("fig-")}
    named = set(re.findall(r"\[([^\]]+)\]\(\.\./book/glossary\.md\)", prose))
    assert len(terms) > 30
    assert len(named) > 3
    assert {_make_id(f"term-{term}") for term in terms} | named <= set(by_key)
