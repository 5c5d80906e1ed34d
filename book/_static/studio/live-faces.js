/*
 * Chapter 2's generator in the page: its faces, the neighbours of one, the way between two, and two vectors to add.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const PARTS = ["core.js", "noise.js", "pictures.js", "latent.js", "painter.js"];
  const [TWELVE, SURVEYED, EXTREMES] = [12, 256, 32];       // the vectors: from the 32 most and least of 256 faces
  const FIRST_DISTANCE = 0.4;                               // at which a new centre shows its neighbours
  const [CENTRE, END] = [5, 10];    // the first centre and A has short hair and no red: the vectors can change both
  const VECTORS = ["hair", "shirt"];
  const figure = (name, words) => `<figure><canvas data-of="${name}" width="256" height="256" role="img"
    aria-label="${words}"></canvas><figcaption>${words}</figcaption></figure>`;
  const slider = (name, words, least, most, value) => `<label>${words} <span data-of="${name}"></span>
    <input type="range" name="${name}" min="${least}" max="${most}" step="0.05" value="${value}"></label>`;
  const WELCOME = `
    <div class="live">
      <p>Nothing is loaded yet. <em>Start</em> reads the chapter's generator and the program that runs it, together 9 MB,
        from the files of this book.</p>
      <button type="button">Start</button>
      <p role="status"></p>
    </div>`;
  const PANEL = `
    <div class="live faces">
      <fieldset>
        <legend>The generator</legend>
        <label><input type="radio" name="network" value="dcgan-avataaars-64" checked> this chapter's DCGAN</label>
        <label><input type="radio" name="network" value="r3-dcgan-avataaars-64"> chapter 6's: the same layers, half as wide,
          from another game (1.4 MB more)</label>
        <p role="status">A face that you press becomes the centre.</p>
      </fieldset>
      <fieldset class="faces-sheet">
        <legend>Twelve faces</legend>
        <div class="faces-twelve" role="group" aria-label="Twelve faces; a press makes one the centre"></div>
        ${figure("centre", "the centre")}
        <div>
          ${slider("distance", "How far the twelve are from the centre", 0, 1, 1)}
          <div class="live-row">
            <button type="button" data-do="others">Twelve others</button>
            <button type="button" data-do="pinA">Use it as A</button>
            <button type="button" data-do="pinB">Use it as B</button>
          </div>
        </div>
      </fieldset>
      <fieldset class="faces-walk">
        <legend>From A to B</legend>
        ${figure("a", "A")} ${figure("way", "between")} ${figure("b", "B")}
        <div>
          ${slider("share", "The way from A to B", 0, 1, 0.5)}
          <div class="live-row">
            <label><input type="radio" name="path" value="slerp" checked> on the arc</label>
            <label><input type="radio" name="path" value="lerp"> on the line</label>
          </div>
          <p><output data-of="walked"></output></p>
        </div>
      </fieldset>
      <fieldset class="faces-sum">
        <legend>Hair and shirt</legend>
        ${figure("sum", "the centre plus the vectors")}
        <div>
          <button type="button" data-do="survey">Find the vectors (draws 256 faces)</button>
          ${slider("hair", "Times the hair vector", -1, 1.5, 0)}
          ${slider("shirt", "Times the shirt vector", -1, 1.5, 0)}
          <p><output data-of="scores"></output></p>
        </div>
      </fieldset>
    </div>`;

  /** The piece once its network is there. */
  class Faces {
    /** @param {HTMLElement} place */
    constructor(place, network) {
      place.innerHTML = PANEL;
      this.at = (selector) => place.querySelector(selector);
      this.painter = new AvatarStudio.Painter(place.firstElementChild, (problem) => this.tell(problem.message));
      this.painter.network = network;
      this.vectors = new Map();         // name of a network -> [hair, shirt]
      this.pictures = {};               // the numbers of what a canvas shows
      this.sheet = 0;
      this.buttons = Array.from({ length: TWELVE }, (_, i) => AvatarStudio.pictures.pictureButton("", 128,
        () => this.take(this.twelve[i])));
      this.at(".faces-twelve").append(...this.buttons);
      [this.centre, this.a, this.b] = [CENTRE, CENTRE, END].map((face) => this.noise(face));
      place.addEventListener("click", ({ target }) => target.dataset.do && this[target.dataset.do]());
      place.addEventListener("input", ({ target }) => this.changed(target));
      this.drawAll();
    }

    field(name) {
      return this.at(`[name="${name}"]`);
    }

    value(name) {
      return Number(this.field(name).value);
    }

    /** Write the status, or one of the outputs beside the controls. */
    tell(words, of = null) {
      this.at(of ? `[data-of="${of}"]` : "[role=status]").textContent = words;
    }

    noise(face) {
      return AvatarStudio.noise.normal(`face ${face}`, this.painter.network.facts.latent);
    }

    /** Draw everything: the network is a new one. */
    drawAll() {
      this.drawTwelve();
      this.drawCentre();
      this.drawEnds();
    }

    /** Show the face of z on a canvas; a promise of its numbers. */
    async paint(canvas, z) {
      const drawn = await this.painter.draw(canvas, z);
      AvatarStudio.pictures.paint(canvas, AvatarStudio.toImageData(drawn));
      return drawn.data;
    }

    /** Show the face of z on the canvas of a name, and keep its numbers. */
    async show(name, z) {
      this.pictures[name] = await this.paint(this.at(`canvas[data-of="${name}"]`), z);
    }

    /** The sheet: strangers at distance 1, else neighbours of the centre. */
    drawTwelve() {
      const distance = this.value("distance");
      const faces = this.buttons.map((_, i) => TWELVE * this.sheet + i + 1);
      this.twelve = faces.map((face) => AvatarStudio.latent.near(this.centre, this.noise(face), distance));
      this.tell(distance === 1 ? "1, strangers" : distance.toFixed(2), "distance");
      this.buttons.forEach((button, i) => {
        button.title = distance === 1 ? `Face ${faces[i]}` : `Neighbour ${i + 1}`;
        button.setAttribute("aria-label", button.title);
        this.paint(button.firstElementChild, this.twelve[i]);
      });
    }

    drawCentre() {
      this.show("centre", this.centre).then(() => this.tellScores());
      this.drawSum();
    }

    drawEnds() {
      this.show("a", this.a);
      this.show("b", this.b);
      this.drawWay();
    }

    /** What lies between A and B, and what the chapter measures of it. */
    async drawWay() {
      const { noise, latent: { lengthOf, contrast } } = AvatarStudio;
      const z = noise[this.at("[name=path]:checked").value](this.a, this.b, this.value("share"));
      this.tell(`${Math.round(100 * this.value("share"))} %`, "share");
      await this.show("way", z);
      const [here, a, b] = [z, this.a, this.b].map((point) => lengthOf(point).toFixed(1));
      this.tell(`Length of the noise ${here} (A ${a}, B ${b}); contrast of the picture `
        + `${contrast(this.pictures.way).toFixed(2)}.`, "walked");
    }

    /** The centre plus the vectors, if they are known. */
    drawSum() {
      const vectors = this.vectors.get(this.painter.network.facts.name);
      this.at("[data-do=survey]").hidden = Boolean(vectors);
      for (const name of VECTORS) {
        this.field(name).disabled = !vectors;
        if (!vectors) this.field(name).value = 0;
        this.tell(this.value(name).toFixed(2), name);
      }
      const amounts = VECTORS.map((name) => this.value(name));
      const z = vectors ? AvatarStudio.latent.added(this.centre, vectors, amounts) : this.centre;
      this.show("sum", z).then(() => this.tellScores());
    }

    /** The chapter's two scores of the centre, and what the vectors have made of them. */
    tellScores() {
      const { centre, sum } = this.pictures;
      if (!centre || !sum) return;
      const { longHair, redShirt } = AvatarStudio.latent;
      const change = (score) => `${score(centre).toFixed(2)} → ${score(sum).toFixed(2)}`;
      this.tell(`long_hair ${change(longHair)}, red_shirt ${change(redShirt)}`, "scores");
    }

    /** A face was pressed: it becomes the centre, and twelve new ones its neighbours. */
    take(z) {
      this.centre = z;
      if (this.value("distance") === 1) this.field("distance").value = FIRST_DISTANCE;
      this.drawCentre();
      this.others();
      this.tell("This face is the centre now, and the twelve are its neighbours.");
    }

    others() {
      this.sheet += 1;
      this.drawTwelve();
    }

    pinA() {
      this.a = this.centre;
      this.drawEnds();
      this.tell("The centre is A, too.");
    }

    pinB() {
      this.b = this.centre;
      this.drawEnds();
      this.tell("The centre is B, too.");
    }

    /** Draw many faces, score them, and keep the vectors, unless another network is chosen meanwhile. */
    async survey() {
      const { network } = this.painter;
      if (this.surveyed === network) return;
      this.surveyed = network;
      const { longHair, redShirt, direction } = AvatarStudio.latent;
      const noise = Array.from({ length: SURVEYED }, (_, i) => this.noise(`surveyed ${i}`));
      const scores = [[], []];
      for (let i = 0; i < SURVEYED && this.surveyed === network; i++) {
        if (i % EXTREMES === 0) this.tell(`Drawing ${SURVEYED} faces and scoring them: ${i} are done.`, "scores");
        const { data } = await this.painter.draw("survey", noise[i]);
        [longHair, redShirt].forEach((score, which) => scores[which].push(score(data)));
      }
      if (this.surveyed !== network) return;
      this.vectors.set(network.facts.name, scores.map((list) => direction(noise, list, EXTREMES)));
      this.drawSum();
      this.field("hair").focus();
    }

    /** Another generator, with the same noise. */
    async change(name) {
      try {
        const network = await AvatarStudio.load(name, (words) => this.tell(words));
        if (this.at("[name=network]:checked").value !== name) return;
        this.painter.network = network;
        this.surveyed = null;
        this.drawAll();
        this.tell("The same noise, drawn by this generator.");
      } catch (problem) {
        this.tell(problem.message);
      }
    }

    /** A control was moved. */
    changed({ name, value }) {
      if (name === "network") this.change(value);
      else if (name === "distance") this.drawTwelve();
      else if (VECTORS.includes(name)) this.drawSum();
      else this.drawWay();
    }
  }

  AvatarStudio.live.faces = async (place, run) => {
    await run("live-style.js");
    place.innerHTML = WELCOME;
    const [button, status] = ["button", "[role=status]"].map((selector) => place.querySelector(selector));
    button.addEventListener("click", async () => {
      if (button.hasAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      try {
        for (const part of PARTS) await run(part);
        const network = await AvatarStudio.load("dcgan-avataaars-64", (words) => { status.textContent = words; });
        AvatarStudio.faces = new Faces(place, network);
        place.querySelector("input").focus();
      } catch (problem) {
        status.textContent = problem.message;
        button.removeAttribute("aria-disabled");
      }
    });
  };
})();
