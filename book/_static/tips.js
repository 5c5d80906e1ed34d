/* What a linked term of the glossary means, beside the link: for a mouse that rests on it and for the keyboard. */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const TERM = "a[href*='glossary.html']";
  const DELAY = 200;      // milliseconds: no tip for a mouse on its way, and time to reach one
  const EDGE = 8;         // pixels between a tip and the window's edge
  const source = new URL("studio/glossary.js", document.currentScript.src).href;
  const tip = document.createElement("div");
  let loading, timer, shown = null, under = null;     // the link with the tip, and the one that the mouse is on

  /** Load the sentences, once; a promise that they are there. */
  function load() {
    loading = loading || new Promise((done) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = done;       // without them there are no tips, and the links still lead to the glossary
      document.head.append(script);
    });
    return loading;
  }

  function hide() {
    clearTimeout(timer);
    if (shown) shown.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  /** Put the tip below the link, above it where the window ends, and never over the window's sides. */
  function place(link) {
    const line = link.getBoundingClientRect();
    const right = document.documentElement.clientWidth - tip.offsetWidth - EDGE;
    const below = line.bottom + tip.offsetHeight + EDGE < window.innerHeight;
    tip.style.left = `${window.scrollX + Math.max(EDGE, Math.min(line.left, right))}px`;
    tip.style.top = `${window.scrollY + (below ? line.bottom : line.top - tip.offsetHeight)}px`;
  }

  /** Show a link's sentence, unless the reader has left the link while it was loaded. */
  async function show(link, stillWanted) {
    await load();
    const sentence = AvatarStudio.glossary[decodeURIComponent(link.hash.slice(1)) || link.textContent];
    if (!sentence || !stillWanted()) return;
    hide();
    shown = link;
    tip.textContent = sentence;
    tip.hidden = false;
    link.setAttribute("aria-describedby", tip.id);
    place(link);
  }

  function onPointer(event) {
    if (event.pointerType === "touch") return;      // a tap follows the link
    const link = tip.contains(event.target) ? shown : event.target.closest(TERM);
    if (link === under) return;
    under = link;
    clearTimeout(timer);
    timer = setTimeout(() => (link ? link !== shown && show(link, () => link === under) : hide()), DELAY);
  }

  function onFocus(event) {
    load();         // at the first focus of anything: a description that comes late is not read out
    const link = event.target.closest(TERM);
    if (link && link.matches(":focus-visible")) show(link, () => link === document.activeElement);
  }

  document.addEventListener("DOMContentLoaded", () => {
    Object.assign(tip, { id: "glossary-tip", className: "glossary-tip", hidden: true });
    tip.setAttribute("role", "tooltip");
    document.body.append(tip);
    document.addEventListener("pointerover", onPointer);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  });
})();
