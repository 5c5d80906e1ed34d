/* From a text to the phrases of the lexicon: avatarlib.text.tokens and avatarlib.text.phrases, in JavaScript.
   The first of the parser's scripts; describe.js says in what order they are loaded. */
window.AvatarStudio = window.AvatarStudio || {};

(() => {
  "use strict";

  const { vocabulary } = AvatarStudio;
  const { STOP, QUESTION, COMMA, COLON, DASH, LACK, DASHES, SILENT, VERBS, SHORTEST, DEPTHS, JOINED, FACES } =
    vocabulary.tokens;
  const { COLOUR_KINDS, LONGEST } = vocabulary.lexicon;
  const { NOT_HAIR } = vocabulary.phrases;

  /* Maps, not objects: a text may well hold the word "constructor". */
  const SIGNS = new Map(Object.entries(vocabulary.tokens.SIGNS));
  const MARKS = new Map(Object.entries(vocabulary.tokens.MARKS));
  const PHRASE_MARKS = new Map(Object.entries(vocabulary.phrases.MARKS));
  const PICTURES = new Map(Object.entries(vocabulary.pictures));
  const ORDINARY = new Set(vocabulary.ordinary.split(" "));
  const CANDIDATES = vocabulary.candidates.split(" ");
  const LEXICON = new Map();                     // phrase, a space between its words -> {kind, value}
  for (const [kind, values] of Object.entries(vocabulary.meanings)) {
    for (const [value, phrases] of Object.entries(values)) {
      for (const phrase of phrases.split(",")) LEXICON.set(phrase, { kind, value });
    }
  }
  const WORDS = new Set([...LEXICON.keys()].flatMap((phrase) => phrase.split(" ")));

  /* What Python's \w, \w without _, \s and \d match, for use in brackets: JavaScript's own are other ones. */
  const WORD = "\\p{L}\\p{N}_";
  const ALNUM = "\\p{L}\\p{N}";
  const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const DIGIT = "\\p{Decimal_Number}";
  const EMOTICONS = Object.entries(FACES).map(([face, pattern]) => `(?<${face}>${pattern})`).join("|");
  const PIECE = new RegExp([
    `(?<![${WORD}:])>?(?:${EMOTICONS})(?![${WORD}])`,
    `:${DIGIT}[${DIGIT}.]*|(?<![${WORD}])w/o?(?![${WORD}])|\\.{2,}|…|[${ALNUM}]+(?:'[${ALNUM}]+)*`,
    `[${SPACE}][-–—]+[${SPACE}]|[-–—]{2,}|[${SPACE}]/[${SPACE}]|[^${WORD}${SPACE}]|_|(?<!:)\\n`].join("|"), "gu");
  const QUOTES = new RegExp(`[${vocabulary.quotes}]`, "gu");
  const START = new RegExp(`^[${ALNUM}]`, "u");
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "u");
  const BLANK = whole(`[${SPACE}]*`);
  const SHORTENED = whole(vocabulary.tokens.SHORTENED);
  const SPOKEN = whole(vocabulary.tokens.SPOKEN);
  const ENDINGS = new RegExp(vocabulary.tokens.ENDINGS, "u");
  const COUNTED = whole(`${DIGIT}+(?:(?:girl|boy)s?)?`);
  const DENYING = [whole(`([${WORD}]{3,})less`), whole(`un([${WORD}]{4,})`)];

  const kindOf = (phrase) => LEXICON.get(phrase)?.kind ?? "";
  const startsAlnum = (word) => START.test(word);
  const sorted = (letters) => [...letters].sort().join("");

  /** The numbers from start up or down to stop, stop not included. */
  function* range(start, stop, step = 1) {
    for (let i = start; step > 0 ? i < stop : i > stop; i += step) yield i;
  }

  /** The words of a plain text, in order. "hatless" gives LACK, "hat", both at the same place. */
  function split(plain) {
    const found = [];
    for (const match of plain.matchAll(PIECE)) {
      const face = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
      const piece = face ?? (match[0] === " / " ? "," : match[0].replace(/^ +| +$/g, "") || ",");
      const start = match.index;
      const end = start + match[0].length;
      const last = found[found.length - 1];
      const joined = last !== undefined && last.end === start - 1 && plain[start - 1] === "-";
      if (joined && ["free", "less"].includes(piece) && LEXICON.has(last.norm)) {           // "glasses-free"
        found.splice(-1, 0, { norm: LACK, start: last.start, end, corrected: false });
      } else if (!SILENT.includes(piece) || match[0].includes(" ")) {
        found.push(...norms(piece).map(([norm, corrected]) => ({ norm, start, end, corrected })));
      }
    }
    return found;
  }

  /** A text in lower case without accents, and where each unit of it stands in the text. */
  function plainText(text) {
    let joined = "";
    const places = [];
    let at = 0;
    for (const letter of text) {
      const bare = withoutAccent(letter);
      for (let unit = 0; unit < bare.length; unit += 1) places.push(at);
      joined += bare;
      at += letter.length;
    }
    return { plain: joined.replace(QUOTES, "'").toLowerCase(), places: [...places, at] };
  }

  /** A letter without its accent, always one letter long. */
  function withoutAccent(letter) {
    const [base] = letter.normalize("NFKD");
    return [...base.toLowerCase()].length === 1 ? base : letter;
  }

  /** The words that a piece of text stands for, each with whether its spelling was corrected. */
  function norms(piece) {
    if (SIGNS.has(piece)) return [[SIGNS.get(piece), false]];
    if (!startsAlnum(piece)) {
      const [sign] = piece;
      const mark = MARKS.get(piece) ?? (DASHES.includes(sign) ? DASH : COMMA);
      const words = PICTURES.has(sign) ? [COMMA, ...PICTURES.get(sign).split(" "), COMMA] : [mark];
      return words.map((word) => [word, false]);
    }
    const denied = SHORTENED.exec(piece);
    const [, first] = denied ?? SPOKEN.exec(piece) ?? [];
    if (first) return [[VERBS[first] ?? first, false], [denied ? "not" : "is", false]];
    const bare = piece.replace(ENDINGS, "");
    if (COUNTED.test(bare)) return [[bare.replace(/^[0-9]+/, "") || bare, false]];
    if (WORDS.has(bare) || ORDINARY.has(bare)) return [[bare, false]];
    return unknown(bare).map((part) => [part, part !== LACK && !bare.includes(part)]);
  }

  /** What a piece outside the lexicon may be: a denial, two words run together, a misspelling, or itself. */
  function unknown(piece) {
    for (const pattern of DENYING) {
      const match = pattern.exec(piece);
      if (match && kindOf(match[1]) === "tag") return [LACK, match[1]];
    }
    for (const cut of range(3, piece.length - 2)) {                                         // "bluehair"
      const [head, tail] = [piece.slice(0, cut), piece.slice(cut)];
      if ((JOINED.includes(tail) && ["colour", "length", "hair colour"].includes(kindOf(head))) ||
          (DEPTHS.includes(head) && kindOf(tail) === "colour")) return [head, tail];
    }
    return [nearest(piece) || piece];
  }

  /** The word of the lexicon that a misspelling means; empty if none is near or two are equally near. */
  function nearest(word) {
    const letters = [...word];
    if (letters.length < SHORTEST || !/^\p{L}+$/u.test(word)) return "";
    const allowed = letters.length < 8 ? 1 : 2;
    const best = [];
    for (const known of CANDIDATES) {
      const startsTurned = known.startsWith(letters[1] + letters[0]);
      if (known[0] !== letters[0] && !startsTurned) continue;
      const slips = slipsBetween(letters, known, allowed);
      const swapped = sorted(known) === sorted(letters);
      if (slips > allowed || (known[0] !== letters[0] && !swapped)) continue;
      if (swapped || Math.min(known.length, letters.length) >= 4 || shortSlip(letters, known)) {
        best.push([slips - 0.5 * swapped - 0.25 * (known.length !== letters.length), known]);
      }
    }
    best.sort((one, other) => one[0] - other[0]);          // stable, and the candidates are in order
    const unclear = best.length > 1 && best[0][0] === best[1][0] && meaning(best[0][1]) !== meaning(best[1][1]);
    return best.length && !unclear ? best[0][1] : "";
  }

  /** How many letters were lost, added or changed, or swapped with a neighbour, between two words (optimal string
      alignment); Infinity where their lengths alone say that it is more than allowed. */
  function slipsBetween(letters, known, allowed) {
    if (Math.abs(letters.length - known.length) > allowed) return Infinity;
    let before = [];
    let last = [...range(0, known.length + 1)];
    for (let i = 1; i <= letters.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= known.length; j += 1) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letters[i - 1] !== known[j - 1]));
        const turned = i > 1 && j > 1 && letters[i - 1] === known[j - 2] && letters[i - 2] === known[j - 1];
        if (turned) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      [before, last] = [last, row];
    }
    return last[known.length];
  }

  /** Whether a word of 3 letters is a known one that lost a letter, or has a letter of a known one of 3 doubled. */
  function shortSlip(letters, known) {
    if (letters.length === 3) return known.length === 4;
    return known.length === 3 && letters.some((letter, at) => at > 0 && letter === letters[at - 1] &&
      known === letters.filter((_, place) => place !== at).join(""));
  }

  /** What a single word means in the lexicon; a word of longer phrases means itself. */
  function meaning(word) {
    const { kind, value } = LEXICON.get(word) ?? { kind: "", value: word };
    return `${kind}: ${value}`;
  }

  /* A phrase of the text: what it is, which words it covers, and, for a modifier, what it was tied to. */
  class Item {
    constructor(kind, value, words) {
      Object.assign(this, { kind, value, words, target: null, noun: "", how: "" });
    }

    /** The first word. */
    get norm() {
      return this.words[0].norm;
    }
  }

  /* The phrases of a text, in order; beyond both of its ends is a stop. */
  class Sentence extends Array {
    constructor(text) {
      super();
      const { plain, places } = plainText(text);
      Object.assign(this, { text, places });
      this.push(...read(split(plain)));
    }

    /** What slice() and the like return: an array, not another sentence. */
    static get [Symbol.species]() {
      return Array;
    }

    /** What item i is. */
    kind(i) {
      return this[i]?.kind ?? "stop";
    }

    /** The first word of item i. */
    norm(i) {
      return this[i]?.norm ?? "";
    }

    /** The first of some places whose item fits; null if there is none. */
    first(places, fits) {
      for (const i of places) if (fits(this[i])) return i;
      return null;
    }

    /** The place of some words in the text, in units of a JavaScript string, and what stands there. */
    span(words) {
      const [start, end] = [this.places[words[0].start], this.places[words[words.length - 1].end]];
      return { start, end, words: this.text.slice(start, end) };
    }
  }

  /** Cut words into phrases of the lexicon, the longest first. */
  function read(words) {
    const items = [];
    let at = 0;
    while (at < words.length) {
      let [kind, value, length] = [PHRASE_MARKS.get(words[at].norm) ?? "unknown", "", 1];
      for (const size of range(Math.min(LONGEST, words.length - at), 0, -1)) {
        const entry = LEXICON.get(phraseAt(words, at, size));
        if (entry && !(size > 1 && startsReach(words, at + size - 1))) {     // not "hair down" "to her knees"
          ({ kind, value } = entry);
          length = size;
          break;
        }
      }
      items.push(new Item(kind, value, words.slice(at, at + length)));
      at += length;
    }
    return items;
  }

  const phraseAt = (words, at, size) => words.slice(at, at + size).map((word) => word.norm).join(" ");

  /** Whether "down to her knees" or the like begins here. */
  function startsReach(words, at) {
    return [...range(3, LONGEST + 1)].some((size) => kindOf(phraseAt(words, at, size)) === "reach");
  }

  /** The noun that an item stands for to a modifier; a tail or a bob is hair, a hat is something else. */
  function standingFor(item) {
    if (item.kind === "noun") return item.value;
    if (item.kind !== "tag") return "";
    if (vocabulary.groups["hair style"].includes(item.value) || item.value === "red hair") return "hair";
    return NOT_HAIR[item.value] ?? "sign";
  }

  AvatarStudio.describing = { BLANK, COLOUR_KINDS, ORDINARY, Sentence, range, standingFor, startsAlnum };
})();
