/*
 * What is alive in the chapters, loaded when a reader comes near it: a page opens fast, and nothing is fetched in vain.
 *
 * An element with data-live="name" is handed to studio/live-name.js, which fills it. What stands in it before is for
 * readers of JupyterLab, Colab and GitHub, where no such script runs. The sliders and tables of ipywidgets are drawn by
 * the files in vendor/widgets, which draw all of a page at once.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const here = new URL(".", document.currentScript.src).href;
  const NEAR = "100% 0px";      // a screen above and a screen below what is seen

  /** Run a script of the folder _static; a promise that it has run. */
  function load(name) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = here + name;
      script.onload = done;
      script.onerror = () => fail(new Error(`${script.src} could not be loaded`));
      document.head.append(script);
    });
  }

  const run = (name) => load(`studio/${name}`);

  /** Call act with each element as it comes near, or at once: for a print, and in a browser that cannot tell. */
  function whenNear(elements, act) {
    const waiting = new Set(elements);
    const start = (element) => { if (waiting.delete(element)) act(element); };
    const startAll = () => waiting.forEach(start);
    if (!window.IntersectionObserver) return startAll();
    const watch = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      watch.unobserve(entry.target);
      start(entry.target);
    }), { rootMargin: NEAR });
    waiting.forEach((element) => watch.observe(element));
    window.addEventListener("beforeprint", startAll);
  }

  /** Fill an element; the piece is told how to load what else it needs. */
  async function enliven(place) {
    const name = place.dataset.live;
    await run(`live-${name}.js`);
    AvatarStudio.live[name](place, run);
  }

  /** Draw all widgets of the page. Their labels ask MathJax 2's queue for formulas; the book has MathJax 3. */
  async function drawWidgets() {
    window.require = { baseUrl: `${here}vendor` };
    if (window.MathJax && !MathJax.Hub) {
      MathJax.Hub = { Queue: (job) => MathJax.startup.promise.then(() => MathJax.typesetPromise([job[2]])) };
    }
    await load("vendor/widgets/require.js");
    await load("vendor/widgets/embed-amd.js");
  }

  AvatarStudio.live = {};
  document.addEventListener("DOMContentLoaded", () => {
    whenNear(document.querySelectorAll("[data-live]"), enliven);
    let drawn;
    whenNear(document.querySelectorAll(".cell_output:has(> script[type$='widget-view+json'])"),
             () => { drawn = drawn || drawWidgets(); });
  });
})();
