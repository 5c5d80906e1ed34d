/* Names for the sliders of widgets, and no keyboard focus in those that need Python: ipywidgets does neither. */
function nameWidgets() {
  document.querySelectorAll(".jupyter-widgets[title] [role=slider]:not([aria-label])").forEach((handle) => {
    handle.setAttribute("aria-label", handle.closest("[title]").title);
  });
  document.querySelectorAll(".needs-kernel:not([inert])").forEach((widget) => { widget.inert = true; });
}
document.addEventListener("DOMContentLoaded", () => {
  nameWidgets();
  if (document.querySelector('script[type^="application/vnd.jupyter.widget"]')) {
    new MutationObserver(nameWidgets).observe(document.body, { childList: true, subtree: true });
  }
});
