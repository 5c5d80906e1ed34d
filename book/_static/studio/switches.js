/*
 * A switch of three states for each tag: left to chance, on, off. Needs the vocabulary.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const NEXT = { chance: "on", on: "off", off: "chance" };
  const SIGNS = { on: "✓", off: "✕", chance: "○", drawn: "●" };
  const TOLD = { on: "on", off: "off", chance: "left to chance", drawn: "drawn by chance" };
  const SWATCHES = { blonde: "khaki", brown: "saddlebrown", aqua: "turquoise" };     // the others are colours of CSS

  /** A <span> with a class and text. */
  function span(className, text) {
    const made = document.createElement("span");
    made.className = className;
    made.textContent = text;
    return made;
  }

  /** The button of a tag; a colour has a spot of it. */
  function makeSwitch(tag, colour, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "studio-switch";
    button.dataset.tag = tag;
    const sign = span("studio-sign", "");
    sign.setAttribute("aria-hidden", "true");
    button.append(sign, tag, span("studio-hidden", ""));
    if (colour) {
      const spot = span("studio-swatch", "");
      spot.style.background = SWATCHES[colour] || colour;
      sign.after(spot);
    }
    button.addEventListener("click", () => action(tag, NEXT[button.dataset.asked]));
    return button;
  }

  /** A <fieldset> of switches. */
  function makeGroup(name, tags, action) {
    const group = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = name;
    group.append(legend, ...tags.map((tag) => makeSwitch(tag, name.endsWith("colour") && tag.split(" ")[0], action)));
    return group;
  }

  /**
   * Fill a place with a switch for each tag.
   * @param {HTMLElement} place
   * @param {function(string, "on"|"off"|undefined)} action  called when the reader moves a switch, with its new state
   * @returns {{show: function(Object, Float32Array)}} `show` puts all to a design's switches and says what was drawn
   */
  AvatarStudio.makeSwitches = (place, action) => {
    const { tags, groups, singles } = AvatarStudio.vocabulary;
    const moved = (tag, state) => action(tag, state === "chance" ? undefined : state);
    for (const [name, members] of Object.entries({ ...groups, "everything else": singles })) {
      place.append(makeGroup(name, members, moved));
    }
    return {
      show(switches, drawn) {
        for (const button of place.querySelectorAll(".studio-switch")) {
          const { tag } = button.dataset;
          const asked = switches[tag] || "chance";
          const state = asked === "chance" && drawn[tags.indexOf(tag)] > 0.5 ? "drawn" : asked;
          button.dataset.asked = asked;
          button.dataset.state = state;
          button.querySelector(".studio-sign").textContent = SIGNS[state];
          button.querySelector(".studio-hidden").textContent = `: ${TOLD[state]}`;
        }
      },
    };
  };
})();
