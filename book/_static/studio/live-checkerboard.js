/*
 * How often a layer that enlarges paints each of its pixels (Odena et al. 2016): for a row of inputs as stacked
 * bars, for the plane, where the counts of row and column multiply, as a grid of shades.
 *
 * A transposed convolution lays a stamp as wide as its kernel for each input, `stride` pixels apart. "Enlarge, then
 * convolve" repeats each input `stride` times and lays a stamp for every copy, one pixel apart.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const INPUTS = 8;                               // more than the largest kernel: some pixel has all its stamps
  const SIDE = 300;                               // of the drawing; the page scales it
  const [SOURCES, BARS, GAP] = [16, 70, 8];       // heights of the row of inputs, of the highest bar, and below it
  const TOP = SOURCES + BARS + GAP;               // where the grid begins
  const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const HTML = `
    <div class="live board">
      <figure>
        <svg tabindex="0" role="img" viewBox="0 0 ${SIDE} ${TOP + SIDE}"
          aria-label="How often each pixel is painted, as bars and as shades. Arrow keys choose a pixel."></svg>
        <figcaption><output class="board-pixel">Point at a pixel, or go there with the arrow keys.</output></figcaption>
      </figure>
      <div>
        <div class="live-row" role="group" aria-label="Settings of two networks">
          <button type="button" data-kernel="4" data-stride="2">DCGAN: 4 and 2</button>
          <button type="button" data-kernel="3" data-stride="2">CartoonGAN: 3 and 2</button>
        </div>
        <label>Kernel <span data-of="kernel"></span>
          <input type="range" name="kernel" min="2" max="7" step="1" value="4"></label>
        <label>Stride <span data-of="stride"></span>
          <input type="range" name="stride" min="1" max="3" step="1" value="2"></label>
        <fieldset>
          <legend>The layer</legend>
          <label><input type="radio" name="layer" value="transposed" checked> transposed convolution</label>
          <label><input type="radio" name="layer" value="resize"> enlarge by the stride, then convolve</label>
        </fieldset>
        <p role="status"></p>
        <p class="live-small">Top: eight pixels go in. Bars: the layers of paint on a row of the output; two colours by turns
          tell apart the stamps of neighbouring inputs. Square: the plane; the stronger the shade, the more often painted.
          At the rim fewer stamps overlap.</p>
      </div>
    </div>`;

  /**
   * Which inputs paint each pixel of a row.
   * @param {number} inputs - how many pixels go in
   * @param {number} kernel - how many pixels a stamp covers
   * @param {number} stride - how many times the row becomes as long
   * @param {boolean} resize - enlarge, then convolve; otherwise a transposed convolution (without padding)
   * @returns {number[][]} for each pixel of the output, an input for each layer of paint
   */
  function painters(inputs, kernel, stride, resize) {
    const [stamps, apart] = resize ? [inputs * stride, 1] : [inputs, stride];
    const row = Array.from({ length: (stamps - 1) * apart + kernel }, () => []);
    for (let stamp = 0; stamp < stamps; stamp++) {
      for (let k = 0; k < kernel; k++) row[stamp * apart + k].push(resize ? Math.floor(stamp / stride) : stamp);
    }
    return row;
  }

  /** The counts that repeat along a row away from its ends. */
  function insideCounts(kernel, stride, resize) {
    if (resize) return [kernel];
    return Array.from({ length: stride }, (_, k) => Math.ceil((kernel - k) / stride));
  }

  /** "2", "2 and 1", "3, 2 and 2". */
  const listed = (items) => items.join(", ").replace(/, ([^,]*)$/, " and $1");

  /** What there is to see. */
  function inWords(kernel, stride, resize) {
    const counts = insideCounts(kernel, stride, resize);
    const inPlane = [...new Set(counts.flatMap((a) => counts.map((b) => a * b)))].sort((a, b) => a - b);
    const times = (count) => `${count} ${count === 1 ? "time" : "times"}`;
    if (inPlane.length === 1) {
      const reason = resize ? "Every copy of a pixel is stamped, one pixel apart"
        : `${kernel} is a multiple of ${stride}`;
      return `Even. ${reason}: away from the rim, each pixel of a row is painted ${times(counts[0])} and each of the `
        + `plane ${times(inPlane[0])}.`;
    }
    return `A checkerboard. ${kernel} is no multiple of ${stride}: away from the rim, the pixels of a row are painted `
      + `${listed(counts)} times in turn, and those of the plane ${listed(inPlane)} times.`
      + `${inPlane[0] ? "" : " Some get no paint at all."}`;
  }

  /** An element of a drawing. */
  function shape(tag, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  /** A rectangle of a drawing. */
  const rectangle = (x, y, width, height, rest) => shape("rect", { x, y, width, height, ...rest });

  /** The row of inputs, each above the middle of what it paints, and the layers of paint below as stacked bars. */
  function drawRow(row, cell) {
    const drawn = [];
    const block = BARS / Math.max(...row.map((layers) => layers.length));
    const side = Math.min(cell, SOURCES - 5);
    for (let input = 0; input < INPUTS; input++) {
      const painted = row.flatMap((layers, column) => (layers.includes(input) ? [column] : []));
      const middle = (painted[0] + painted.at(-1) + 1) / 2 * cell;
      drawn.push(rectangle(middle - side / 2, 1, side, side, { class: `board-${input % 2}` }));
    }
    row.forEach((layers, column) => layers.forEach((input, height) => drawn.push(rectangle(column * cell,
      TOP - GAP - block * (height + 1), cell, block, { class: `board-${input % 2}` }))));
    return drawn;
  }

  /** The plane: as rows, so columns. */
  function drawPlane(counts, cell) {
    const most = Math.max(...counts) ** 2;
    return counts.flatMap((down, row) => counts.map((across, column) => rectangle(column * cell, TOP + row * cell, cell,
      cell, { class: "board-shade", "fill-opacity": (0.92 * down * across / most).toFixed(3) })));
  }

  /** The piece on the page. */
  class Board {
    /** @param {HTMLElement} place */
    constructor(place) {
      place.innerHTML = HTML;
      this.at = (selector) => place.querySelector(selector);
      this.svg = this.at("svg");
      place.addEventListener("input", () => this.draw());
      place.addEventListener("click", ({ target }) => target.dataset.kernel && this.set(target.dataset));
      this.svg.addEventListener("pointermove", (event) => this.point(event));
      this.svg.addEventListener("pointerdown", (event) => this.point(event));
      this.svg.addEventListener("keydown", (event) => this.step(event));
      this.draw();
    }

    /** Put the sliders to the setting of a network. */
    set({ kernel, stride }) {
      this.at("[name=kernel]").value = kernel;
      this.at("[name=stride]").value = stride;
      this.at("[value=transposed]").checked = true;
      this.draw();
    }

    /** Draw all for the sliders as they stand. */
    draw() {
      const [kernel, stride] = ["kernel", "stride"].map((name) => Number(this.at(`[name=${name}]`).value));
      const resize = this.at("[value=resize]").checked;
      const row = painters(INPUTS, kernel, stride, resize);
      this.counts = row.map((layers) => layers.length);
      this.cell = SIDE / row.length;
      this.marks = [1, 2].map(() => shape("rect", { class: "board-mark", visibility: "hidden" }));
      this.svg.replaceChildren(...drawRow(row, this.cell), ...drawPlane(this.counts, this.cell), ...this.marks);
      this.at("[data-of=kernel]").textContent = kernel;
      this.at("[data-of=stride]").textContent = stride;
      this.at("[role=status]").textContent = inWords(kernel, stride, resize);
      if (this.pixel) this.mark(...this.pixel);
    }

    /** Mark the pixel under the pointer; above the grid, one of its middle row. */
    point({ clientX, clientY }) {
      const box = this.svg.getBoundingClientRect();
      const [x, y] = [clientX - box.left, clientY - box.top].map((distance) => distance * SIDE / box.width);
      this.mark(y < TOP ? this.counts.length >> 1 : Math.floor((y - TOP) / this.cell), Math.floor(x / this.cell));
    }

    /** Mark the neighbour to which an arrow key points. */
    step(event) {
      const step = KEYS[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const [row, column] = this.pixel || [this.counts.length >> 1, this.counts.length >> 1];
      this.mark(row + step[0], column + step[1]);
    }

    /** Mark a pixel in bars and plane, and tell its number. */
    mark(...wanted) {
      const [row, column] = wanted.map((index) => Math.min(this.counts.length - 1, Math.max(0, index)));
      const [down, across] = [this.counts[row], this.counts[column]];
      this.pixel = [row, column];
      const [x, side] = [column * this.cell, this.cell];
      const places = [{ x, y: SOURCES, width: side, height: BARS },
        { x, y: TOP + row * side, width: side, height: side }];
      this.marks.forEach((mark, index) => Object.entries({ ...places[index], visibility: "visible" }).forEach(
        ([name, value]) => mark.setAttribute(name, value)));
      this.at(".board-pixel").textContent = `Row ${row + 1}, column ${column + 1}: painted ${down} × ${across} = `
        + `${down * across} ${down * across === 1 ? "time" : "times"}.`;
    }
  }

  AvatarStudio.checkerboard = { painters, insideCounts, inWords };
  AvatarStudio.live.checkerboard = async (place, run) => {
    await run("live-style.js");
    return new Board(place);
  };
})();
