/* A description in English words turned into tags asked for and tags denied, with every step explained.

   A port of avatarlib.text, one function for each of Python's and by the same name (toTheLeft is to_the_left), so
   that who knows one can read the other; tests/text/test_text_studio.py holds the two together, text by text. This
   file is avatarlib.text.reading and avatarlib.text.description, and sampleTags is avatarlib.data's sample_drawable.
   The words themselves are made from the Python tables by tools/studio_words.py. Load, in this order:
   vocabulary.js, describe-words.js, describe-binding.js, describe-grammar.js, describe.js. */
(() => {
  "use strict";

  const { vocabulary } = AvatarStudio;
  const { CATEGORIES } = vocabulary.grammar;
  const { NO_TAG, ROLES } = vocabulary.reading;
  const { MODIFIERS } = vocabulary.phrases;
  const { LONGEST_TEXT } = vocabulary.description;
  const { tags: TAGS, groups: GROUPS, together: STYLES_TOGETHER, prior: PRIOR } = vocabulary;
  const HAIR_STYLES = GROUPS["hair style"];
  const { BLANK, ORDINARY, Sentence, bind, exclude, mentions, settleMarkers, startsAlnum } = AvatarStudio.describing;

  /** A text in quotation marks, with signs that cannot be seen written out: Python's repr. */
  function quoted(text) {
    const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
    const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", [mark]: `\\${mark}`, " ": " " };
    const shown = text.replace(/[\p{C}\p{Z}\\'"]/gu, (sign) => {
      const code = sign.codePointAt(0).toString(16);
      if (sign in named || "'\"".includes(sign)) return named[sign] ?? sign;
      const [escape, digits] = code.length < 3 ? ["x", 2] : code.length < 5 ? ["u", 4] : ["U", 8];
      return `\\${escape}${code.padStart(digits, "0")}`;
    });
    return mark + shown + mark;
  }

  /* Goes through the mentions of a text in order. "state" is a Map of tag -> asked for (true) or denied (false). */
  class Reading {
    constructor(sentence) {
      Object.assign(this, { sentence, state: new Map(), steps: [], last: null });
      const said = mentions(sentence);
      for (const mention of said) this.hear(mention);
      const heard = new Set(said.filter((mention) => mention.tags.length).map((mention) => mention.item));
      const nouns = [...heard].map((i) => sentence[i].target);
      this.tellTheRest(new Set([...heard, ...nouns]));
      this.steps.sort((one, other) => one.start - other.start);
    }

    /** Add a step about the words of an item. */
    note(item, kind, tag, why) {
      this.steps.push({ ...this.sentence.span(item.words), kind, tag, why });
    }

    /** Take in one mention: what it replaces or withdraws, then what it says. */
    hear(mention) {
      if (mention.marker && this.last && !this.sameMatter(mention, this.last)) this.withdraw(this.last, mention.marker);
      const item = this.sentence[mention.item];
      for (const [tag, asked] of mention.tags) {
        for (const other of asked ? exclude(tag) : []) {
          if (this.state.get(other)) this.drop(item, other, `${quoted(tag)} comes later`);
        }
        if ((this.state.get(tag) ?? asked) !== asked) this.drop(item, tag, "the text then says otherwise");
        this.state.set(tag, asked);
        this.note(item, asked ? "on" : "off", tag, this.reason(item, tag, asked));
      }
      if (mention.tags.length) this.last = mention;
    }

    /** Whether a correction replaces the last mention by itself: same tag, or a tag that excludes it. */
    sameMatter(now, old) {
      const tags = now.tags.map(([tag]) => tag);
      if (tags.some((tag) => this.state.has(tag) || exclude(tag).some((other) => this.state.get(other)))) return true;
      const olds = old.tags.map(([tag]) => CATEGORIES[tag]).filter(Boolean);
      return now.marker === "change" && !tags.some((tag) => olds.includes(CATEGORIES[tag]));
    }

    /** Take back a mention; the answer "no" turns it into its contrary. */
    withdraw(mention, marker) {
      const item = this.sentence[mention.item];
      for (const [tag] of mention.tags) {
        if (marker === "answer") {
          this.state.set(tag, false);
          this.note(item, "off", tag, `no ${tag}: denied right after`);
        } else if (this.state.has(tag)) {
          this.drop(item, tag, "taken back right after");
        }
      }
    }

    /** Note that a tag no longer holds. */
    drop(item, tag, why) {
      this.state.delete(tag);
      this.note(item, "replaced", tag, `${quoted(tag)} no longer holds: ${why}`);
    }

    /** Why a phrase gave a tag. */
    reason(item, tag, asked) {
      const tied = MODIFIERS.includes(item.kind) && item.target !== null;
      const noun = tied ? `, said of ${quoted(this.sentence.span(this.sentence[item.target].words).words)}` : "";
      return asked ? `${tag}${noun}` : `no ${tag}${noun}`;
    }

    /** Note the words that gave no tag, and corrected spellings (before what else is said of the word). */
    tellTheRest(heard) {
      const corrected = this.sentence.flatMap((item) => item.words).filter((word) => word.corrected);
      const spelt = corrected.map((word) => (
        { ...this.sentence.span([word]), kind: "spelling", tag: "", why: `read as ${quoted(word.norm)}` }));
      this.steps = [...spelt, ...this.steps];
      for (const [i, item] of this.sentence.entries()) {
        if (!heard.has(i) && startsAlnum(item.norm)) this.note(item, ...this.silence(item));
      }
    }

    /** Why a phrase gave no tag: kind of step, no tag, reason. */
    silence(item) {
      if (item.kind === "unknown" && !ORDINARY.has(item.norm)) return ["unknown", "", "unknown"];
      const tied = item.noun ? "no tag for this" : "tied to no hair or eyes";
      return ["no tag", "", MODIFIERS.includes(item.kind) ? tied : ROLES[item.kind] ?? NO_TAG];
    }
  }

  /**
   * Read a description of an avatar, in English, as avatarlib.text.parse does.
   * @param {string} text 1 to 2,000 characters, such as "a smiling girl with teal hair, no glasses".
   * @returns {{on: string[], off: string[], explanation: {start: number, end: number, words: string,
   *   kind: "on"|"off"|"replaced"|"spelling"|"no tag"|"unknown", tag: string, why: string}[]}}
   *   Tags asked for and denied, in their usual order, and how that came about, in the order of the text. words is
   *   text.slice(start, end): places count the units of a JavaScript string, of which an emoji is two; Python's count
   *   characters.
   * @throws {Error} If text is not a string, is blank, or is too long.
   */
  AvatarStudio.parse = (text) => {
    if (typeof text !== "string") throw new Error(`text must be a string, got ${typeof text}`);
    if (BLANK.test(text)) {
      throw new Error(`text must describe an avatar in words, such as 'green eyes, no hat'; got ${quoted(text)}`);
    }
    const [most, length] = [LONGEST_TEXT, [...text].length].map((count) => count.toLocaleString("en"));
    if ([...text].length > LONGEST_TEXT) throw new Error(`text must have at most ${most} characters, got ${length}`);
    const sentence = new Sentence(text);
    settleMarkers(sentence);
    bind(sentence);
    const reading = new Reading(sentence);
    const [on, off] = [true, false].map((wanted) => TAGS.filter((tag) => reading.state.get(tag) === wanted));
    return { on, off, explanation: reading.steps };
  };

  /** The hair styles that the drawn set never shows with a hair style; none for other tags. */
  function shutOut(tag) {
    if (!HAIR_STYLES.includes(tag)) return [];
    return HAIR_STYLES.filter((other) => other !== tag &&
      !STYLES_TOGETHER.some((pair) => pair.includes(tag) && pair.includes(other)));
  }

  /**
   * Force a description onto tags drawn from the prior, as Description.condition does.
   * @param {{on: string[], off: string[]}} description What parse returned.
   * @param {ArrayLike<number>} tags 34 numbers 0 or 1, such as sampleTags draws; they are not changed.
   * @param {() => number} [random] Draws, in [0, 1), a new colour where the sampled one is denied; without it, the next
   *   colour of the group that is not denied is taken.
   * @returns {Float32Array} 34 numbers 0 or 1.
   * @throws {Error} If tags has another length.
   */
  AvatarStudio.condition = (description, tags, random) => {
    if (tags?.length !== TAGS.length) {
      throw new Error(`tags must be ${TAGS.length} numbers, got ${tags?.length ?? typeof tags}`);
    }
    const { on, off } = description;
    const forced = Float32Array.from(tags);
    for (const tag of on) {
      for (const other of [...exclude(tag), ...shutOut(tag)]) if (!on.includes(other)) forced[TAGS.indexOf(other)] = 0;
      forced[TAGS.indexOf(tag)] = 1;
    }
    for (const group of [GROUPS["hair colour"], GROUPS["eye colour"]]) {
      if (!group.some((tag) => on.includes(tag))) replaceDenied(forced, group, off, random);
    }
    for (const tag of off) forced[TAGS.indexOf(tag)] = 0;
    return forced;
  };

  /** Give tags whose colour is denied another one of its group, in place. */
  function replaceDenied(tags, group, off, random) {
    const places = group.map((tag) => TAGS.indexOf(tag));
    const left = places.filter((place) => !off.includes(TAGS[place]));
    const now = places.find((place) => tags[place] > 0);
    if (!left.length || now === undefined || left.includes(now)) return;
    const after = random ? left[Math.floor(random() * left.length)] : left.find((place) => place > now) ?? left[0];
    for (const place of places) tags[place] = Number(place === after);
  }

  /**
   * Draw tags as avatarlib.data.sample_drawable does with the paper's prior: one hair colour and one eye colour, each
   * other tag with probability 0.25, again and again until the hair styles are some that are drawn together.
   * @param {() => number} [random] Where random numbers in [0, 1) come from.
   * @returns {Float32Array} 34 numbers 0 or 1.
   */
  AvatarStudio.sampleTags = (random = Math.random) => {
    for (;;) {
      const tags = Float32Array.from(TAGS, () => Number(random() < PRIOR.probability));
      for (const [first, end] of PRIOR.exclusive) {
        tags.fill(0, first, end);
        tags[first + Math.floor(random() * (end - first))] = 1;
      }
      const styles = HAIR_STYLES.filter((tag) => tags[TAGS.indexOf(tag)]);
      if (PRIOR.styles.some((drawn) => drawn.join() === styles.join())) return tags;
    }
  };
})();
