/* Names for the sliders of widgets, and no keyboard focus in those that need Python: ipywidgets does neither. */
function nameWidgets() {
  document.querySelectorAll(".widget-slider [role=slider]:not([aria-label])").forEach((handle) => {
    const label = handle.closest(".widget-slider").querySelector(".widget-label");     // its title is the tool tip
    const name = label && (label.textContent || (label.title !== "null" && label.title));
    if (name) handle.setAttribute("aria-label", name);
  });
  document.querySelectorAll(".needs-kernel:not([inert])").forEach((widget) => { widget.inert = true; });
}
document.addEventListener("DOMContentLoaded", () => {
  nameWidgets();
  if (document.querySelector('script[type^="application/vnd.jupyter.widget"]')) {
    new MutationObserver(nameWidgets).observe(document.body, { childList: true, subtree: true });
  }
});

/* Kaggle beside Colab in the menu of a chapter: the theme has no button for it. */
function addKaggle() {
  const start = "https://colab.research.google.com/github/";
  const colab = document.querySelector(`.dropdown-launch-buttons a[href^="${start}"]`);
  if (!colab) return;
  const item = document.createElement("li");
  item.innerHTML = `<a class="btn btn-sm dropdown-item" target="_blank" title="Launch on Kaggle; turn on Internet there">
    <span class="btn__icon-container"><i class="fab fa-kaggle" aria-hidden="true"></i></span>
    <span class="btn__text-container">Kaggle</span></a>`;
  item.firstChild.href = `https://kaggle.com/kernels/welcome?src=https://github.com/${colab.href.slice(start.length)}`;
  colab.closest("li").after(item);
}
document.addEventListener("DOMContentLoaded", addKaggle);
