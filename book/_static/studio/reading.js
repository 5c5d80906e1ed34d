/*
 * How a description was read: its words underlined as it is typed, and the parser's reasons below it.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  /** An element with a class and text or children. */
  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  /** What became of the words of a step: its kind, or "replaced" if its tag does not hold in the end. */
  function fate(step, found) {
    const holds = { on: found.on, off: found.off }[step.kind];
    return holds && !holds.includes(step.tag) ? "replaced" : step.kind.replace(" ", "-");
  }

  /** The text cut into pieces, each with the fates of its words as classes. */
  function underline(text, found) {
    const fates = Array.from({ length: text.length }, () => new Set());
    for (const step of found.explanation) {
      const own = step.kind !== "replaced";      // its words put an end to the tag of other words
      for (let i = step.start; own && i < step.end; i++) fates[i].add(`studio-${fate(step, found)}`);
    }
    const pieces = [];
    for (let start = 0, end = 0; start < text.length; start = end) {
      const classes = [...fates[start]].join(" ");
      while (end < text.length && [...fates[end]].join(" ") === classes) end++;
      pieces.push(classes ? element("span", classes, text.slice(start, end)) : text.slice(start, end));
    }
    return pieces;
  }

  /** Groups and single tags of which a reading says nothing, as `Description.free`. */
  function leftOpen(found) {
    const { groups, singles } = AvatarStudio.vocabulary;
    const free = Object.entries(groups).filter(([, tags]) => !tags.some((tag) => found.on.includes(tag)));
    const silent = singles.filter((tag) => !found.on.includes(tag) && !found.off.includes(tag));
    return [...free.map(([name]) => name), ...silent];
  }

  /** Tags whose switch is not as the words have it, such as "hat off". */
  function byHand(found, design) {
    const { tags } = AvatarStudio.vocabulary;
    return tags.filter((tag) => AvatarStudio.designs.said(found, tag) !== design.switches[tag])
      .map((tag) => `${tag} ${design.switches[tag] || "to chance"}`);
  }

  /** The lines below a description: heading, and its text or its steps. */
  function rows(found, design) {
    const inOrder = (names) => AvatarStudio.vocabulary.tags.filter((tag) => names.includes(tag)).join(", ");
    const { NO_TAG } = AvatarStudio.vocabulary.reading;       // the reason of words of no interest
    const silent = found.explanation.filter((step) => step.why === NO_TAG).map((step) => step.words);
    const steps = found.explanation.filter((step) => step.why !== NO_TAG).flatMap((step) => [
      element("span", `studio-word studio-${fate(step, found)}`, step.words), `: ${step.why}`, element("br", "")]);
    return [["on", [inOrder(found.on)]], ["off", [inOrder(found.off)]],
      ["left to chance", [leftOpen(found).join(", ")]], ["by hand", [byHand(found, design).join(", ")]],
      ["because", steps], ["no tag", [[...new Set(silent)].join(", ")]]].filter(([, content]) => content.some(Boolean));
  }

  /**
   * Show how a design's text was read.
   * @param {HTMLElement} behind  an element behind the text box, of the same letters; its words are underlined
   * @param {HTMLElement} list    a <dl>, which gets the reading
   */
  function showReading(behind, list, design) {
    const found = AvatarStudio.designs.reading(design.text);
    behind.replaceChildren(...underline(design.text, found), "\u200b");      // holds the last line open
    list.replaceChildren(...rows(found, design).flatMap(
      ([heading, content]) => [element("dt", "", heading), element("dd", "", ...content)]));
  }

  AvatarStudio.showReading = showReading;
})();
