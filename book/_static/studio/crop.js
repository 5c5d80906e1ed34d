/*
 * The square of a picture that a translator sees: where it lies, its pixels as numbers, and the face in it.
 *
 * A square is {x, y, side} in pixels of the picture, and never leaves it.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const SCALES = [1, 0.72, 0.52, 0.37];     // sides of the squares in which a face is looked for, of the short side
  const LEAST = 48;                         // pixels of a square's side
  const ROUNDS = 3;                         // how often a square is laid anew around what was found in it
  const SURE = 0.35;                        // mean confidence of the landmarks from which a face counts as found; ours
  const PARTS = { left: [36, 42], right: [42, 48], mouth: [48, 68] };       // iBUG's points of the eyes and the mouth

  /** The square nearest to this one that lies in a picture of this width and height. */
  function inside({ x, y, side }, { width, height }) {
    const fits = Math.min(Math.max(side, Math.min(LEAST, width, height)), width, height);
    const middle = [x + side / 2, y + side / 2];
    return { x: Math.min(Math.max(middle[0] - fits / 2, 0), width - fits),
      y: Math.min(Math.max(middle[1] - fits / 2, 0), height - fits), side: fits };
  }

  /** Paint a square of a picture over a whole canvas; `mirrored` as a camera's own picture is shown. */
  function paint(canvas, picture, { x, y, side }, mirrored) {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? canvas.width : 0, 0);
    context.drawImage(picture.image, x, y, side, side, 0, 0, canvas.width, canvas.height);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  /** A canvas as numbers (3, height, width) in [-1, 1]. */
  function numbers(canvas) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const plane = canvas.width * canvas.height;
    const found = new Float32Array(3 * plane);
    for (let i = 0; i < plane; i++) {
      for (let channel = 0; channel < 3; channel++) found[channel * plane + i] = data[4 * i + channel] / 127.5 - 1;
    }
    return found;
  }

  /** The squares in which a face is looked for first: of four sizes, each half over its neighbour. */
  function candidates({ width, height }) {
    const short = Math.min(width, height);
    const found = [];
    for (const side of SCALES.map((scale) => scale * short)) {
      const [across, down] = [width, height].map((whole) => Math.ceil((whole - side) / (side / 2)) + 1);
      for (let row = 0; row < down; row++) {
        for (let column = 0; column < across; column++) {
          found.push({ x: across > 1 ? column * (width - side) / (across - 1) : (width - side) / 2,
            y: down > 1 ? row * (height - side) / (down - 1) : (height - side) / 2, side });
        }
      }
    }
    return found;
  }

  /** The mean of some points, in shares of the square. */
  function middleOf(points, [first, last], size) {
    let [x, y] = [0, 0];
    for (let i = first; i < last; i++) {
      x += (points[2 * i] + 0.5) / size / (last - first);
      y += (points[2 * i + 1] + 0.5) / size / (last - first);
    }
    return [x, y];
  }

  /** What the landmark network sees in a square: the middles of eyes and mouth, and how sure it is of all points. */
  async function look(network, picture, square, canvas) {
    paint(canvas, picture, square);
    const { all } = await network.run({ image: numbers(canvas) });
    const sure = all.confidence.data.reduce((sum, one) => sum + one, 0) / all.confidence.data.length;
    const middles = {};
    for (const [name, range] of Object.entries(PARTS)) middles[name] = middleOf(all.points.data, range, canvas.width);
    return { square, sure, middles };
  }

  /** The square in which eyes and mouth lie as in `frame`, the mean of the heads that the networks have learnt from. */
  function around({ square, middles }, frame) {
    const apart = (middle) => Math.hypot((middle.left[0] + middle.right[0]) / 2 - middle.mouth[0],
      (middle.left[1] + middle.right[1]) / 2 - middle.mouth[1])
      + Math.hypot(middle.left[0] - middle.right[0], middle.left[1] - middle.right[1]);
    const side = square.side * apart(middles) / apart(frame);
    const mean = (middle, axis) => (middle.left[axis] + middle.right[axis] + middle.mouth[axis]) / 3;
    return { x: square.x + square.side * mean(middles, 0) - side * mean(frame, 0),
      y: square.y + square.side * mean(middles, 1) - side * mean(frame, 1), side };
  }

  /**
   * The square around the face that the landmark network is surest of. Gives {square, sure, found}; without a face
   * (`found` false) the square is the one given.
   */
  async function findFace(network, picture, frame, given) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = network.facts.size;
    let best = await look(network, picture, given, canvas);
    for (const square of candidates(picture)) {
      const seen = await look(network, picture, square, canvas);
      if (seen.sure > best.sure) best = seen;
    }
    for (let round = 0; round < ROUNDS; round++) {
      const seen = await look(network, picture, inside(around(best, frame), picture), canvas);
      if (seen.sure < best.sure - 0.05) break;
      best = seen;
    }
    const found = best.sure >= SURE;
    return { square: found ? inside(around(best, frame), picture) : given, sure: best.sure, found };
  }

  AvatarStudio.crop = { inside, paint, numbers, findFace };
})();
