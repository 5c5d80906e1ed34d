/*
 * The avatar studio's engine: it fetches scripts, unpacks the networks in them and runs these with ONNX Runtime.
 *
 * All is done by classic scripts that hold their bytes as text (gzip, then base64), because a page at file:// may load
 * scripts and nothing else. runtime.js and a network's script are fetched when the network is first asked for.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const NEEDED = { WebAssembly: "Chrome 57, Firefox 52 or Safari 11",
    DecompressionStream: "Chrome 80, Firefox 113 or Safari 16.4" };
  const OPTIONS = { executionProviders: ["wasm"],
    extra: { session: { disable_quant_qdq: "1" } } };       // unpack small weights once, not at every run
  const root = new URL(".", document.currentScript.src).href;
  const scripts = new Map();        // name -> promise of its having run
  const parcels = new Map();        // name -> {facts, packed}, put there by the generated scripts
  const networks = new Map();       // name -> promise of a Network
  let runtime = null;               // promise that ONNX Runtime is ready

  /** The promise that `make` gives for a name: the same for all who ask, and made anew if it has failed. */
  function once(promises, name, make) {
    if (!promises.has(name)) {
      const promise = make();
      promises.set(name, promise);
      promise.catch(() => promises.delete(name));
    }
    return promises.get(name);
  }

  /** Run `name`, a script beside this one; a promise that it has run. */
  function loadScript(name) {
    return once(scripts, name, () => new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = root + name;
      script.onload = () => done();
      script.onerror = () => {
        script.remove();
        fail(new Error(`${name} could not be loaded. It belongs into the folder ${root}: is the book complete, and, `
          + "if it comes from a server, is that in reach?"));
      };
      document.head.append(script);
    }));
  }

  /** Called by generated scripts: bytes (gzip, then base64) under a name, and what is to be known of them. */
  function provide(name, facts, packed) {
    parcels.set(name, { facts, packed });
  }

  /** The bytes of what `script` has provided. Their text is let go: to have them again, the script must run again. */
  async function take(name, script) {
    const { packed } = parcels.get(name);
    parcels.delete(name);
    scripts.delete(script);
    const text = atob(packed);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** Load ONNX Runtime: in WebAssembly, on one thread, since more need headers that simple servers do not send. */
  async function startRuntime(onProgress) {
    for (const [name, since] of Object.entries(NEEDED)) {
      if (!(name in window)) throw new Error(`This browser lacks ${name}, which the studio needs: ${since} have it.`);
    }
    onProgress("Reading the program that runs networks …");
    await loadScript("runtime.js");
    const { env } = window.ort;
    const code = new Blob([await take("runtime-module", "runtime.js")], { type: "text/javascript" });
    env.wasm.wasmPaths = { mjs: URL.createObjectURL(code) };
    env.wasm.wasmBinary = await take("runtime", "runtime.js");
    env.wasm.numThreads = 1;
  }

  /** A network that is ready to run. `facts` tells its name, inputs, outputs and more, as its script has them. */
  class Network {
    constructor(facts, session) {
      this.facts = facts;
      this.session = session;
    }

    /**
     * Compute: `feeds` has a Float32Array for each input. Its shape is known from its length, except for pictures of
     * free height and width, whose `dims` [n, 3, height, width] must be told. Gives the first output as {data, dims},
     * and in `all` every output by its name.
     */
    async run(feeds, dims) {
      const { inputs } = this.facts;
      const tensors = {};
      for (const [name, shape] of Object.entries(inputs)) {
        if (!(feeds[name] instanceof Float32Array)) {
          throw new TypeError(`${this.facts.name} needs Float32Arrays for ${Object.keys(inputs).join(", ")}, `
            + `and ${name} is none.`);
        }
        const size = shape.reduce((product, side) => product * side, 1);
        const whole = dims || [feeds[name].length / size, ...shape];
        if (!whole.every((side) => Number.isInteger(side) && side > 0)
            || whole.reduce((product, side) => product * side, 1) !== feeds[name].length) {
          throw new RangeError(`${name} must be (n, ${shape.join(", ")}) numbers, got ${feeds[name].length}`
            + `${dims ? ` for dims ${dims.join(" x ")}` : ""}.`);
        }
        tensors[name] = new window.ort.Tensor("float32", feeds[name], whole);
      }
      const found = await this.session.run(tensors);
      const all = {};
      for (const name of this.session.outputNames) all[name] = { data: found[name].data, dims: [...found[name].dims] };
      return { ...all[this.session.outputNames[0]], all };
    }
  }

  /** Load a network, such as "acgan-adventurer-64"; `onProgress` is told in words what is being done. */
  function load(name, onProgress = () => {}) {
    return once(networks, name, async () => {
      runtime = runtime || startRuntime(onProgress).catch((problem) => {
        runtime = null;
        throw problem;
      });
      await runtime;
      onProgress(`Reading the network ${name} …`);
      const script = `${name}.js`;
      await loadScript(script);
      const { facts } = parcels.get(name);
      const bytes = await take(name, script);
      onProgress("Making it ready …");
      return new Network(facts, await window.ort.InferenceSession.create(bytes, OPTIONS));
    });
  }

  /** Picture `index` of a result as ImageData, rounded and clipped. */
  function toImageData({ data, dims }, index = 0) {
    const [, channels, height, width] = dims;
    const plane = height * width;
    const image = new ImageData(width, height);
    for (let channel = 0; channel < 3; channel++) {
      const start = (index * channels + channel) * plane;
      for (let i = 0; i < plane; i++) image.data[4 * i + channel] = 127.5 * (data[start + i] + 1);     // rounds and clips
    }
    for (let i = 0; i < plane; i++) image.data[4 * i + 3] = 255;
    return image;
  }

  Object.assign(AvatarStudio, { root, loadScript, provide, load, toImageData });
})();
