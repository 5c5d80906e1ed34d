/*
 * Small networks that learn, without a library: matrices, layers, backpropagation, Adam, and the losses of a GAN.
 *
 * A matrix is a flat array, row by row, and a batch has one point a row: [x0, y0, x1, y1, ...]. A network is
 * {layers, slope}; a layer is {inputs, outputs, weight (outputs x inputs), bias}, and after each but the last, numbers
 * below 0 are multiplied by `slope` (with 0 that is ReLU).
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  /** The product of a (n x inner) and b (inner x m). Four rows of b at a time: here nearly all the time goes. */
  function product(a, b, inner) {
    const [n, m] = [a.length / inner, b.length / inner];
    const c = new Float64Array(n * m);
    for (let row = 0; row < n; row++) {
      let k = 0;
      for (; k + 3 < inner; k += 4) {
        const at = row * inner + k;
        const a0 = a[at], a1 = a[at + 1], a2 = a[at + 2], a3 = a[at + 3];       // in a list they would be slower
        const b0 = k * m, b1 = b0 + m, b2 = b1 + m, b3 = b2 + m;
        for (let j = 0; j < m; j++) c[row * m + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
      }
      for (; k < inner; k++) for (let j = 0; j < m; j++) c[row * m + j] += a[row * inner + k] * b[k * m + j];
    }
    return c;
  }

  /** A matrix with its rows as columns. */
  function transposed(a, columns) {
    const rows = a.length / columns;
    const turned = new Float64Array(a.length);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = a[i * columns + j];
    return turned;
  }

  /** A network from sizes such as [2, 64, 64, 1], its weights drawn as PyTorch draws them; random() lies in [0, 1). */
  function makeNetwork(sizes, slope, random) {
    const layers = sizes.slice(1).map((outputs, i) => {
      const inputs = sizes[i];
      const draw = (n) => Float64Array.from({ length: n }, () => (2 * random() - 1) / Math.sqrt(inputs));
      return { inputs, outputs, weight: draw(outputs * inputs), bias: draw(outputs) };
    });
    return { layers, slope };
  }

  /** What every layer gives, from the input itself (first) to the output (last). */
  function forward({ layers, slope }, input) {
    const values = [input];
    layers.forEach(({ inputs, outputs, weight, bias }, i) => {
      const y = product(values[i], transposed(weight, inputs), inputs);
      const below = i < layers.length - 1 ? slope : 1;
      for (let row = 0; row < y.length; row += outputs) {
        for (let j = 0; j < outputs; j++) {
          const sum = y[row + j] + bias[j];
          y[row + j] = sum < 0 ? below * sum : sum;
        }
      }
      values.push(y);
    });
    return values;
  }

  /**
   * Backpropagation: from the gradient of the output to that of the input and, if `learn`, of all weights.
   * @param {Float64Array[]} values  what `forward` returned
   */
  function backward({ layers, slope }, values, gradient, learn = true) {
    const gradients = [];
    for (let i = layers.length - 1; i >= 0; i--) {
      const { inputs, outputs, weight } = layers[i];
      if (learn) {
        const bias = new Float64Array(outputs);
        for (let j = 0; j < gradient.length; j++) bias[j % outputs] += gradient[j];
        const turned = transposed(gradient, outputs);
        gradients[i] = { weight: product(turned, values[i], values[i].length / inputs), bias };
      }
      gradient = product(gradient, weight, outputs);
      if (i > 0) for (let j = 0; j < gradient.length; j++) if (values[i][j] <= 0) gradient[j] *= slope;
    }
    return { layers: gradients, input: gradient };
  }

  /** All weights of a network, or all their gradients: a list of arrays in one order. */
  const arrays = ({ layers }) => layers.flatMap(({ weight, bias }) => [weight, bias]);

  /** Adam (Kingma and Ba 2015) as in PyTorch: a function that takes a step, given what `backward` returned. */
  function makeAdam(network, rate, momentum, squares = 0.999) {
    const weights = arrays(network);
    const [mean, square] = [0, 1].map(() => weights.map((array) => new Float64Array(array.length)));
    let steps = 0;
    return (gradients) => {
      steps += 1;
      const [meanGrown, squareGrown] = [1 - momentum ** steps, 1 - squares ** steps];
      arrays(gradients).forEach((gradient, a) => gradient.forEach((g, i) => {
        mean[a][i] += (1 - momentum) * (g - mean[a][i]);
        square[a][i] += (1 - squares) * (g * g - square[a][i]);
        weights[a][i] -= rate * (mean[a][i] / meanGrown) / (Math.sqrt(square[a][i] / squareGrown) + 1e-8);
      }));
    };
  }

  /** Plain gradient descent: each step is as long as the gradient says. */
  function makeDescent(network, rate) {
    const weights = arrays(network);
    return (gradients) => arrays(gradients).forEach((gradient, a) => gradient.forEach((g, i) => {
      weights[a][i] -= rate * g;
    }));
  }

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));     // log(1 + exp(x)), never infinite

  /** What D pays for an output on a real point and on a fake, and G on its fake: each [charge, its slope]. */
  const BY_LOGARITHM = {
    accept: (x) => [softplus(-x), -sigmoid(-x)],
    refuse: (x) => [softplus(x), sigmoid(x)],
    verdict: sigmoid,                                   // how real an output says that a point is, from 0 to 1
    half: 0,                                            // the output whose verdict is 1/2
    equilibrium: [2 * Math.log(2), Math.log(2)],        // both losses when every verdict is 1/2
  };
  const LOSSES = {
    "non-saturating": { ...BY_LOGARITHM, forge: BY_LOGARITHM.accept },
    minimax: {
      ...BY_LOGARITHM,
      forge: (x) => [-softplus(x), -sigmoid(x)],
      equilibrium: [2 * Math.log(2), -Math.log(2)],
    },
    "least squares": {
      accept: (x) => [(x - 1) ** 2 / 2, x - 1],
      refuse: (x) => [x ** 2 / 2, x],
      forge: (x) => [(x - 1) ** 2 / 2, x - 1],
      verdict: (x) => Math.min(1, Math.max(0, x)),      // 1 is asked for on real points, 0 on fakes
      half: 0.5,
      equilibrium: [0.25, 0.125],
    },
    hinge: {
      accept: (x) => [Math.max(0, 1 - x), x < 1 ? -1 : 0],
      refuse: (x) => [Math.max(0, 1 + x), x > -1 ? 1 : 0],
      forge: (x) => [-x, -1],
      verdict: (x) => Math.min(1, Math.max(0, (1 + x) / 2)),      // 1 and -1 are enough
      half: 0,
      equilibrium: [2, 0],
    },
  };

  /** The mean of a charge over outputs, and its gradient with respect to each of them. */
  function meanLoss(charge, outputs) {
    const gradient = new Float64Array(outputs.length);
    let loss = 0;
    outputs.forEach((x, i) => {
      const [value, slope] = charge(x);
      loss += value / outputs.length;
      gradient[i] = slope / outputs.length;
    });
    return { loss, gradient };
  }

  AvatarStudio.toyNetworks = { makeNetwork, forward, backward, makeAdam, makeDescent, LOSSES, meanLoss };
})();
