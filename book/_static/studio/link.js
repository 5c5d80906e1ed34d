/*
 * A design as the text behind "#avatar?" in the page's address, such as "face=7&on=11.13&off=23", and back.
 *
 * Only what differs from a fresh design is written. Tags are written as their places among the 34. Needs design.js.
 */
window.AvatarStudio = window.AvatarStudio || {};
(function () {
  "use strict";

  const MARK = "#avatar?";
  const { SEEDS, BOLD, fresh } = AvatarStudio.designs;

  /** The text of a design; the same for equal designs. */
  function write(design) {
    const fields = new URLSearchParams();
    const places = (wanted) => AvatarStudio.vocabulary.tags.flatMap(
      (tag, i) => (design.switches[tag] === wanted ? [i] : [])).join(".");
    fields.set("face", design.face);
    fields.set("chance", design.chance);
    if (design.path.length) fields.set("walk", design.path.join("."));
    if (design.bold !== 1) fields.set("bold", design.bold);
    for (const state of ["on", "off"]) if (places(state)) fields.set(state, places(state));
    if (design.text) fields.set("text", design.text);
    if (design.between) {
      fields.set("a", write(design.between.a));
      fields.set("b", write(design.between.b));
      fields.set("share", design.between.share);
    }
    return fields.toString();
  }

  /** A number of a field; an Error that names the field if it is no such number. */
  function number(name, text, low, high, whole = true) {
    const value = Number(text);
    if (text === "" || !(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
      throw new Error(`${name} must be a ${whole ? "whole " : ""}number from ${low} to ${high}, got "${text}"`);
    }
    return value;
  }

  /** Numbers joined by points. */
  const numbers = (name, text, low, high) => (text ? text.split(".").map((part) => number(name, part, low, high)) : []);

  /** The design of a text that `write` made; an Error that names the field which cannot be read. */
  function read(text) {
    const fields = new URLSearchParams(text);
    const field = (name, otherwise) => fields.get(name) ?? otherwise;
    const { tags } = AvatarStudio.vocabulary;
    const design = { ...fresh(), text: field("text", "") };
    design.face = number("face", field("face", "1"), 0, SEEDS);
    design.chance = number("chance", field("chance", "1"), 0, SEEDS);
    design.path = numbers("walk", field("walk", ""), 1, SEEDS);
    design.bold = number("bold", field("bold", "1"), ...BOLD, false);
    for (const state of ["on", "off"]) {
      numbers(state, field(state, ""), 0, tags.length - 1).forEach((i) => { design.switches[tags[i]] = state; });
    }
    if (fields.has("share")) {
      design.between = { a: read(field("a", "")), b: read(field("b", "")),
        share: number("share", field("share"), 0, 1, false) };
    }
    AvatarStudio.designs.reading(design.text);      // a text that cannot be read is an Error, too
    return design;
  }

  /** The address of this page with a design in it. */
  const addressOf = (design) => `${location.href.split("#")[0]}${MARK}${write(design)}`;

  /** The design in the page's address, or null if there is none. */
  const fromAddress = () => (location.hash.startsWith(MARK) ? read(location.hash.slice(MARK.length)) : null);

  AvatarStudio.links = { write, read, addressOf, fromAddress };
})();
