/*
 * A design: all that decides an avatar, as plain data. No function here changes a design; each returns a new one.
 *
 * Needs noise.js and the parser (describe.js). `AvatarStudio.designs` holds the functions at the end of this file.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const SEEDS = 999999;                 // faces and chances are numbered 0 to this
  const BOLD = [0.3, 1.5];              // what the noise may be multiplied by
  const NOTHING = { on: [], off: [], explanation: [] };
  const { randomOf, walked, slerp, lerp } = AvatarStudio.noise;

  /**
   * @typedef {Object} Design
   * @property {string} text      the description as typed
   * @property {Object<string, "on"|"off">} switches  tag -> what is asked; a tag that is not named is left to chance
   * @property {number} face      which noise
   * @property {number} chance    which draw of the tags that are left to chance
   * @property {number[]} path    neighbours taken on a walk from that face, see `noise.walked`
   * @property {number} bold      what the noise is multiplied by
   * @property {?{a: Design, b: Design, share: number}} between  if given, the avatar lies on the way from a to b
   */

  /** The design with which the page begins. */
  const fresh = () => ({ text: "", switches: {}, face: 1, chance: 1, path: [], bold: 1, between: null });

  /** The parser's reading of a text; a blank one says nothing. */
  const reading = (text) => (text.trim() ? AvatarStudio.parse(text) : NOTHING);

  /** What a reading says of a tag: "on", "off" or undefined. */
  const said = (found, tag) => (found.on.includes(tag) ? "on" : found.off.includes(tag) ? "off" : undefined);

  /** Tags that one drawing cannot show beside this one: other colours of its group, most other hair styles. */
  function rivals(tag) {
    const { groups, together } = AvatarStudio.vocabulary;
    const members = Object.values(groups).find((tags) => tags.includes(tag)) || [];
    const fits = (other) => together.some((pair) => pair.includes(tag) && pair.includes(other));
    return members.filter((other) => other !== tag && !fits(other));
  }

  /** A design with one switch put to "on", "off" or undefined (chance); rivals that are on go back to chance. */
  function withSwitch(design, tag, state, keep = []) {
    const switches = { ...design.switches };
    delete switches[tag];
    if (state) switches[tag] = state;
    for (const rival of state === "on" ? rivals(tag) : []) {
      if (switches[rival] === "on" && !keep.includes(rival)) delete switches[rival];
    }
    return { ...design, switches, between: null };
  }

  /** A design whose text is another one: what the text newly says, or no longer says, moves its switches. */
  function withText(design, text) {
    const [before, now] = [reading(design.text), reading(text)];
    let changed = { ...design, text, between: null };
    for (const tag of AvatarStudio.vocabulary.tags) {
      if (said(now, tag) !== said(before, tag)) changed = withSwitch(changed, tag, said(now, tag), now.on);
    }
    return changed;
  }

  /** A design that holds these tags (34 numbers): what was chance is switched on or off. */
  function holding(design, tags) {
    const { vocabulary } = AvatarStudio;
    const colours = [...vocabulary.groups["hair colour"], ...vocabulary.groups["eye colour"]];
    const switches = { ...design.switches };
    vocabulary.tags.forEach((tag, i) => {
      if (tags[i] > 0.5) switches[tag] = "on";
      else if (!colours.includes(tag)) switches[tag] = "off";     // a colour that is on shuts the others out
    });
    return { ...design, switches, between: null };
  }

  /** Noise (latent numbers) and tags (34) of a design: what the network is given. */
  function spotOf(design, latent) {
    if (design.between) {
      const { a, b, share } = design.between;
      const [start, end] = [spotOf(a, latent), spotOf(b, latent)];
      return { z: slerp(start.z, end.z, share), tags: lerp(start.tags, end.tags, share) };
    }
    const random = randomOf(`chance ${design.chance}`);
    const states = Object.entries(design.switches);
    const asked = (wanted) => states.filter(([, state]) => state === wanted).map(([tag]) => tag);
    const description = { on: asked("on"), off: asked("off") };
    const tags = AvatarStudio.condition(description, AvatarStudio.sampleTags(random), random);
    return { z: walked(design.face, design.path, latent).map((value) => design.bold * value), tags };
  }

  /** Names of the tags (34 numbers) above one half. */
  const tagNames = (tags) => AvatarStudio.vocabulary.tags.filter((_, i) => tags[i] > 0.5);

  /** An avatar's tags in words: "long aqua hair, green eyes, smile". */
  function inWords(tags) {
    const names = tagNames(tags);
    const colours = names.filter((tag) => AvatarStudio.vocabulary.groups["hair colour"].includes(tag));
    const lengths = names.filter((tag) => tag === "long hair" || tag === "short hair");
    const shades = colours.map((tag) => tag.replace(" hair", "")).join(" and ");
    const hair = [...lengths.map((tag) => tag.replace(" hair", "")), shades, shades ? "hair" : "hair of no colour"];
    const rest = names.filter((tag) => !colours.includes(tag) && !lengths.includes(tag));
    const eyes = rest.filter((tag) => tag.endsWith(" eyes"));
    return [hair.filter(Boolean).join(" "), ...eyes, ...rest.filter((tag) => !eyes.includes(tag))].join(", ");
  }

  /** What differs between two avatars ({design, spot}), for people. */
  function difference(before, after) {
    if (after.design.between) return "Between A and B: noise on the arc, tags on the straight line.";
    const [old, now] = [tagNames(before.spot.tags), tagNames(after.spot.tags)];
    const [gone, come] = [old.filter((tag) => !now.includes(tag)), now.filter((tag) => !old.includes(tag))];
    const same = !before.design.between && before.design.face === after.design.face
      && before.design.path.join() === after.design.path.join();
    const bold = before.design.bold === after.design.bold ? ""
      : ` Noise times ${after.design.bold.toFixed(2)} instead of ${before.design.bold.toFixed(2)}.`;
    if (same && !come.length && !gone.length) return bold.trim() || "The same avatar: only switches moved.";
    const tags = [come.length ? `now with ${come.join(", ")}` : "", gone.length ? `without ${gone.join(", ")}` : ""];
    return `${same ? "Same face" : "Another face"}, ${tags.filter(Boolean).join(", ") || "same tags"}.${bold}`;
  }

  AvatarStudio.designs = { SEEDS, BOLD, fresh, reading, said, withSwitch, withText, holding, spotOf, tagNames, inWords,
    difference };
})();
