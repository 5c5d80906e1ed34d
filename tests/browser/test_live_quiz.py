"""The quizzes of the chapters as a reader of the page meets them. ``make browser``."""

import shutil

import pytest

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from stored_notebook import NOTEBOOKS
from stored_quiz import StoredQuiz
from studio_page import ROOT, studio_browser  # noqa: F401 - fixture

pytestmark = NEEDS_BROWSER
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Quiz</title><script src="_static/live.js"></script></head><body>{}</body></html>"""


class QuizPage:
    """A chapter's quiz on a page of its own, and what a reader does with it."""

    def __init__(self, browser, folder, name):
        self.browser, self.stored = browser, StoredQuiz(name).questions
        page = folder / f"{name}.html"
        page.write_text(PAGE.format(StoredQuiz(name).html), encoding="utf-8")
        browser.get(page.as_uri())
        WebDriverWait(browser, 20).until(lambda one: one.find_elements(By.TAG_NAME, "fieldset"))
        self.questions = browser.find_elements(By.TAG_NAME, "fieldset")

    def choices(self, number):
        return self.questions[number].find_elements(By.TAG_NAME, "input")

    def choose(self, number, place):
        self.questions[number].find_elements(By.TAG_NAME, "label")[place].click()

    def verdict(self, number):
        return self.questions[number].find_element(By.TAG_NAME, "output")

    def count(self):
        return self.browser.find_element(By.CSS_SELECTOR, ".quiz-count output")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the book's own scripts stand."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "book" / "_static" / "studio", site / "_static" / "studio")
    shutil.copy(ROOT / "book" / "_static" / "live.js", site / "_static")
    return site


@pytest.fixture
def page(browser, folder, request):
    """The quiz of the first chapter, or of the one that a test names; nothing on it may log."""
    browser.get_log("browser")
    yield QuizPage(browser, folder, getattr(request, "param", NOTEBOOKS[0].stem))
    assert [line["message"] for line in browser.get_log("browser")] == []


every_chapter = pytest.mark.parametrize("page", [path.stem for path in NOTEBOOKS], indirect=True)


@every_chapter
def test_each_choice_is_answered_by_its_own_sentence_and_counted(page):
    assert page.count().text == "0 of 5 right"
    for number, question in enumerate(page.stored):
        assert page.verdict(number).text == ""
        wrong = [place for place in range(len(question.answers)) if place not in question.right]
        for place in wrong + question.right:
            page.choose(number, place)
            assert page.verdict(number).text == question.sentences[place]
            assert page.count().text == f"{number + (place in question.right)} of 5 right"


def test_a_right_answer_that_is_given_up_counts_no_more_and_all_can_be_taken_back(page):
    (right,) = page.stored[0].right
    for place, count in ((right, 1), (right - 1, 0), (right, 1)):
        page.choose(0, place)
        assert page.count().text == f"{count} of 5 right"
    page.browser.find_element(By.XPATH, "//button[.='Start again']").click()
    assert page.count().text == "0 of 5 right"
    assert page.verdict(0).text == ""
    assert not any(choice.is_selected() for choice in page.choices(0))
    assert page.browser.switch_to.active_element == page.choices(0)[0]


def test_the_keyboard_walks_without_choosing_and_chooses_by_the_space_bar(page):
    page.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    keys, choices = page.browser.switch_to, page.choices(0)
    assert keys.active_element == choices[0]
    for key, place in ((Keys.ARROW_DOWN, 1), (Keys.ARROW_RIGHT, 2), (Keys.ARROW_DOWN, 0), (Keys.ARROW_UP, 2),
                       (Keys.ARROW_LEFT, 1)):
        keys.active_element.send_keys(key)
        assert keys.active_element == choices[place]
        assert page.verdict(0).text == ""
    keys.active_element.send_keys(Keys.SPACE)
    assert page.verdict(0).text == page.stored[0].sentences[1]
    keys.active_element.send_keys(Keys.TAB)
    assert keys.active_element == page.choices(1)[0]


def test_who_does_not_see_is_told_the_same(page):
    assert [page.verdict(0).aria_role, page.count().aria_role] == ["status", "status"]     # live regions
    for number, question in enumerate(page.stored):
        assert page.questions[number].accessible_name == f"{number + 1}. {question.text}"
        assert [choice.accessible_name for choice in page.choices(number)] == question.answers
    page.choose(0, 0)
    marked = page.browser.execute_script("return getComputedStyle(arguments[0], '::before').content", page.verdict(0))
    assert marked.split(" / ")[-1] == '""'              # the sign is not read, for the word behind it says it


@every_chapter
def test_nothing_folded_is_left_and_a_phone_holds_it(page):
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                 {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        WebDriverWait(page.browser, 20).until(lambda one: one.execute_script("return document.styleSheets.length"))
        assert page.browser.find_elements(By.CSS_SELECTOR, "details, ol") == []
        for number in range(5):
            page.choose(number, 0)
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 390
        assert page.browser.execute_script("""return [...document.querySelectorAll("label, button")].filter(
          one => one.offsetHeight < 40).map(one => one.textContent)""") == []
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
