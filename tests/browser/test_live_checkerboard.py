"""Chapter 2's piece on kernel and stride as a reader meets it. ``make browser``."""

import pytest
import torch

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER
from live_script import write_live_page
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from studio_page import studio_browser  # noqa: F401 - fixture
from torch.nn.functional import conv_transpose2d

pytestmark = NEEDS_BROWSER
SHADES = "return [...document.querySelectorAll('.board-shade')].map(one => Number(one.getAttribute('fill-opacity')))"
BARS = "return document.querySelectorAll('.board-0, .board-1').length"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write_live_page(tmp_path_factory.mktemp("site"), "02_dcgan_cartoonset", "checkerboard")


@pytest.fixture
def page(browser, address):
    browser.get_log("browser")
    browser.get(address)
    WebDriverWait(browser, 20).until(lambda one: one.find_elements(By.CSS_SELECTOR, ".board-shade")
                                     and one.execute_script("return document.styleSheets.length"))
    yield browser
    assert [line["message"] for line in browser.get_log("browser")] == []


def at(page, selector):
    return page.find_element(By.CSS_SELECTOR, selector)


def words(page):
    return at(page, "[role=status]").text


def plane(kernel, stride):
    """How often each pixel is painted, 8 by 8 inputs and no padding."""
    return conv_transpose2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, kernel, kernel), stride=stride)[0, 0]


def test_shades_and_bars_are_the_counts_of_torch_at_every_setting_of_the_keyboard(page):
    at(page, "[name=kernel]").send_keys(Keys.HOME)
    for kernel in range(2, 8):
        at(page, "[name=stride]").send_keys(Keys.HOME)
        for stride in range(1, 4):
            counts = plane(kernel, stride)
            shades = torch.tensor(page.execute_script(SHADES)).reshape(counts.shape)
            torch.testing.assert_close(shades / shades.max(), counts / counts.max(), atol=1e-3, rtol=0)
            assert page.execute_script(BARS) == 8 + 8 * kernel          # the inputs, and the stamp of each
            assert words(page).startswith("Even" if kernel % stride == 0 else "A checkerboard")
            at(page, "[name=stride]").send_keys(Keys.ARROW_RIGHT)
        at(page, "[name=kernel]").send_keys(Keys.ARROW_RIGHT)


def test_two_networks_are_a_press_away_and_enlarging_first_is_always_even(page):
    assert words(page).startswith("Even. 4 is a multiple of 2")
    at(page, "[data-kernel='3']").click()
    assert words(page).startswith("A checkerboard. 3 is no multiple of 2")
    at(page, "[value=resize]").click()
    assert words(page).startswith("Even.")
    assert at(page, "[data-of=kernel]").text == "3"
    at(page, "[data-kernel='4']").click()
    assert words(page).startswith("Even. 4 is a multiple of 2")
    assert at(page, "[value=transposed]").is_selected()


def test_pointer_and_arrow_keys_read_the_same_pixels(page):
    at(page, "[data-kernel='3']").click()
    counts, drawing = plane(3, 2).int(), at(page, ".board svg")
    along = counts.diagonal().sqrt().int().tolist()

    def told(row, column):
        times = along[row] * along[column]
        return (f"Row {row + 1}, column {column + 1}: painted {along[row]} × {along[column]} = {times} "
                f"{'time' if times == 1 else 'times'}.")

    def say(row, column):
        assert at(page, ".board-pixel").text == told(row, column)

    cells = page.find_elements(By.CSS_SELECTOR, ".board-shade")
    for row, column in ((3, 6), (4, 4), (0, 16), (16, 1)):
        ActionChains(page).move_to_element(cells[row * len(along) + column]).perform()
        say(row, column)
    for key, row, column in ((Keys.ARROW_DOWN, 16, 1), (Keys.ARROW_UP, 15, 1), (Keys.ARROW_LEFT, 15, 0),
                             (Keys.ARROW_LEFT, 15, 0), (Keys.ARROW_RIGHT, 15, 1)):
        drawing.send_keys(key)
        say(row, column)
    assert {along[row] * along[column] for row, column in ((3, 6), (4, 4), (16, 1))} == {1, 2, 4}
    mark = at(page, ".board-mark:last-child").rect
    assert mark["y"] == pytest.approx(cells[15 * len(along) + 1].rect["y"], abs=2)


def test_a_phone_holds_it_and_all_of_it_has_a_name(page):
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                         {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= 390
        controls = page.find_elements(By.CSS_SELECTOR, ".board :is(button, input, svg)")
        assert [one.accessible_name for one in controls][1:6] == [
            "DCGAN: 4 and 2", "CartoonGAN: 3 and 2", "Kernel 4", "Stride 2", "transposed convolution"]
        assert all(one.accessible_name for one in controls)
        assert page.execute_script("return [...document.querySelectorAll('.board :is(button, label)')].filter("
                                   "one => one.offsetHeight < 40).map(one => one.textContent)") == []
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
