/*
 * Pictures on the page: an avatar on a canvas, a button that shows one, a PNG file of one.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  /** A canvas that holds an ImageData as it is. */
  function canvasOf(image) {
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  /** Paint an ImageData over a whole canvas, smoothly; `words` become the canvas's text alternative. */
  function paint(canvas, image, words) {
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(canvasOf(image), 0, 0, canvas.width, canvas.height);
    if (words) canvas.setAttribute("aria-label", words);
  }

  /** A button that shows a picture of `size` pixels; `label` is its name, `action` is called on a click. */
  function pictureButton(label, size, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "studio-picture";
    button.setAttribute("aria-label", label);
    button.title = label;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    button.append(canvas);
    button.addEventListener("click", action);
    return button;
  }

  /** Let the reader save an ImageData as a PNG file of `size` pixels. */
  function save(image, size, name) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    paint(canvas, image);
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);      // some browsers read it only now
    }, "image/png");
  }

  AvatarStudio.pictures = { paint, pictureButton, save };
})();
