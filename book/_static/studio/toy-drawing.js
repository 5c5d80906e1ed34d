/*
 * Pictures of chapter 1's game, in the colours of the chapter's figures: the plane, and curves of what has happened.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const { CENTRES, NEAR } = AvatarStudio.toyGame;
  const EXTENT = 3;               // the plane shows [-3, 3] x [-3, 3]
  const LATTICE = 33;             // D is asked at so many places a side; between them its output is interpolated
  const SIDE = 165;               // pixels of the coloured ground, which is then enlarged
  const BINS = 150;               // points of a curve at most: of more moves than that, means are drawn
  const LONGEST = 0.6;            // of an arrow, in units of the plane
  const [REAL, FAKE, INK, LINE] = ["#1f5f8b", "#d1552b", "#2b2b2b", "#6b6b6b"];
  const PALE = 0.65;              // the strongest colour of the ground, so that points stand out on it
  const COLOURS = Uint32Array.from({ length: 256 }, (_, i) => {       // of a verdict: fake, white at 1/2, real
    const [end, share] = i < 127.5 ? [[209, 85, 43], 1 - i / 127.5] : [[31, 95, 139], i / 127.5 - 1];
    const [red, green, blue] = end.map((value) => 255 + PALE * share * (value - 255));
    return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;         // as the four bytes lie in memory
  });
  const PLACES = Float64Array.from({ length: 2 * LATTICE ** 2 }, (_, i) => {
    const step = i % 2 ? Math.floor(i / 2 / LATTICE) : (i / 2 | 0) % LATTICE;
    return EXTENT * (i % 2 ? -1 : 1) * (2 * step / (LATTICE - 1) - 1);      // rows from the top
  });

  /** A canvas's 2D context, cleared to white, with CSS pixels as units and as many of the screen's as it has. */
  function paper(canvas) {
    const { clientWidth: width, clientHeight: height } = canvas;
    const scale = Math.min(2, window.devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = "white";
    pen.fillRect(0, 0, width, height);
    return { pen, width, height };
  }

  /** The ground: how real D's outputs (LATTICE x LATTICE) say that each place is. */
  function ground(outputs, verdict) {
    const image = new ImageData(SIDE, SIDE);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = (LATTICE - 1.001) / (SIDE - 1);
    for (let pixel = 0; pixel < pixels.length; pixel++) {
      const [x, y] = [scale * (pixel % SIDE), scale * Math.floor(pixel / SIDE)];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const at = top * LATTICE + left;
      const above = outputs[at] + (x - left) * (outputs[at + 1] - outputs[at]);
      const below = outputs[at + LATTICE] + (x - left) * (outputs[at + LATTICE + 1] - outputs[at + LATTICE]);
      pixels[pixel] = COLOURS[Math.round(255 * verdict(above + (y - top) * (below - above)))];
    }
    return image;
  }

  /** Draw the line on which outputs equal `level`: in each square of the lattice, between the sides that it crosses. */
  function contour(pen, outputs, level, width) {
    const step = width / (LATTICE - 1);
    pen.beginPath();
    for (let i = 0; i < LATTICE - 1; i++) {
      for (let j = 0; j < LATTICE - 1; j++) {
        const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j], [i, j]];
        let pens = 0;
        for (let k = 0; k < 4; k++) {
          const [[ia, ja], [ib, jb]] = [corners[k], corners[k + 1]];
          const [a, b] = [outputs[ia * LATTICE + ja] - level, outputs[ib * LATTICE + jb] - level];
          if (a < 0 === b < 0) continue;
          const share = a / (a - b);
          const spot = [(ja + share * (jb - ja)) * step, (ia + share * (ib - ia)) * step];
          if (pens++ % 2) pen.lineTo(...spot); else pen.moveTo(...spot);
        }
      }
    }
    Object.assign(pen, { strokeStyle: INK, lineWidth: 1.5 });
    pen.stroke();
  }

  /** An arrow from a spot along a vector, in pixels. */
  function arrow(pen, x, y, dx, dy) {
    const length = Math.hypot(dx, dy);
    if (length < 1) return;
    const head = Math.min(6, length / 2) / length;
    pen.moveTo(x, y);
    pen.lineTo(x + dx, y + dy);
    for (const side of [0.6, -0.6]) {
      pen.moveTo(x + dx, y + dy);
      pen.lineTo(x + dx - head * (dx - side * dy), y + dy - head * (dy + side * dx));
    }
  }

  /** Circles around the modes: solid where reached, dashed where missed. */
  function modes(pen, spot, unit, reached) {
    Object.assign(pen, { strokeStyle: INK, lineWidth: 1.5 });
    CENTRES.forEach((centre, k) => {
      pen.setLineDash(reached[k] ? [] : [3, 3]);
      pen.beginPath();
      pen.arc(...spot(...centre), NEAR * unit, 0, 2 * Math.PI);
      pen.stroke();
    });
    pen.setLineDash([]);
  }

  /** Real points as small rings, fakes as crosses, and on the first of these the arrows of their pull. */
  function points(pen, spot, unit, real, { fakes, pulls }, arrows) {
    pen.beginPath();
    for (let i = 0; i < real.length; i += 2) {
      const [x, y] = spot(real[i], real[i + 1]);
      pen.moveTo(x + 2.5, y);
      pen.arc(x, y, 2.5, 0, 2 * Math.PI);
    }
    Object.assign(pen, { fillStyle: "white", strokeStyle: "#0b2c44", lineWidth: 1 });
    pen.fill();
    pen.stroke();
    pen.beginPath();
    for (let i = 0; i < fakes.length; i += 2) {
      const [x, y] = spot(fakes[i], fakes[i + 1]);
      for (const side of [2.5, -2.5]) {
        pen.moveTo(x - 2.5, y - side);
        pen.lineTo(x + 2.5, y + side);
      }
    }
    Object.assign(pen, { strokeStyle: "#7a2408", lineWidth: 1.2 });
    pen.stroke();
    pen.beginPath();
    for (let i = 0; i < 2 * arrows; i += 2) {
      const shorter = unit * Math.min(1, LONGEST / Math.hypot(pulls[i], pulls[i + 1]));
      arrow(pen, ...spot(fakes[i], fakes[i + 1]), shorter * pulls[i], -shorter * pulls[i + 1]);
    }
    Object.assign(pen, { strokeStyle: "black", lineWidth: 1.5 });
    pen.stroke();
  }

  const small = document.createElement("canvas");
  [small.width, small.height] = [SIDE, SIDE];

  /**
   * Draw the plane: D's verdict, real points, fakes, and the pull on the first `arrows` fakes.
   * @param {HTMLCanvasElement} canvas  square
   * @param {Float64Array} outputs  of D at PLACES
   * @param {{verdict: function(number): number, half: number}} loss  an entry of LOSSES
   * @param {Object} view  what `ToyGame.look` returned
   */
  function drawPlane(canvas, outputs, loss, real, view, arrows) {
    const { pen, width } = paper(canvas);
    const unit = width / (2 * EXTENT);
    const spot = (x, y) => [(x + EXTENT) * unit, (EXTENT - y) * unit];
    small.getContext("2d").putImageData(ground(outputs, loss.verdict), 0, 0);
    pen.drawImage(small, 0, 0, width, width);
    contour(pen, outputs, loss.half, width);
    modes(pen, spot, unit, view.reached);
    points(pen, spot, unit, real, view, arrows);
  }

  /** The means of at most `bins` equal parts of numbers, nulls left out; null where a part has nothing else. */
  function binned(numbers, bins) {
    const parts = Math.min(bins, numbers.length);
    return Array.from({ length: parts }, (_, bin) => {
      let [sum, count] = [0, 0];
      for (let i = Math.floor(bin * numbers.length / parts); i < Math.floor((bin + 1) * numbers.length / parts); i++) {
        if (numbers[i] === null) continue;
        sum += numbers[i];
        count += 1;
      }
      return count ? sum / count : null;
    });
  }

  /** A line through values, evenly from left to right, with a gap where one is null. */
  function curve(pen, values, left, right, place) {
    pen.beginPath();
    values.forEach((value, i) => {
      if (value === null) return;
      const x = left + (i + 0.5) / values.length * (right - left);
      if (i === 0 || values[i - 1] === null) pen.moveTo(x - 1, place(value));
      pen.lineTo(x, place(value));
    });
    pen.stroke();
  }

  /**
   * Draw curves over a common line of time.
   * @param {Array<{values: number[], colour: string, dash: number[], rest: ?number}>} lines  `rest` gets a dotted line
   * @param {[number, number]} range  lowest and highest value, which are written at the left
   */
  function drawCurves(canvas, lines, range) {
    const { pen, width, height } = paper(canvas);
    const [left, right, top, bottom] = [34, width - 6, 10, height - 8];
    const place = (value) => bottom - (value - range[0]) / (range[1] - range[0]) * (bottom - top);
    Object.assign(pen, { fillStyle: INK, strokeStyle: LINE,
      lineWidth: 1, textAlign: "right", font: "12px sans-serif" });
    for (const value of range) {
      pen.fillText(String(Number(value.toFixed(1))).replace("-", "−"), left - 6, place(value) + 4);
    }
    pen.strokeRect(left, top, right - left, bottom - top);
    pen.save();
    pen.beginPath();
    pen.rect(left, top - 1, right - left, bottom - top + 2);
    pen.clip();
    for (const { values, colour, dash, rest } of lines) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: 1.5 });
      if (rest !== undefined) {
        pen.setLineDash([1, 3]);
        pen.beginPath();
        pen.moveTo(left, place(rest));
        pen.lineTo(right, place(rest));
        pen.stroke();
      }
      pen.setLineDash(dash);
      curve(pen, values, left, right, place);
    }
    pen.restore();
  }

  /** Draw losses and modes reached from a history, rows of {d, g, modes}; `rests` are the losses at equilibrium. */
  function drawHistory(losses, modesReached, history, rests) {
    const [d, g, reached] = ["d", "g", "modes"].map((name) => binned(history.map((row) => row[name]), BINS));
    const known = [...rests, ...d, ...g].filter(Number.isFinite).sort((a, b) => a - b);
    const range = [Math.min(0, known[0]), known[Math.floor(0.98 * (known.length - 1))]];      // but for the wildest
    drawCurves(losses, [{ values: d, colour: REAL, dash: [], rest: rests[0] },
      { values: g, colour: FAKE, dash: [5, 3], rest: rests[1] }], [range[0], Math.max(...rests, range[1], 0.5)]);
    drawCurves(modesReached, [{ values: reached, colour: INK, dash: [] }], [0, 8]);
  }

  AvatarStudio.toyDrawing = { EXTENT, PLACES, drawPlane, drawHistory };
})();
