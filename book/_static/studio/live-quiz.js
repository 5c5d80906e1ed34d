/*
 * The quiz at the end of a chapter. Without this script its questions stand in lists, with the answers folded away;
 * with it a reader chooses, is told at once whether that is right and why, and may choose again.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const STYLE = new URL("live.css", document.currentScript.src).href;
  const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

  /** An element with properties and children. */
  function make(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  /** All live pieces share a style sheet; the first on a page loads it. */
  function addStyle() {
    if (!document.getElementById("live-css")) {
      document.head.append(make("link", { id: "live-css", rel: "stylesheet", href: STYLE }));
    }
  }

  /** Arrow keys go to another answer and do not choose it, which would give the verdict away: the space bar chooses. */
  function walk(event) {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const choices = [...event.currentTarget.querySelectorAll("input")];
    choices.at((choices.indexOf(event.target) + step) % choices.length).focus();
  }

  /** A question as a <fieldset>, from its item of the list; `chosen` is called after each choice. */
  function makeQuestion(item, number, chosen) {
    const [answers, reasons] = [...item.querySelectorAll("ol")].map((list) => [...list.children]);
    const verdict = make("output", {});                                         // read aloud when it changes
    const legend = make("legend", {}, `${number}. `, ...item.querySelector("p").childNodes);
    const group = make("fieldset", {}, legend);
    answers.forEach((answer, place) => {
      const choice = make("input", { type: "radio", name: `quiz-${number}` });
      choice.addEventListener("change", () => {
        group.dataset.verdict = reasons[place].querySelector("strong") ? "right" : "wrong";
        verdict.replaceChildren(...reasons[place].cloneNode(true).childNodes);
        chosen();
      });
      group.append(make("label", {}, choice, make("span", {}, ...answer.childNodes)));
    });
    group.append(verdict);
    group.addEventListener("keydown", walk);
    return group;
  }

  /** Take back the answer to a question. */
  function clear(group) {
    delete group.dataset.verdict;
    group.querySelector("output").replaceChildren();
    group.querySelectorAll("input").forEach((choice) => { choice.checked = false; });
  }

  /**
   * Turn a list of questions into a quiz.
   * @param {HTMLElement} place - holds an <ol>; each item has a <p>, an <ol> of answers and, in <details>, an <ol> with
   *     a sentence for each answer, of which the right one's begins with a <strong>.
   */
  AvatarStudio.live.quiz = (place) => {
    addStyle();
    const count = make("output", {}), again = make("button", { type: "button", textContent: "Start again" });
    const tell = () => {
      const right = groups.filter((group) => group.dataset.verdict === "right").length;
      count.textContent = `${right} of ${groups.length} right`;
    };
    const groups = [...place.querySelector("ol").children].map((item, index) => makeQuestion(item, index + 1, tell));
    again.addEventListener("click", () => {
      groups.forEach(clear);
      tell();
      groups[0].querySelector("input").focus();
    });
    tell();
    place.replaceChildren(...groups, make("div", { className: "quiz-count" }, count, again));
  };
})();
