/*
 * The panel "Your photograph as a cartoon" of the studio page: a file, a drop or a camera in, a drawing out.
 *
 * The picture stays in the page. Needs core.js, crop.js, warp.js, pictures.js and heads.js; the page names the panel's
 * elements "photo-...".
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const NETWORKS = { cel: "artifygan-cel-128", anime: "geometry-anime-128" };
  const LIVE = { ...NETWORKS, cel: "cartoongan-cel-128-light" };     // for a camera: a quarter of the work
  const FACES = "landmarks-faces";
  const OPENING = 5;            // the rendered head with which the panel opens
  const STEP = 0.02;            // of the square, by an arrow key
  const COUNTED = 8;            // pictures of a camera over which the speed is told
  const { crop, pictures, heads } = AvatarStudio;
  const at = (name) => document.getElementById(`photo-${name}`);
  const tell = (text) => { at("status").textContent = text; };

  /** The panel. `picture` is {image, width, height, mirrored, hidden}: hidden has a rendered head's own drawings. */
  class PhotoPanel {
    constructor() {
      this.picture = null;
      this.square = null;
      this.camera = null;           // the stream of a camera that is on
      this.wanted = false;          // whether something has changed since the last drawing began
      this.drawing = false;
      this.connectSources();
      this.connectSquare();
      this.connectResult();
    }

    look() {
      return document.querySelector("input[name=photo-look]:checked").value;
    }

    connectSources() {
      at("file").addEventListener("change", (event) => this.read(event.target.files[0]));
      for (const kind of ["dragover", "drop"]) {
        at("panel").addEventListener(kind, (event) => {
          event.preventDefault();
          if (kind === "drop") this.read(event.dataTransfer.files[0]);
        });
      }
      at("camera").addEventListener("click", () => (this.camera ? this.stopCamera() : this.startCamera()));
      heads.pictures.forEach((head, i) => {
        const button = pictures.pictureButton(`Rendered head ${i + 1}`, 96, () => this.takeHead(head));
        this.open(head.photo).then((image) => button.firstChild.getContext("2d").drawImage(image, 0, 0, 96, 96));
        at("heads").append(button);
      });
    }

    connectSquare() {
      const canvas = at("source");
      at("zoom").addEventListener("input", () => this.zoom(1 - at("zoom").value));
      at("find").addEventListener("click", () => this.find());
      let held = null;
      canvas.addEventListener("pointerdown", (event) => {
        held = event;
        canvas.setPointerCapture(event.pointerId);
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!held) return;
        const share = canvas.getBoundingClientRect().width;
        this.move((held.clientX - event.clientX) / share, (held.clientY - event.clientY) / share);
        held = event;
      });
      for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = null; });
      canvas.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
        if (!step) return;
        event.preventDefault();
        this.move(...step);
      });
    }

    connectResult() {
      for (const choice of document.querySelectorAll("input[name=photo-look], #photo-size")) {
        choice.addEventListener("change", () => this.redraw());
      }
      at("compare").addEventListener("input", () => at("result-box").style.setProperty("--at", `${at("compare").value}%`));
      at("save").addEventListener("click", () => pictures.save(this.drawn, 512, `${this.look()}.png`));
    }

    /** A picture from an address. */
    open(address) {
      return new Promise((done, fail) => {
        const image = new Image();
        image.onload = () => done(image);
        image.onerror = () => fail(new Error("this picture cannot be read"));
        image.src = address;
      });
    }

    /** Take a file of the reader's, turned as the camera was held. */
    async read(file) {
      if (!file) return;
      this.stopCamera();
      try {
        const image = await createImageBitmap(file, { imageOrientation: "from-image" });
        this.take({ image, width: image.width, height: image.height });
      } catch {
        tell(`${file.name} is no picture that this browser reads: JPEG, PNG and WebP are.`);
        return;
      }
      await this.find();
    }

    /** Take a rendered head, whose crop is right as it is and whose drawings are known. */
    async takeHead(head) {
      this.stopCamera();
      const image = await this.open(head.photo);
      const hidden = { cel: await this.open(head.cel), anime: await this.open(head.anime) };
      this.take({ image, width: image.width, height: image.height, hidden });
      await this.redraw();
    }

    async startCamera() {
      try {
        this.camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      } catch (problem) {
        tell(`No camera: ${problem.message || problem.name}.`);
        return;
      }
      const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
      video.srcObject = this.camera;
      await video.play();
      at("camera").textContent = "Stop the camera";
      this.take({ image: video, width: video.videoWidth, height: video.videoHeight, mirrored: true });
      await this.find();
      this.watch(video);
    }

    stopCamera() {
      if (!this.camera) return;
      this.camera.getTracks().forEach((track) => track.stop());
      this.camera = null;
      at("camera").textContent = "Camera, live";
      at("speed").textContent = "";
    }

    /** Draw picture after picture of a camera, and tell how many there are in a second. */
    async watch(video) {
      const times = [];
      while (this.camera && this.picture.image === video) {
        await new Promise((done) => requestAnimationFrame(done));
        await this.redraw();
        times.push(performance.now());
        if (times.length > COUNTED) {
          const rate = COUNTED * 1000 / (times[times.length - 1] - times.shift());
          at("speed").textContent = `${rate.toFixed(1)} pictures a second`;
        }
      }
    }

    take(picture) {
      this.picture = picture;
      const side = Math.min(picture.width, picture.height);
      this.setSquare({ x: (picture.width - side) / 2, y: (picture.height - side) / 2, side });
      at("stage").hidden = false;
      at("hidden").hidden = !picture.hidden;
    }

    setSquare(square) {
      this.square = crop.inside(square, this.picture);
      at("zoom").value = 1 - this.square.side / Math.min(this.picture.width, this.picture.height);
    }

    /** Move the square by shares of its side; what is mirrored moves the other way. */
    move(across, down) {
      const { x, y, side } = this.square;
      this.setSquare({ x: x + (this.picture.mirrored ? -across : across) * side, y: y + down * side, side });
      this.redraw();
    }

    zoom(share) {
      const side = share * Math.min(this.picture.width, this.picture.height);
      const { x, y, side: old } = this.square;
      this.setSquare({ x: x + (old - side) / 2, y: y + (old - side) / 2, side });
      this.redraw();
    }

    /** Lay the square around the face, and draw. */
    async find() {
      tell("Looking for the face …");
      const network = await AvatarStudio.load(FACES, tell);
      const { square, found } = await crop.findFace(network, this.picture, heads.frame, this.square);
      this.setSquare(square);
      await this.redraw();
      tell(found ? "A face was found; the square lies as the networks have learnt it."
        : "No face was found for sure. Move the square yourself: eyes a little above its middle, hair and neck inside.");
    }

    /** Draw what is wanted now; while a drawing is under way, once more after it. */
    async redraw() {
      this.wanted = true;
      if (this.drawing || !this.picture) return;
      this.drawing = true;
      try {
        while (this.wanted) {
          this.wanted = false;
          await this.draw();
        }
      } catch (problem) {
        tell(`Not drawn: ${problem.message}`);
      } finally {
        this.drawing = false;
      }
    }

    /** The picture of the square with its face's landmarks moved, where a network wants them so. */
    async deformed(image, size, transport) {
      if (!transport) return image;
      const faces = await AvatarStudio.load(FACES, tell);
      const canvas = Object.assign(document.createElement("canvas"), { width: faces.facts.size, height: faces.facts.size });
      crop.paint(canvas, this.picture, this.square, this.picture.mirrored);
      const { all } = await faces.run({ image: crop.numbers(canvas) });
      return AvatarStudio.warp.deform(image, size, all.points.data, canvas.width, transport);
    }

    async draw() {
      const { picture, square } = this;
      const look = this.look();
      const network = await AvatarStudio.load((this.camera ? LIVE : NETWORKS)[look], tell);
      const size = at("size").value * network.facts.size;       // as it has learnt, half or twice
      for (const name of ["source", "over"]) crop.paint(at(name), picture, square, picture.mirrored);
      const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
      crop.paint(canvas, picture, square, picture.mirrored);
      const began = performance.now();
      const image = await this.deformed(crop.numbers(canvas), size, network.facts.transport);
      const found = await network.run({ image }, [1, 3, size, size]);
      this.drawn = AvatarStudio.toImageData(found);
      pictures.paint(at("result"), this.drawn, `The picture as ${look === "cel" ? "a cel drawing" : "an anime drawing"}`);
      if (picture.hidden) {
        at("hidden-drawing").getContext("2d").drawImage(picture.hidden[look], 0, 0, 256, 256);
        tell(`A rendered head, drawn in ${(performance.now() - began).toFixed(0)} ms. Beside it is the drawing that no training saw.`);
      } else if (!this.camera) {
        tell(`Drawn in ${(performance.now() - began).toFixed(0)} ms.`);
      }
    }
  }

  /** Load the networks, then show the panel with the first rendered head. */
  async function start() {
    at("start").disabled = true;
    try {
      const name = document.querySelector("input[name=photo-look]:checked").value;
      await AvatarStudio.load(NETWORKS[name], (text) => { at("progress").textContent = text; });
      at("welcome").hidden = true;
      at("panel").hidden = false;
      AvatarStudio.photo = new PhotoPanel();
      await AvatarStudio.photo.takeHead(heads.pictures[OPENING]);
      at("file").focus();
    } catch (problem) {
      at("progress").textContent = problem.message;
      at("start").disabled = false;
    }
  }

  at("start").addEventListener("click", start);
})();
