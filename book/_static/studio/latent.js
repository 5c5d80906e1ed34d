/*
 * Chapter 2's arithmetic in the latent space: neighbours of a noise vector, and vectors for what pixels can measure.
 *
 * Pictures are as a network draws them: 3 x 64 x 64 numbers in [-1, 1], one channel after the other.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const SIZE = 64;

  /** A neighbour of z at a distance in [0, 1], again N(0, 1): sqrt(1 - distance^2) z + distance e; at 1 a stranger. */
  const near = (z, e, distance) => z.map((value, i) => Math.sqrt(1 - distance ** 2) * value + distance * e[i]);

  /** The Euclidean length of a vector. */
  const lengthOf = (z) => Math.sqrt(z.reduce((sum, value) => sum + value * value, 0));

  /** z with an amount of each vector added. */
  const added = (z, vectors, amounts) => vectors.reduce(
    (sum, vector, which) => sum.map((value, i) => value + amounts[which] * vector[i]), z);

  /** The mean of a channel over the rows and columns [from, to). */
  function meanOf(picture, channel, rows, columns) {
    let sum = 0;
    for (let y = rows[0]; y < rows[1]; y++) {
      for (let x = columns[0]; x < columns[1]; x++) sum += picture[(channel * SIZE + y) * SIZE + x];
    }
    return sum / ((rows[1] - rows[0]) * (columns[1] - columns[0]));
  }

  /** The chapter's `long_hair`: darkness of two boxes beside the neck. */
  function longHair(picture) {
    const boxes = [0, 1, 2].flatMap((channel) => [[14, 19], [45, 50]].map(
      (columns) => meanOf(picture, channel, [36, 46], columns)));
    return 1 - boxes.reduce((sum, mean) => sum + mean, 0) / boxes.length;
  }

  /** The chapter's `red_shirt`: at the lower edge, red minus the mean of green and blue. */
  function redShirt(picture) {
    const [red, green, blue] = [0, 1, 2].map((channel) => meanOf(picture, channel, [56, SIZE], [18, 46]));
    return red - (green + blue) / 2;
  }

  /** The standard deviation of all numbers of a picture. */
  function contrast(picture) {
    const mean = picture.reduce((sum, value) => sum + value, 0) / picture.length;
    return Math.sqrt(picture.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (picture.length - 1));
  }

  /** The chapter's `direction`: the mean noise of the `k` pictures that score highest minus that of the `k` lowest. */
  function direction(noise, scores, k) {
    const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
    const mean = (rows) => rows.reduce((sum, row) => sum.map((value, i) => value + noise[row][i] / k),
      new Float32Array(noise[0].length));
    const [low, high] = [mean(order.slice(0, k)), mean(order.slice(-k))];
    return high.map((value, i) => value - low[i]);
  }

  AvatarStudio.latent = { near, lengthOf, added, longHair, redShirt, contrast, direction };
})();
