/*
 * A face with its landmarks where a drawing has them: avatarlib.models.warp, for one picture.
 *
 * Points are flat arrays x, y, x, y ... in shares of the picture's sides; pictures are numbers (3, size, size).
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const FRAME = 5;              // points along each side of the picture, which stay
  const SHARP = -0.75;          // of the bicubic kernel, as in PyTorch

  /** Numbers from base64 of little-endian float32. */
  function unpack(text) {
    return new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  }

  /** Where the points of a photograph lie in a drawing, by the optimal transport between two Gaussians. */
  function transport({ start, end, matrix }, points) {
    const [from, to, rows] = [start, end, matrix].map(unpack);
    const off = points.map((value, i) => value - from[i]);
    return points.map((_, row) => off.reduce((sum, value, i) => sum + rows[row * points.length + i] * value, to[row]));
  }

  /** The points along the frame, then the given ones, as pairs. */
  function withFrame(points) {
    const found = [];
    for (let i = 0; i < points.length; i += 2) found.push([points[i], points[i + 1]]);
    for (let x = 0; x < FRAME; x++) {
      for (let y = 0; y < FRAME; y++) {
        if (x % (FRAME - 1) === 0 || y % (FRAME - 1) === 0) found.push([x / (FRAME - 1), y / (FRAME - 1)]);
      }
    }
    return found;
  }

  /** r^2 log r^2 of the distance of two points. */
  function bending(x, y, centre) {
    const square = (x - centre[0]) ** 2 + (y - centre[1]) ** 2;
    return square * Math.log(Math.max(square, 1e-12));
  }

  /** Solve `rows` x = `right` with two right sides, by Gauss with pivots; both are changed. */
  function solve(rows, right) {
    const count = rows.length;
    for (let step = 0; step < count; step++) {
      let best = step;
      for (let row = step + 1; row < count; row++) {
        if (Math.abs(rows[row][step]) > Math.abs(rows[best][step])) best = row;
      }
      for (const side of [rows, right]) [side[step], side[best]] = [side[best], side[step]];
      for (let row = step + 1; row < count; row++) {
        const share = rows[row][step] / rows[step][step];
        for (let i = step; i < count; i++) rows[row][i] -= share * rows[step][i];
        for (const axis of [0, 1]) right[row][axis] -= share * right[step][axis];
      }
    }
    for (let step = count - 1; step >= 0; step--) {
      for (const axis of [0, 1]) {
        for (let i = step + 1; i < count; i++) right[step][axis] -= rows[step][i] * right[i][axis];
        right[step][axis] /= rows[step][step];
      }
    }
    return right;
  }

  /** The thin-plate spline from `target` back to `source`: (x, y) of the warped picture -> [x, y] to be read. */
  function spline(source, target, stiffness) {
    const [starts, ends] = [withFrame(source), withFrame(target)];
    const count = ends.length;
    const straight = ([x, y]) => [1, x, y];
    const rows = ends.map((end, i) => Float64Array.from([
      ...ends.map((other, j) => bending(end[0], end[1], other) + (i === j ? stiffness : 0)), ...straight(end)]));
    for (const axis of [0, 1, 2]) {
      rows.push(Float64Array.from([...ends.map((end) => straight(end)[axis]), 0, 0, 0]));
    }
    const weights = solve(rows, [...starts.map((start) => [...start]), [0, 0], [0, 0], [0, 0]]);
    return (x, y) => {
      const read = [0, 1].map((axis) => weights[count][axis] + weights[count + 1][axis] * x + weights[count + 2][axis] * y);
      for (let i = 0; i < count; i++) {
        const lifted = bending(x, y, ends[i]);
        read[0] += weights[i][0] * lifted;
        read[1] += weights[i][1] * lifted;
      }
      return read;
    };
  }

  /** The four weights of a bicubic kernel for what is `share` of a pixel beyond the second. */
  function cubic(share) {
    const near = (t) => ((SHARP + 2) * t - (SHARP + 3)) * t * t + 1;
    const far = (t) => SHARP * (((t - 5) * t + 8) * t - 4);
    return [far(1 + share), near(share), near(1 - share), far(2 - share)];
  }

  /** A picture with what is at `source` moved to `target`. */
  function warp(image, size, source, target, stiffness) {
    const read = spline(source, target, stiffness);
    const plane = size * size;
    const found = new Float32Array(3 * plane);
    const clip = (at) => Math.min(Math.max(at, 0), size - 1);
    for (let i = 0; i < plane; i++) {
      const [x, y] = read((i % size + 0.5) / size, (Math.floor(i / size) + 0.5) / size).map((at) => at * size - 0.5);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [across, down] = [cubic(x - left), cubic(y - top)];
      for (let row = 0; row < 4; row++) {
        const line = clip(top + row - 1) * size;
        for (let column = 0; column < 4; column++) {
          const weight = down[row] * across[column];
          const at = line + clip(left + column - 1);
          for (let channel = 0; channel < 3; channel++) found[channel * plane + i] += weight * image[channel * plane + at];
        }
      }
    }
    return found.map((value) => Math.min(Math.max(value, -1), 1));
  }

  /** The picture (3, size, size) of a square whose landmarks (68, in pixels of `side`) the landmark network found. */
  function deform(image, size, points, side, facts) {
    const source = Array.from(points, (value) => (value + 0.5) / side);
    return warp(image, size, source, transport(facts, source), facts.stiffness);
  }

  AvatarStudio.warp = { transport, warp, deform };
})();
