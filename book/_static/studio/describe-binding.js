/* Which noun a colour or a length belongs to: avatarlib.text.paths and avatarlib.text.binding, in JavaScript.
   describe.js says in what order the parser's scripts are loaded. */
(() => {
  "use strict";

  const { vocabulary } = AvatarStudio;
  const { JOINTS, PASSED, LINKS, BOUND_TO, ADJECTIVES, RELATIVE, ANTECEDENTS, ADJECTIVE_ENDINGS } = vocabulary.paths;
  const { SHARED } = vocabulary.binding;
  const { MODIFIERS } = vocabulary.phrases;
  const { COLOUR_KINDS } = vocabulary.lexicon;
  const { range, standingFor } = AvatarStudio.describing;

  /** The noun after a modifier, and whether a comma, "and" or a correction stands between them. */
  function toTheRight(sentence, i) {
    let [crossed, denied, stranger] = [false, false, null];
    for (const j of range(i + 1, sentence[i].kind !== "reach" ? sentence.length : 0)) {
      const { kind } = sentence[j];
      const noun = standingFor(sentence[j]);
      if (noun && noun !== "sign") {
        const apart = JOINTS.includes(sentence[j - 1].kind) && !denied;                     // but "blue, not red, hair"
        return crossed && (apart || stranger !== null) ? null : { place: j, crossed };
      }
      if (JOINTS.includes(kind)) {
        if (stranger !== null) break;
        crossed = true;
        denied = denied || ["not", "no"].includes(kind);
      } else if (j === i + 1 && ["of", "for"].includes(sentence[j].norm)) {                 // "the red of her hair"
        const after = range(j + 1, sentence.length);
        const owned = sentence.first(after, (item) => !["owner", "article"].includes(item.kind));
        const fits = owned !== null && BOUND_TO[sentence[i].kind].includes(standingFor(sentence[owned]));
        return fits ? { place: owned, crossed: false } : null;
      } else if (["unknown", "plain"].includes(kind)) {
        if (stranger === null && !looksLikeAdjective(sentence[j].norm)) stranger = j;
      } else if (!PASSED.includes(kind)) {
        break;
      }
    }
    return stranger === null || crossed ? null : { place: stranger, crossed: false };
  }

  /** Whether an unknown word may stand between a colour and its noun, as in "red windblown-looking hair". */
  function looksLikeAdjective(word) {
    return [...word].length > 4 && ADJECTIVE_ENDINGS.some((ending) => word.endsWith(ending));
  }

  /* What a way to the left has passed so far; "near" allows nothing but links. */
  class Path {
    constructor(near) {
      Object.assign(this, { near, links: new Set(), denied: false, comma: false, joined: false, but: false });
      this.simile = false;                       // an unknown word that only a comparison excuses
    }

    /** Whether item j, which is no noun, may stand between the noun and the modifier i. */
    passes(sentence, i, j) {
      const { kind, norm } = sentence[j];
      if (JOINTS.includes(kind) && !this.near) {
        this.denied = this.denied || ["not", "no", "lack"].includes(kind);
        this.comma = this.comma || kind === "comma";
        this.joined = this.joined || ["comma", "and", "or"].includes(kind);
        return true;
      }
      if (kind === "end" && norm === "but" && !this.near) {
        this.but = true;                         // "her hair is not blonde but red"
        return true;
      }
      if (norm === "in" && j === i - 1 && !this.near) {
        this.comma = true;                       // "hair in red", but not "brown hair in red"
        return true;
      }
      if (LINKS.includes(kind)) {
        this.links.add(kind);
        return true;
      }
      if (["unknown", "plain"].includes(kind) && j && sentence[j - 1].kind !== "noun" && !this.near) {
        this.simile = true;                      // "hair like spun gold"
        return true;
      }
      return PASSED.includes(kind) || (kind === "verb" && (sentence[i].kind === "reach" || this.linkedBy("copula")));
    }

    /** Whether one of these links was passed. */
    linkedBy(...kinds) {
      return kinds.some((kind) => this.links.has(kind));
    }

    /** Whether the noun j may take the modifier i by this way. */
    leads(sentence, i, j) {
      const { kind } = sentence[i];
      const denied = this.denied || sentence.slice(0, j).some((item) => ["not", "no"].includes(item.kind));
      if (this.but && !denied && !this.linkedBy("copula")) return false;
      if (this.simile && !this.linkedBy("like", "copula")) return false;
      if (kind === "figure" && !this.linkedBy("like", "colon", "copula")) return false;
      if (this.joined && !BOUND_TO[kind].includes(standingFor(sentence[j]))) return false;
      const coloured = COLOUR_KINDS.includes(kind) && sentence.some((item) =>
        item.target === j && item.how === "before" && COLOUR_KINDS.includes(item.kind));
      return !(coloured && this.comma && !this.denied && !this.links.size);
    }
  }

  /** The noun that a modifier after it describes; near allows nothing but a link between them. */
  function toTheLeft(sentence, i, near = false) {
    if (sentence.norm(i + 1) === "ones" && !near) return earlier(sentence, i);              // "but brown ones"
    const path = new Path(near);
    let j = i - 1;
    while (j >= 0) {
      const item = sentence[j];
      const noun = standingFor(item);
      if (["change", "withdraw"].includes(item.kind) && !near) return earlier(sentence, i);
      if (item.kind === "pronoun" && item.norm in ANTECEDENTS && !near) {
        return antecedent(sentence, i, j, ANTECEDENTS[item.norm]);
      }
      if (noun && noun !== "sign" && !ADJECTIVES.includes(item.norm)) {
        const before = path.linkedBy("copula") ? prepositionBefore(sentence, j) : null;
        if (before === null) return path.leads(sentence, i, j) ? j : null;
        j = before;
      } else {
        const opening = aside(sentence, j);
        if (opening !== null) j = opening;
        else if (!noun && !path.passes(sentence, i, j)) break;
      }
      j -= 1;
    }
    return path.denied && !near ? earlier(sentence, i) : null;
  }

  /** The noun of a modifier that no way leads to: the heading in "hair: black, hime cut, long", or, if its sentence
      is nothing but modifiers, the noun just before: "I want black hair. Short!" */
  function outOfReach(sentence, i) {
    const begin = sentence.first(range(i, -1, -1), (item) => item.kind === "stop") ?? 0;
    const end = sentence.first(range(i, sentence.length), (item) => item.kind === "stop") ?? sentence.length;
    const colon = sentence.first(range(i, begin, -1), (item) => item.kind === "colon");
    const bare = [...MODIFIERS, "soft", "comma", "and", "stop"];
    if (colon === null && !sentence.slice(begin, end).every((item) => bare.includes(item.kind))) return null;
    for (const j of colon === null ? range(begin, -1, -1) : range(colon, begin - 1, -1)) {
      if (sentence[j].kind === "unknown") return null;
      if (!["", "sign"].includes(standingFor(sentence[j]))) return j;
    }
    return null;
  }

  /** The noun before place j that "it" or "they" stands for. */
  function antecedent(sentence, i, j, nouns) {
    const wanted = nouns.filter((noun) => BOUND_TO[sentence[i].kind].includes(noun));
    return sentence.first(range(j - 1, -1, -1), (item) => wanted.includes(standingFor(item)));
  }

  /** Where the aside opens that the comma j closes, if a verb then goes back: "her hair, which is long, is blue". */
  function aside(sentence, j) {
    const closes = sentence.kind(j) === "comma" && sentence.kind(j + 1) === "copula";
    if (!closes || RELATIVE.includes(sentence.norm(j + 1))) return null;
    const opening = sentence.first(range(j - 1, -1, -1), (item) => ["comma", "stop"].includes(item.kind)) ?? 0;
    return sentence[opening].kind !== "stop" ? opening : null;
  }

  /** Where "in her hair" begins, if the noun j stands in such a phrase: it is no subject then. */
  function prepositionBefore(sentence, j) {
    const k = sentence.first(range(j - 1, -1, -1), (item) => !["article", "owner", ...PASSED].includes(item.kind));
    return k !== null && sentence[k].kind === "with" ? k : null;
  }

  /** What a correction corrects: the last modifier of the same sort before it that has a noun. */
  function earlier(sentence, i) {
    const { kind } = sentence[i];
    const same = COLOUR_KINDS.includes(kind) ? COLOUR_KINDS : [kind];
    const takes = (item) => BOUND_TO[kind].includes(standingFor(item));
    const bound = sentence.first(range(i - 1, -1, -1), (item) => same.includes(item.kind) && item.noun);
    if (bound === null) return sentence.first(range(i - 1, -1, -1), takes);
    const { target } = sentence[bound];
    return target !== null && takes(sentence[target]) ? target : bound;
  }

  /** Tie every modifier to its noun: first those right before a noun, then the others from left to right. */
  function bind(sentence) {
    compounds(sentence);
    const modifiers = [...sentence.keys()].filter((i) => MODIFIERS.includes(sentence[i].kind));
    for (const i of modifiers) {
      const found = toTheRight(sentence, i);
      if (found !== null && !found.crossed &&
          ![takesNounBefore, compared, blondeWithEyes].some((other) => other(sentence, i, found.place))) {
        tie(sentence, i, found.place, "before");
      }
    }
    for (const i of modifiers) {
      if (sentence[i].how) continue;
      const [left, right] = [toTheLeft(sentence, i), toTheRight(sentence, i)];
      if (sentence[i].kind === "hair colour" && !described(sentence, i, left)) {
        Object.assign(sentence[i], { noun: "hair", how: "alone" });
      } else if (left !== null) {
        tie(sentence, i, left, "after");
      } else {
        const place = right !== null ? right.place : outOfReach(sentence, i);
        if (place !== null) tie(sentence, i, place, "joined");
      }
    }
    share(sentence);
  }

  /** Whether "blonde" describes the noun before it, as in "her lashes are blonde", not in "a hat-wearing blonde". */
  function described(sentence, i, left) {
    return left !== null && (standingFor(sentence[left]) === "hair" || COLOUR_KINDS.includes(sentence[left].kind) ||
      sentence.slice(left, i).some((item) => LINKS.includes(item.kind)));
  }

  /** In "navy blue" and "platinum blonde" the last word is the colour; those before it are its shade. */
  function compounds(sentence) {
    for (const i of range(1, sentence.length)) {
      const [first, second] = [sentence[i - 1], sentence[i]];
      if (["colour", "figure"].includes(first.kind) && COLOUR_KINDS.includes(second.kind)) first.kind = "soft";
    }
  }

  /** Tie a modifier to the item of its noun; a noun that cannot take it just keeps it from others. */
  function tie(sentence, i, target, how) {
    const item = sentence[i];
    const aim = sentence[target];
    const noun = COLOUR_KINDS.includes(aim.kind) ? aim.noun : standingFor(aim);              // "blonde, no wait, red"
    Object.assign(item, { target, how });
    if (BOUND_TO[item.kind].includes(noun) && !(item.kind === "figure" && how === "joined")) item.noun = noun;
    else if (item.kind === "hair colour" && ["person", "sign", ""].includes(noun)) item.noun = "hair";
  }

  /** In "hair blue eyes green" the first colour belongs to the noun before it, since the last has no other. */
  function takesNounBefore(sentence, i, target) {
    const left = toTheLeft(sentence, i, true);
    if (left === null || sentence.some((item) => item.target === left)) return false;
    const after = sentence.first(range(target + 1, sentence.length), (item) => !["soft", ...LINKS].includes(item.kind));
    return after !== null && sentence[after].kind === sentence[i].kind && toTheRight(sentence, after) === null &&
      toTheLeft(sentence, after, true) === target;
  }

  /** In "girl blonde blue eyes" only the second colour is that of the eyes. */
  function blondeWithEyes(sentence, i, target) {
    return sentence[i].kind === "hair colour" && standingFor(sentence[target]) === "eyes" &&
      sentence.slice(i + 1, target).some((item) => COLOUR_KINDS.includes(item.kind));
  }

  /** In "eyes like blue glass" and "mouth open mid-song" the modifier belongs to the noun before it. */
  function compared(sentence, i, target) {
    const left = toTheLeft(sentence, i, true);
    return left !== null && !BOUND_TO[sentence[i].kind].includes(standingFor(sentence[target])) &&
      (["unknown", "plain"].includes(sentence.kind(target)) ||
       sentence.slice(left, i).some((item) => item.kind === "like"));
  }

  /** In "pink hair and eyes" and "hair, eyes and ribbon all pink" every noun of the list takes the colour. */
  function share(sentence) {
    for (const chain of lists(sentence)) {
      const own = (j) => sentence.filter((item) => item.target === j);
      const middle = chain.filter((j) => !own(j).length && sentence.kind(j) === "noun" &&
        SHARED.includes(standingFor(sentence[j])));
      const first = own(chain[0]);
      const giver = first.some((item) => item.how === "before") ? first : own(chain[chain.length - 1]);
      for (const item of giver) {
        if (COLOUR_KINDS.includes(item.kind) && middle.length) {
          const nouns = [item.noun, ...middle.map((j) => standingFor(sentence[j]))];
          item.noun = [...new Set(nouns.filter(Boolean))].join(" and ");
        }
      }
    }
  }

  /** Places of the nouns in "hair, eyes and hat": nothing but commas between them, and one "and" before the last. */
  function lists(sentence) {
    const found = [];
    let chain = [];
    for (const [j, item] of sentence.entries()) {
      const noun = standingFor(item);
      if (noun && noun !== "sign") {
        chain = chain.length && chain[chain.length - 1] === j - 2 ? [...chain, j] : [j];
        if (chain.length > 1 && sentence[j - 1].kind === "and") found.push(chain);
      } else if (!["comma", "and"].includes(item.kind)) {
        chain = [];
      }
    }
    return found;
  }

  Object.assign(AvatarStudio.describing, { bind });
})();
