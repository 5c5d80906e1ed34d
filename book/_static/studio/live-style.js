/*
 * The style sheet that the live pieces share: whoever asks first loads it.
 */
(function () {
  "use strict";

  if (document.getElementById("live-css")) return;
  const link = document.createElement("link");
  const href = new URL("live.css", document.currentScript.src).href;
  document.head.append(Object.assign(link, { id: "live-css", rel: "stylesheet", href }));
})();
