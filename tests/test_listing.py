"""What tells whether a listing is the library's own, tried on listings that are and that are not."""

import pytest
from listing import differing, names


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
