"""Contact sheets of the tagged avatars."""

import io

import pytest
from contact_sheets import write_sheets
from PIL import Image

from avatarlib.data import TAGS
from avatarlib.data.drawn import adventurer as art
from avatarlib.interact import tag_sheets
from avatarlib.interact.tag_sheets import SHEETS, tag_sheet


def test_every_hair_and_mouth_is_on_its_sheet_under_its_tags():
    hair = [words for words, _ in SHEETS["hair"](16)]
    assert len(hair) == sum(len(kinds) for kinds in art.HAIR.values())
    assert hair.count("long hair, ponytail") == len(art.HAIR[frozenset({"long hair", "ponytail"})])
    assert hair.count("neither") == len(art.HAIR[frozenset()])
    mouths = [words for words, _ in SHEETS["mouths"](16)]
    assert mouths.count("smile, open mouth") == len(art.MOUTHS[True, True])
    assert [words for words, _ in SHEETS["colours"](16)] == [*TAGS[:13], *TAGS[24:]]


def test_the_tag_sheet_has_five_avatars_of_every_tag():
    words = [words for words, _ in SHEETS["tags"](8)]
    assert words == [tag for tag in TAGS if tag not in art.UNDRAWABLE for _ in range(5)]


def test_a_sheets_size_follows_from_its_cells():
    cells = len(SHEETS["mouths"](16))
    rows = -(-cells // 4)
    assert tag_sheet("mouths", size=16, columns=4).size == (4 * (16 + 4), rows * (16 + tag_sheets.TEXT + 7))


def test_sheets_as_files_fit_a_page(tmp_path):
    paths = write_sheets(tmp_path, 72)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"tags-{which}.png" for which in SHEETS)
    for path in paths:
        content = path.read_bytes()
        assert len(content) <= 100_000, path.name
        assert Image.open(io.BytesIO(content)).mode == "P"


def test_an_unknown_sheet_is_named():
    with pytest.raises(ValueError, match="which must be one of hair, mouths, others, colours, tags, got 'hats'"):
        tag_sheet("hats")
