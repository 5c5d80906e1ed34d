"""The avatar designer as a reader meets it: JupyterLab with a kernel, Chromium without a window. ``make browser``."""

import io

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.data import tag_vector, to_uint8

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
pytest.importorskip("jupyterlab", reason="needs JupyterLab, which `make setup` installs")
from lab_page import NEEDS_BROWSER, PROGRAMS, NotebookPage, chromium, jupyterlab
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

pytestmark = NEEDS_BROWSER

MAKE = """
import torch
from avatarlib.models.acgan import Generator

torch.manual_seed(0)
generator = Generator(blocks=1, width=8, size=64).eval()
for weights in generator.parameters():
    torch.nn.init.normal_(weights, std=0.3)      # untrained, but of strong colours
"""
SHOW = """
from avatarlib.interact import AvatarDesigner

AvatarDesigner(generator, seed=3)
"""

CUT_OFF = """
const all = [...document.querySelectorAll(".jp-OutputArea-output .widget-hbox *")];
return all.filter(element => element.scrollWidth > element.clientWidth + 1 && element.tagName != "INPUT"
  && getComputedStyle(element).overflowX != "visible").map(element => element.innerText);
"""


@pytest.fixture(scope="module")
def generator():
    made = {}
    exec(MAKE, made)
    return made["generator"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of one notebook."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in (MAKE, SHOW)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(notebook, folder / "designer.ipynb")
    with jupyterlab(folder) as address:
        yield folder, address.format("designer.ipynb")


class DesignerPage(NotebookPage):
    """The notebook, and in it the designer's controls by what a reader sees of them."""

    def picture(self):
        """PNG of the avatar, the first picture of the page."""
        return self.image(self.all("img.widget-image")[0])

    def seed(self):
        return int(self.one(".widget-text input[type=number]").get_attribute("value"))

    def tags(self):
        """What the menus and the pressed buttons say."""
        chosen = [Select(menu).first_selected_option.text for menu in self.all(".widget-dropdown select")]
        chosen += [button.text.strip() for button in self.all("button.widget-toggle-button.mod-active")]
        return {tag for choice in chosen for tag in choice.split(" with ")} - {"no hair style", "same face"}

    def after(self, action):
        """The picture once the action has made it another one."""
        before = self.picture()
        action()
        return self.until(lambda: (now := self.picture()) != before and now, "the picture changes")


@pytest.fixture(scope="module")
def page(server):
    with chromium(*PROGRAMS) as browser:
        page = DesignerPage(browser, server[1])
        page.menu("Run", "runmenu:run-all")
        page.until(lambda: page.all("img.widget-image"), "the designer is shown")
        page.until(page.picture, "the avatar is drawn")
        yield page


def pixels(png):
    with Image.open(io.BytesIO(png)) as picture:
        return np.array(picture.convert("RGB"), dtype=int)


def assert_painted(page, generator, png):
    """The picture is the avatar of the tags and the seed on the page, drawn without designer, widgets and browser."""
    noise = torch.Generator().manual_seed(page.seed())
    (image,) = generator.sample(1, tag_vector(page.tags()), generator=noise)
    expected = to_uint8(image).permute(1, 2, 0).numpy().astype(int)
    assert abs(pixels(png) - expected).max() <= 1      # another process may round differently


def test_the_first_picture_is_what_the_controls_say(page, generator):
    assert page.seed() == 3
    assert_painted(page, generator, page.picture())


def test_a_tag_changes_the_picture_and_keeps_the_face(page, generator):
    tags, seed = page.tags(), page.seed()
    png = page.after(lambda: page.button("smile"))
    assert page.tags() ^ tags == {"smile"}
    assert page.seed() == seed
    assert_painted(page, generator, png)


@pytest.mark.parametrize(("group", "choice"), [
    ("hair colour", "pink hair"), ("eye colour", "green eyes"), ("hair style", "short hair")])
def test_a_menu_changes_the_picture_and_keeps_the_face(page, generator, group, choice):
    seed = page.seed()
    png = page.after(lambda: Select(page.one(f"select[title='{group}']")).select_by_visible_text(choice))
    assert choice in page.tags()
    assert page.seed() == seed
    assert_painted(page, generator, png)


def test_a_description_sets_the_tags_and_the_picture(page, generator):
    field, seed = page.one("input[title='description']"), page.seed()
    png = page.after(lambda: field.send_keys("a girl with long teal hair, yellow eyes, a hat, no smile", Keys.ENTER))
    assert page.tags() >= {"long hair", "aqua hair", "yellow eyes", "hat"}
    assert "smile" not in page.tags()
    assert page.seed() == seed
    assert_painted(page, generator, png)


def test_a_new_face_keeps_the_tags(page, generator):
    tags, seed = page.tags(), page.seed()
    png = page.after(lambda: page.button("New face"))
    assert page.tags() == tags
    assert page.seed() != seed
    assert_painted(page, generator, png)


def test_a_typed_seed_changes_the_picture(page, generator):
    field, tags = page.one(".widget-text input[type=number]"), page.tags()
    png = page.after(lambda: field.send_keys(Keys.CONTROL, "a", Keys.NULL, "77", Keys.ENTER))
    assert (page.seed(), page.tags()) == (77, tags)
    assert_painted(page, generator, png)


def test_without_the_lock_a_tag_draws_a_new_face(page, generator):
    seed = page.seed()
    page.button("same face")
    png = page.after(lambda: page.button("ribbon"))
    assert page.seed() != seed
    assert_painted(page, generator, png)
    page.button("same face")


def test_the_slider_goes_from_a_to_b(page):
    page.button("Keep as A")
    a = page.picture()
    b = page.after(lambda: page.button("New face"))
    page.button("Keep as B")
    handle = page.one(".widget-slider:not(.disabled) .noUi-handle")
    between = page.after(lambda: handle.send_keys(Keys.ARROW_LEFT))
    assert page.after(lambda: handle.send_keys(Keys.HOME)) == a
    assert page.after(lambda: handle.send_keys(Keys.END)) == b
    assert between not in (a, b)


def test_a_variation_can_be_taken(page, generator):
    shown = len(page.all("img.widget-image"))
    page.button("Variations")
    page.until(lambda: len(page.all("img.widget-image")) == shown + 9, "nine variations are shown")
    variation = page.until(lambda: page.image(page.all("img.widget-image")[-1]), "the last one is drawn")
    png = page.after(page.all("button[title^='take seed']")[-1].click)
    assert abs(pixels(png) - pixels(variation)).max() <= 1
    assert_painted(page, generator, png)


def test_nothing_is_cut_off_and_the_columns_stand_side_by_side(page):
    """In a window of 1280 pixels, with JupyterLab's side bar open, and every toggle with the icon of being on."""
    for toggle in page.all("button.widget-toggle-button:not(.mod-active)"):
        page.after(toggle.click)
    cut = page.browser.execute_script(CUT_OFF)
    assert cut == []
    tops = [column.rect["y"] for column in page.all(".jp-OutputArea-output .widget-hbox > .widget-vbox")[:3]]
    assert len(set(tops)) == 1


def test_the_saved_file_is_the_picture_on_the_page(page, server):
    page.button("Save PNG")
    saved = server[0] / "avatar.png"
    page.until(saved.exists, "the file is there")
    assert saved.read_bytes() == page.picture()


def test_nothing_went_wrong_on_the_way(page):
    page.after(lambda: page.button("hat"))
    assert page.problems() == []
