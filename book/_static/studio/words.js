/*
 * The panel "From words to an avatar" of the studio page: its controls, and what is drawn when they change.
 *
 * The last of the scripts that the page loads. Nothing large is fetched before the reader presses Start. The page names
 * all elements of the panel "studio-...".
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const NETWORK = "acgan-adventurer-64";
  const KEPT = 24;              // avatars in the gallery
  const NEIGHBOURS = 9;
  const WISH = "a smiling girl with long teal hair and green eyes, no glasses";     // with which chapter 5 begins
  const FACE = 15;              // drawn well, unlike face 1
  const LARGE = 512;            // pixels of the larger file
  const { designs, links, noise, pictures } = AvatarStudio;
  const at = (name) => document.getElementById(`studio-${name}`);
  const pause = () => new Promise((done) => setTimeout(done));      // lets the page answer its reader
  const dice = () => Math.floor(Math.random() * (designs.SEEDS + 1));

  /** The panel. An avatar is {key, design, spot, words, image}: its key is the design as a link has it. */
  class WordsPanel {
    constructor(network) {
      this.network = network;
      this.design = designs.withText({ ...designs.fresh(), face: FACE }, WISH);
      this.now = null;              // the avatar on the right
      this.settled = null;          // the last one that was no passing stage of a slider or of typing
      this.ends = {};               // avatars pinned as "a" and "b"
      this.sheet = 0;               // which nine of the neighbours
      this.newest = 0;
      this.busy = Promise.resolve();
      this.switches = AvatarStudio.makeSwitches(at("tags"), (tag, state) => this.change(
        designs.withSwitch(this.design, tag, state)));
      this.connectFace();
      this.connectWander();
      this.connectWay();
      this.connectKeeping();
      this.connectWords();
    }

    /** Do something on a click. */
    click(name, action) {
      at(name).addEventListener("click", action);
    }

    /** Take over some fields of a design, and leave the way between A and B. */
    alter(fields, settle = true) {
      this.change({ ...this.design, between: null, ...fields }, settle);
    }

    /**
     * Take over a design: the controls at once, the picture as soon as it can be. Of several the newest wins, and those
     * not yet begun are dropped. With `settle` it is no passing stage: it goes to the gallery, and the next one is
     * compared with it.
     */
    change(design, settle = true) {
      this.design = design;
      const avatar = this.plan(design);
      this.switches.show(design.switches, avatar.spot.tags);
      this.showNumbers(design);
      AvatarStudio.showReading(at("typed"), at("reading"), design);
      at("note").textContent = "";
      at("panel").setAttribute("aria-busy", "true");
      const mine = ++this.newest;
      this.busy = this.busy.then(() => this.draw(avatar, settle, mine)).catch((problem) => {
        at("note").textContent = `Not drawn: ${problem.message}`;
      }).then(() => {
        if (mine === this.newest) at("panel").removeAttribute("aria-busy");
      });
      return this.busy;
    }

    /** The avatar of a design, without its picture. */
    plan(design) {
      const spot = designs.spotOf(design, this.network.facts.latent);
      const words = `${design.between ? "between A and B, nearest to " : ""}${designs.inWords(spot.tags)}`;
      return { key: links.write(design), design, spot, words };
    }

    /** Draw an avatar unless a newer one waits, and then its neighbours if they are looked at. */
    async draw(avatar, settle, mine) {
      await pause();
      if (mine !== this.newest) return;
      await this.picture(avatar);
      this.show(avatar, settle);
      for (let i = 0; settle && at("wander").open && i < NEIGHBOURS; i++) {
        await pause();
        if (mine !== this.newest) return;
        const path = [...avatar.design.path, this.sheet * NEIGHBOURS + i + 1];
        const neighbour = this.plan({ ...avatar.design, between: null, path });
        await this.picture(neighbour);
        pictures.paint(this.neighbours[i].firstChild, neighbour.image);
      }
    }

    /** Give an avatar its picture; the one on the page is not drawn again. */
    async picture(avatar) {
      if (this.now && this.now.key === avatar.key) {
        avatar.image = this.now.image;
        return;
      }
      const began = performance.now();
      avatar.image = AvatarStudio.toImageData(await this.network.run(avatar.spot));
      at("speed").textContent = `${(performance.now() - began).toFixed(0)} ms`;
    }

    /** Put an avatar on the page, beside the last settled one. */
    show(avatar, settle) {
      const before = this.settled;
      if (before && before.key !== avatar.key) {
        pictures.paint(at("before"), before.image, `The avatar before, asked to show: ${before.words}`);
        at("changed").textContent = designs.difference(before, avatar);
      }
      pictures.paint(at("now"), avatar.image, `Cartoon avatar, asked to show: ${avatar.words}`);
      const status = `${avatar.words[0].toUpperCase()}${avatar.words.slice(1)}.`;
      if (at("status").textContent !== status) at("status").textContent = status;     // or it would be read out again
      this.now = avatar;
      if (settle) this.settle(avatar);
    }

    /** Let the controls that are no switches say what a design says. */
    showNumbers(design) {
      const fields = { text: design.text, face: design.face, bold: design.bold };
      for (const [name, value] of Object.entries(fields)) {
        if (at(name).value !== String(value)) at(name).value = value;
      }
      at("bold-value").textContent = `${design.bold.toFixed(2)} times`;
      at("walked").textContent = design.path.length
        ? `${design.path.length} ${design.path.length === 1 ? "step" : "steps"} away from face ${design.face}.` : "";
      at("way").disabled = !(this.ends.a && this.ends.b);
      at("way-value").textContent = design.between ? `${Math.round(100 * design.between.share)} % of the way` : "";
      at("step").textContent = noise.stepAfter(design.path.length).toFixed(2);
    }

    /** Remember an avatar in the gallery, the newest first. */
    settle(avatar) {
      if (this.settled && this.settled.key === avatar.key) return;
      this.settled = avatar;
      const gallery = at("gallery");
      if ([...gallery.children].some((button) => button.dataset.key === avatar.key)) return;
      const button = pictures.pictureButton(`bring back: ${avatar.words}, face ${avatar.design.face}`, 128, () => {
        this.change(avatar.design);
      });
      button.dataset.key = avatar.key;
      pictures.paint(button.firstChild, avatar.image);
      gallery.prepend(button);
      while (gallery.children.length > KEPT) gallery.lastChild.remove();
    }

    /** The description: read and drawn at each letter, settled when the reader leaves the box or chooses an example. */
    connectWords() {
      const box = at("text");
      const tell = (settle) => {
        try {
          this.change(designs.withText(this.design, box.value), settle);
        } catch (problem) {
          at("note").textContent = `Nothing was changed: ${problem.message}`;
        }
      };
      box.addEventListener("input", () => tell(false));
      box.addEventListener("change", () => tell(true));
      for (const example of at("examples").querySelectorAll("button")) {
        example.addEventListener("click", () => {
          box.value = example.textContent;
          tell(true);
        });
      }
    }

    /** Noise and chance. */
    connectFace() {
      const goTo = (face) => this.alter({ face: Math.min(designs.SEEDS, Math.max(0, Math.round(face))), path: [] });
      this.click("new-avatar", () => this.alter({ face: dice(), chance: dice(), path: [] }));
      this.click("new-face", () => goTo(dice()));
      this.click("new-tags", () => this.alter({ chance: dice() }));
      this.click("previous", () => goTo(this.design.face - 1));
      this.click("next", () => goTo(this.design.face + 1));
      at("face").addEventListener("change", () => goTo(Number(at("face").value) || 0));
      at("bold").addEventListener("input", () => this.alter({ bold: Number(at("bold").value) }, false));
      at("bold").addEventListener("change", () => this.alter({ bold: Number(at("bold").value) }));
      this.click("all-chance", () => this.alter({ switches: {}, text: "" }));
      this.click("hold", () => this.change(designs.holding(this.design, this.now.spot.tags)));
    }

    /** Nine neighbours of the face; one that is taken becomes the face, and the next nine are nearer. */
    connectWander() {
      this.neighbours = Array.from({ length: NEIGHBOURS }, (_, i) => pictures.pictureButton(
        `take neighbour ${i + 1}`, 192, () => {
          const choice = this.sheet * NEIGHBOURS + i + 1;
          this.sheet = 0;
          this.alter({ path: [...this.design.path, choice] });
        }));
      at("neighbours").append(...this.neighbours);
      at("wander").addEventListener("toggle", () => at("wander").open && this.change(this.design));
      this.click("other-nine", () => {
        this.sheet += 1;
        this.change(this.design);
      });
      this.click("walk-back", () => {
        this.sheet = 0;
        this.alter({ path: this.design.path.slice(0, -1) });
      });
    }

    /** From one pinned avatar to another. */
    connectWay() {
      for (const end of ["a", "b"]) {
        this.click(`pin-${end}`, () => {
          this.ends[end] = this.now.design;
          pictures.paint(at(`end-${end}`), this.now.image, `${end.toUpperCase()}: ${this.now.words}`);
          this.showNumbers(this.design);
        });
      }
      const go = (settle) => this.alter({ between: {
        a: this.ends.a, b: this.ends.b, share: Number(at("way").value) } }, settle);
      at("way").addEventListener("input", () => go(false));
      at("way").addEventListener("change", () => go(true));
    }

    /** Files, links, and the failures, which are links, too. */
    connectKeeping() {
      for (const [name, size] of [["save-small", this.network.facts.size], ["save-large", LARGE]]) {
        at(name).textContent = `Save PNG, ${size} pixels`;
        this.click(name, () => pictures.save(this.now.image, size, `avatar-${size}.png`));
      }
      this.click("link", async () => {
        const address = links.addressOf(this.now.design);
        at("address").value = address;
        at("address").hidden = false;
        at("address").select();
        const clipboard = navigator.clipboard;            // not every page may use it
        const copied = clipboard && await clipboard.writeText(address).then(() => true, () => false);
        at("copied").textContent = copied ? "The link is copied." : "The link is selected: copy it from the box.";
      });
      for (const button of at("panel").querySelectorAll("[data-avatar]")) {
        button.addEventListener("click", () => this.change(links.read(button.dataset.avatar)));
      }
      this.click("show-failures", () => {
        at("failures").open = true;
        at("failures").querySelector("summary").focus();
      });
      window.addEventListener("hashchange", () => this.follow());
    }

    /** Show the avatar of the page's address, if there is one. */
    follow() {
      let problem = "";
      try {
        this.design = links.fromAddress() || this.design;
      } catch (error) {
        problem = `The link cannot be followed: ${error.message}`;
      }
      const drawn = this.change(this.design);
      at("note").textContent = problem;
      return drawn;
    }
  }

  /** Fetch the network and show the panel. */
  async function start() {
    const button = at("start");
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");       // not `disabled`: that would take the keyboard's focus away
    try {
      const network = await AvatarStudio.load(NETWORK, (news) => { at("progress").textContent = news; });
      const panel = new WordsPanel(network);
      const focused = document.activeElement === button;
      at("welcome").hidden = true;
      at("panel").hidden = false;
      at("megabytes").textContent = `${network.facts.megabytes} MB`;
      if (focused) at("text").focus();
      await panel.follow();
    } catch (problem) {
      at("progress").textContent = problem.message;
      button.removeAttribute("aria-disabled");
    }
  }

  at("start").addEventListener("click", start);
  if (location.hash.startsWith("#avatar?")) at("words").scrollIntoView();
})();
