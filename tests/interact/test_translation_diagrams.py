"""The drawings of the two translations: every part is named, and nothing lies outside the page."""

import matplotlib.pyplot as plt
import pytest

from avatarlib.interact.translation_diagrams import codes_diagram, cycle_diagram


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


def words(figure):
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_the_cycle_has_two_trips_with_each_network_in_both():
    shown = "\n".join(words(cycle_diagram()))
    for network in ("to cartoon", "to photo"):
        assert shown.count(network) == 2
    assert shown.count("cycle: must be") == shown.count("discriminator: a") == 2


def test_the_one_way_network_uses_each_part_as_often_as_its_step():
    shown = words(codes_diagram())
    assert [sum(part in text for text in shown) for part in ("content $E_c$", "style $E_s$", "decoder R")] == [2, 2, 2]


@pytest.mark.parametrize("diagram", [cycle_diagram, codes_diagram])
def test_no_word_is_cut_off(diagram):
    figure = diagram()
    figure.canvas.draw()
    page = figure.bbox
    for text in figure.axes[0].texts:
        if text.get_text():
            box = text.get_window_extent()
            corners = page.contains(box.x0, box.y0), page.contains(box.x1, box.y1)
            assert all(corners), text.get_text()
