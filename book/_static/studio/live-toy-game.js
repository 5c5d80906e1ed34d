/*
 * Chapter 1's game in the page: the reader makes the moves of both players and sees what each does to the other.
 *
 * Moves wait in a line and are made a few at a time, one frame playing and the next one drawing, so that the
 * page never stands still; out of sight the game rests.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const PARTS = ["live-style.js", "noise.js", "toy-networks.js", "toy-game.js", "toy-drawing.js"];
  const [FAKES, REALS, ARROWS] = [500, 250, 60];      // shown; modes are counted on these fakes
  const PLAYING = 9;              // milliseconds of a frame
  const PATIENCE = 500;           // milliseconds between pictures of a running game for who asked for less motion
  const HTML = `
    <div class="toy-stage">
      <canvas class="toy-plane" role="img" aria-label="The plane of the game; what it shows is told below"></canvas>
      <div class="toy-controls">
        <div class="toy-buttons" role="group" aria-label="Moves">
          <button type="button" data-move="d">Step D</button>
          <button type="button" data-move="g">Step G</button>
          <button type="button" data-move="round">Round</button>
          <button type="button" data-move="run">Run</button>
          <button type="button" data-move="anew">Start anew</button>
        </div>
        <div class="toy-fields">
          <label>A press makes<select name="times"><option value="1">1 move</option><option value="10">10 moves</option>
            <option value="50" selected>50 moves</option></select></label>
          <label>Loss<select name="loss"></select></label>
          <label class="toy-wide">Walk<select name="walk"><option value="0.5">Adam, momentum 0.5</option>
            <option value="0.9">Adam, momentum 0.9</option><option value="plain" selected>plain descent for G</option>
            </select></label>
          <label>Lessons a round<select name="lessons"><option>1</option><option>2</option><option>5</option>
            </select></label>
          <label>Seed<input name="seed" type="number" min="0" max="9999" step="1" value="0"></label>
        </div>
        <dl>
          <div><dt>lessons for D, steps of G</dt><dd data-dial="moves"></dd></div>
          <div><dt>D on real points</dt><dd data-dial="onReal"></dd></div>
          <div><dt>D on fakes</dt><dd data-dial="onFake"></dd></div>
          <div><dt>mean pull on a fake</dt><dd data-dial="pull"></dd></div>
          <div><dt>modes reached</dt><dd data-dial="modes"></dd></div>
          <div><dt>fakes near one</dt><dd data-dial="near"></dd></div>
          <div><dt>fakes outside the picture</dt><dd data-dial="outside"></dd></div>
        </dl>
        <p role="status"></p>
      </div>
      <div class="toy-curves">
        <p><b>○</b> real point, <b>×</b> fake. Arrow: where the loss pulls a fake, as long as the pull is strong, up to a
          limit. Ground: blue where D says “real”, orange “fake”, with a line where it says 1/2. Large circle: a mode,
          dashed while it is missed.</p>
        <p>Losses of <b>D</b> (solid) and <b>G</b> (dashed); dotted, where every answer is 1/2:</p>
        <canvas class="toy-losses" role="img" aria-label="Curves of both losses over the moves"></canvas>
        <p>Modes reached:</p>
        <canvas class="toy-modes" role="img" aria-label="Curve of the modes reached over the moves"></canvas>
      </div>
    </div>`;

  /** 0.0021 as "0.0021", 0.4637 as "0.46". */
  const twoDigits = (value) => (value > 9999 ? "above 9999" : String(Number(value.toPrecision(2))));
  const percent = (share) => `${Math.round(100 * share)} %`;

  /** One move of a game: its row of the history, with null for a player who sleeps. */
  function move(game, kind, lessons) {
    const row = { d: null, g: null };
    for (let k = 0; k < { d: 1, g: 0, round: lessons }[kind]; k++) row.d = game.stepD();
    if (kind !== "d") row.g = game.stepG();
    return row;
  }

  /** The game on the page. */
  class Panel {
    /** @param {HTMLElement} place */
    constructor(place) {
      place.innerHTML = HTML;
      this.at = (selector) => place.querySelector(selector);
      this.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
      Object.assign(this, { stale: false, inSight: false, frameAsked: false, drawnAt: -Infinity });
      const { LOSSES } = AvatarStudio.toyNetworks;
      this.field("loss").append(...Object.keys(LOSSES).map((name) => new Option(name)));
      this.field("loss").value = "minimax";
      this.start();
      place.addEventListener("click", ({ target }) => target.dataset.move && this.press(target.dataset.move));
      this.field("seed").addEventListener("change", () => this.start());
      this.field("walk").addEventListener("change", ({ target }) => this.game.choose(target.value));
      this.field("loss").addEventListener("change", ({ target }) => this.changeLoss(target.value));
      new ResizeObserver(() => this.touch()).observe(this.at(".toy-plane"));
      new IntersectionObserver(([{ isIntersecting }]) => {
        this.inSight = isIntersecting;
        this.wake();
      }).observe(place.firstElementChild);
    }

    /** An input by its name. */
    field(name) {
      return this.at(`[name="${name}"]`);
    }

    /** A new game from the seed, by the rules as they stand. */
    start() {
      const seed = Math.max(0, Math.floor(Number(this.field("seed").value) || 0));
      this.field("seed").value = seed;
      this.game = new AvatarStudio.toyGame.ToyGame(seed, this.field("loss").value, this.field("walk").value);
      Object.assign(this, { history: [], made: { d: 0, g: 0 }, waiting: [], over: false });
      this.rest();
    }

    /** Another loss, in the middle of the game: the arrows change at once. */
    changeLoss(name) {
      this.game.loss = name;
      if (!this.waiting.length) this.rest();
      this.touch();
    }

    /** A button was pressed. */
    press(kind) {
      const running = this.waiting.some(({ left }) => left === Infinity);
      if (kind === "anew") return this.start();
      if (running) this.waiting = [];
      if (running && kind === "run") return this.rest();
      if (this.over) return this.rest();
      const left = kind === "run" ? Infinity : Number(this.field("times").value);
      this.waiting.push({ kind: kind === "run" ? "round" : kind, left });
      this.at('[data-move="run"]').textContent = left === Infinity ? "Pause" : "Run";
      if (left === Infinity) this.at('[role="status"]').textContent = "The game runs.";
      this.wake();
    }

    /** The picture is no longer that of the game. */
    touch() {
      this.stale = true;
      this.wake();
    }

    /** Ask for a frame if there is something to do and somebody to see it. */
    wake() {
      if (this.frameAsked || !this.inSight || !(this.stale || this.waiting.length)) return;
      this.frameAsked = true;
      requestAnimationFrame((now) => {
        this.frameAsked = false;
        const patient = this.calm.matches && this.waiting.length > 0 && now - this.drawnAt < PATIENCE;
        if (this.stale && !patient) this.draw(now);
        else this.play();
        this.wake();
      });
    }

    /** Make some of the moves that wait. */
    play() {
      const [first] = this.waiting;
      const lessons = Number(this.field("lessons").value);
      const end = performance.now() + PLAYING;
      while (first.left > 0 && !this.over && performance.now() < end) {
        const row = move(this.game, first.kind, lessons);
        this.history.push({ ...row, modes: this.view.modes });
        this.made.d += { d: 1, g: 0, round: lessons }[first.kind];
        this.made.g += first.kind === "d" ? 0 : 1;
        this.over = ![row.d ?? 0, row.g ?? 0].every(Number.isFinite);
        first.left -= 1;
      }
      this.stale = true;
      if (this.over) this.waiting = [];
      else if (first.left === 0) this.waiting.shift();
      if (!this.waiting.length) this.rest();
    }

    /** Nothing moves any more: once it is drawn, say what there is to see. */
    rest() {
      this.at('[data-move="run"]').textContent = "Run";
      this.tell = true;
      this.touch();
    }

    /** Draw all as it stands. */
    draw(now) {
      const { toyNetworks: { LOSSES, forward }, toyGame: { noiseOf, realOf }, toyDrawing } = AvatarStudio;
      const [noise, real] = [noiseOf("toy shown fakes", FAKES), realOf("toy shown real", REALS)];
      this.view = this.game.look(noise, real, toyDrawing.EXTENT);
      const outputs = forward(this.game.discriminator, toyDrawing.PLACES).at(-1);
      toyDrawing.drawPlane(this.at(".toy-plane"), outputs, LOSSES[this.game.loss], real, this.view, ARROWS);
      const { equilibrium } = LOSSES[this.game.loss];
      toyDrawing.drawHistory(this.at(".toy-losses"), this.at(".toy-modes"), this.history, equilibrium);
      this.showDials();
      Object.assign(this, { stale: false, drawnAt: now });
      if (this.tell) this.at('[role="status"]').textContent = this.inWords();
      this.tell = false;
    }

    /** Write the numbers beside the picture. */
    showDials() {
      const { onReal, onFake, pull, modes, near, outside } = this.view;
      const shown = { moves: `${this.made.d} and ${this.made.g}`, onReal: onReal.toFixed(3), onFake: onFake.toFixed(3),
        pull: twoDigits(pull), modes: `${modes} of 8`, near: percent(near), outside: percent(outside) };
      for (const [name, text] of Object.entries(shown)) {
        this.at(`[data-dial="${name}"]`).textContent = text.replace("NaN", "–");
      }
    }

    /** What there is to see. */
    inWords() {
      if (this.over) return "The fakes have run off to infinity, where no number reaches. Start anew.";
      const { onReal, onFake, pull, modes, outside } = this.view;
      const { d, g } = this.made;
      return `After ${d} lessons for D and ${g} steps of G, D answers ${onReal.toFixed(2)} on real points and `
        + `${onFake.toFixed(2)} on fakes. The mean pull on a fake is ${twoDigits(pull)}`
        + `${pull < 0.02 ? ", too little for an arrow" : ""}. ${modes} of 8 modes reached`
        + `${outside > 0 ? `, ${percent(outside)} of the fakes outside the picture` : ""}.`;
    }
  }

  AvatarStudio.live["toy-game"] = async (place, run) => {
    for (const part of PARTS) await run(part);
    AvatarStudio.toyPanel = new Panel(place);
  };
})();
