/*
 * Noise from a number: the same number gives the same face in every browser.
 *
 * A name such as "face 7" is hashed (FNV-1a, 32 bits), the hash seeds mulberry32 (Tommy Ettinger, public domain), and
 * each two of its numbers become two normal ones (Box and Muller 1958).
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const FIRST_STEP = 0.7;     // of the first round of wandering; each round is SHRINK times as wide as the last
  const SHRINK = 0.8;

  /** The 32-bit FNV-1a hash of a name in ASCII. */
  function hash(name) {
    let value = 0x811c9dc5;
    for (const character of name) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193);
    return value >>> 0;
  }

  /** A source of numbers in [0, 1) that always begins alike for the same name (mulberry32). */
  function randomOf(name) {
    let state = hash(name);
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  /** Float32Array of `length` (an even number) numbers from N(0, 1), always the same for the same name. */
  function normal(name, length) {
    const random = randomOf(name);
    const noise = new Float32Array(length);
    for (let i = 0; i < length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      const angle = 2 * Math.PI * random();
      noise[i] = radius * Math.cos(angle);
      noise[i + 1] = radius * Math.sin(angle);
    }
    return noise;
  }

  /** How wide the next step of a walk is, after `rounds` steps: the share of the new noise in the sum below. */
  const stepAfter = (rounds) => FIRST_STEP * SHRINK ** rounds;

  /**
   * The noise of a face after a walk: at each step z becomes sqrt(1 - s^2) z + s e, which is again N(0, 1).
   * `path` holds which neighbour was taken at each step: 1 to 9 on the first sheet of nine, 10 to 18 on the next one.
   */
  function walked(face, path, length) {
    let z = normal(`face ${face}`, length);
    path.forEach((choice, round) => {
      const fresh = normal(`face ${face} walk ${path.slice(0, round + 1).join(" ")}`, length);
      const step = stepAfter(round);
      z = z.map((value, i) => Math.sqrt(1 - step ** 2) * value + step * fresh[i]);
    });
    return z;
  }

  /** The point a share of the way along the arc from a to b, as `avatarlib.interact.latent.slerp`. */
  function slerp(a, b, share) {
    const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    const angle = Math.acos(Math.min(1, Math.max(-1, dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))));
    const sine = Math.sin(angle);
    if (sine < 1e-4) return lerp(a, b, share);
    return a.map((value, i) => (Math.sin((1 - share) * angle) * value + Math.sin(share * angle) * b[i]) / sine);
  }

  /** The point a share of the way along the straight line from a to b. */
  const lerp = (a, b, share) => a.map((value, i) => (1 - share) * value + share * b[i]);

  AvatarStudio.noise = { randomOf, normal, walked, stepAfter, slerp, lerp };
})();
