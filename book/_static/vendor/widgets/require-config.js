// Loaded before require.js: widgets' files are found beside the book, never on the network.
window.require = {baseUrl: (document.documentElement.dataset.content_root || "./") + "_static/vendor"};
