/*
 * Live pieces inside the chapters: an element with data-live="name" is handed to studio/live-name.js, which fills it.
 *
 * What stands in the element before is for readers of JupyterLab, Colab and GitHub, where no such script runs.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const studio = new URL("studio/", document.currentScript.src).href;

  /** Run a script of the folder studio; a promise that it has run. */
  function run(name) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = studio + name;
      script.onload = done;
      script.onerror = () => fail(new Error(`${script.src} could not be loaded`));
      document.head.append(script);
    });
  }

  /** Fill an element; the piece is told how to load what else it needs. */
  async function enliven(place) {
    const name = place.dataset.live;
    await run(`live-${name}.js`);
    AvatarStudio.live[name](place, run);
  }

  AvatarStudio.live = {};
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-live]").forEach(enliven));
})();
