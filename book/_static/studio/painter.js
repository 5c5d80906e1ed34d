/*
 * Draws with a network for a piece of a page: one run a frame, whatever waits, and none while the piece is out of sight.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  /** Assign a network to `network` before the first wish, and another one when it is to draw instead. */
  class Painter {
    /**
     * @param {HTMLElement} place - drawn for while it is in sight
     * @param {function(Error)} fail - told when a run has failed
     */
    constructor(place, fail) {
      this.fail = fail;
      this.waiting = new Map();         // who -> {z, done}
      new IntersectionObserver((entries) => {
        this.inSight = entries.at(-1).isIntersecting;
        this.work();
      }).observe(place);
    }

    /** A promise of what the network makes of z. It is never kept if `who` asks again before, or if the run fails. */
    draw(who, z) {
      return new Promise((done) => {
        this.waiting.set(who, { z, done });
        this.work();
      });
    }

    /** Draw what waits, first come first served. */
    async work() {
      if (this.working) return;
      this.working = true;
      while (this.inSight && this.waiting.size) {
        await new Promise(requestAnimationFrame);
        const [who, { z, done }] = this.waiting.entries().next().value;
        this.waiting.delete(who);
        await this.network.run({ z }).then(done, this.fail);
      }
      this.working = false;
    }
  }

  AvatarStudio.Painter = Painter;
})();
