// Loaded before require.js: widgets' files are found beside the book, never on the network.
window.require = {baseUrl: (document.documentElement.dataset.content_root || "./") + "_static/vendor"};
// The widgets ask MathJax 2's queue to typeset their labels; the book has MathJax 3, which does it by promise.
window.addEventListener("load", function () {
  if (window.MathJax && !MathJax.Hub) {
    MathJax.Hub = {Queue: function (job) { MathJax.startup.promise.then(function () { return MathJax.typesetPromise([job[2]]); }); }};
  }
});
