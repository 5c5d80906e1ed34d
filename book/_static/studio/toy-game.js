/*
 * Chapter 1's game: a generator G and a discriminator D, who learn from points on a ring.
 *
 * All chance comes from the seed: the nth draw of each kind has a name of its own, so the same moves give the same
 * game. Needs noise.js and toy-networks.js.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const { normal, randomOf } = AvatarStudio.noise;
  const { makeNetwork, forward, backward, makeAdam, makeDescent, LOSSES, meanLoss } = AvatarStudio.toyNetworks;
  // Half the chapter's units and batch, twice its rate: about as many rounds to the goal, each of them quicker.
  const [WIDTH, BATCH, RATE] = [32, 64, 2e-3];
  const PLAIN_RATE = 0.02;        // as when the generator wakes up in the chapter
  const SPREAD = 0.07;            // standard deviation of a cloud
  const NEAR = 3 * SPREAD;
  const CENTRES = Array.from({ length: 8 }, (_, k) => [2 * Math.cos(k * Math.PI / 4), 2 * Math.sin(k * Math.PI / 4)]);

  /** Noise for n fakes, always the same for the same name. */
  const noiseOf = (name, n) => Float64Array.from(normal(name, 2 * n));

  /** n real points, always the same for the same name. */
  function realOf(name, n) {
    const random = randomOf(`${name} clouds`);
    const points = noiseOf(name, n);
    for (let i = 0; i < 2 * n; i += 2) {
      const [x, y] = CENTRES[Math.floor(random() * CENTRES.length)];
      points[i] = x + SPREAD * points[i];
      points[i + 1] = y + SPREAD * points[i + 1];
    }
    return points;
  }

  /** Which modes points reach, how many, and the share of points near one: `Mixture.coverage` of avatarlib. */
  function coverage(points) {
    const counts = CENTRES.map(() => 0);
    const n = points.length / 2;
    for (let i = 0; i < 2 * n; i += 2) {
      const distances = CENTRES.map(([x, y]) => Math.hypot(points[i] - x, points[i + 1] - y));
      const nearest = Math.min(...distances);
      if (nearest <= NEAR) counts[distances.indexOf(nearest)] += 1;
    }
    const reached = counts.map((count) => count / n >= 0.2 / CENTRES.length);     // a fifth of what it deserves
    return { reached, modes: reached.filter(Boolean).length, near: counts.reduce((sum, count) => sum + count) / n };
  }

  /** A game as it stands. */
  class ToyGame {
    /**
     * @param {number} seed
     * @param {string} loss  a name of LOSSES; may be changed between two moves
     * @param {string} walk  see `choose`
     */
    constructor(seed, loss, walk) {
      Object.assign(this, { seed, loss, draws: { real: 0, noise: 0 } });
      this.generator = makeNetwork([2, WIDTH, WIDTH, 2], 0, randomOf(`toy ${seed} generator`));
      this.discriminator = makeNetwork([2, WIDTH, WIDTH, 1], 0.2, randomOf(`toy ${seed} discriminator`));
      this.choose(walk);
    }

    /** How the players walk from now on: Adam with momentum "0.5" or "0.9"; with "plain", G descends plainly. */
    choose(walk) {
      const momentum = walk === "0.9" ? 0.9 : 0.5;
      if (momentum !== this.momentum) this.walkD = makeAdam(this.discriminator, RATE, momentum);
      this.momentum = momentum;
      this.walkG = walk === "plain" ? makeDescent(this.generator, PLAIN_RATE)
        : makeAdam(this.generator, RATE, momentum);
    }

    /** The name of the next draw of a kind. */
    next(kind) {
      return `toy ${this.seed} ${kind} ${this.draws[kind]++}`;
    }

    /** Where noise lands. */
    fakes(noise) {
      return forward(this.generator, noise).at(-1);
    }

    /** One lesson for D, on a batch of real points and one of fakes. Returns its loss. */
    stepD() {
      const { accept, refuse } = LOSSES[this.loss];
      const real = realOf(this.next("real"), BATCH);
      const fake = this.fakes(noiseOf(this.next("noise"), BATCH));
      const values = forward(this.discriminator, Float64Array.of(...real, ...fake));
      const onReal = meanLoss(accept, values.at(-1).subarray(0, BATCH));
      const onFake = meanLoss(refuse, values.at(-1).subarray(BATCH));
      const gradient = Float64Array.of(...onReal.gradient, ...onFake.gradient);
      this.walkD(backward(this.discriminator, values, gradient));
      return onReal.loss + onFake.loss;
    }

    /** G's loss on fakes, D's outputs for them, and the gradient of the loss at each: the pull is the other way. */
    judge(fakes) {
      const values = forward(this.discriminator, fakes);
      const { loss, gradient } = meanLoss(LOSSES[this.loss].forge, values.at(-1));
      return { loss, outputs: values.at(-1), gradient: backward(this.discriminator, values, gradient, false).input };
    }

    /** One step of G, on a batch of fakes. Returns its loss. */
    stepG() {
      const values = forward(this.generator, noiseOf(this.next("noise"), BATCH));
      const { loss, gradient } = this.judge(values.at(-1));
      this.walkG(backward(this.generator, values, gradient));
      return loss;
    }

    /**
     * What there is to see: fakes, the pull on each (the negative slope of its own loss), D's mean verdict on fakes
     * and on some real points, which modes are reached, and the share of fakes outside the square.
     * @param {Float64Array} noise  @param {Float64Array} real  @param {number} extent  half the side of the square
     */
    look(noise, real, extent) {
      const n = noise.length / 2;
      const { verdict } = LOSSES[this.loss];
      const mean = (numbers, value) => numbers.reduce((sum, x) => sum + value(x), 0) / numbers.length;
      const fakes = this.fakes(noise);
      const { outputs, gradient } = this.judge(fakes);
      const pulls = gradient.map((g) => -n * g);
      const places = Array.from({ length: n }, (_, i) => 2 * i);
      return { fakes, pulls, ...coverage(fakes),
        pull: mean(places, (i) => Math.hypot(pulls[i], pulls[i + 1])),
        outside: mean(places, (i) => !(Math.abs(fakes[i]) <= extent && Math.abs(fakes[i + 1]) <= extent)),
        onFake: mean(outputs, verdict),
        onReal: mean(forward(this.discriminator, real).at(-1), verdict) };
    }
  }

  AvatarStudio.toyGame = { ToyGame, coverage, noiseOf, realOf, CENTRES, NEAR };
})();
