/* What is asked for and what is denied: avatarlib.text.grammar, in JavaScript.
   describe.js says in what order the parser's scripts are loaded. */
(() => {
  "use strict";

  const { vocabulary } = AvatarStudio;
  const { SIDE_BY_SIDE, BOTH, AFTER_A_SHORT_ANSWER, CATEGORIES } = vocabulary.grammar;
  const { COLON, DASH, QUESTION } = vocabulary.tokens;
  const { MODIFIERS } = vocabulary.phrases;
  const { COLOUR_KINDS } = vocabulary.lexicon;
  const { "hair colour": HAIR_COLOURS, "hair style": HAIR_STYLES, "eye colour": EYE_COLOURS } = vocabulary.groups;
  const [LONG, SHORT] = HAIR_STYLES;

  /** Decide which "no", "wait" and "actually" correct what was said; the others deny, or say nothing. */
  function settleMarkers(sentence) {
    for (const [i, item] of sentence.entries()) {
      const [before, after] = [sentence.kind(i - 1), sentence.kind(i + 1)];
      if (deniesAList(sentence, i)) {
        Object.assign(item, { kind: "not", value: "list" });
        sentence[i + 1].kind = "soft";
      } else if (["no", "not"].includes(item.kind) && item.words.length === 1 && AFTER_A_SHORT_ANSWER.includes(after)) {
        const mark = sentence.norm(i - 1);
        if ([COLON, QUESTION].includes(mark) || (mark === DASH && after === "stop")) {
          item.kind = "answer";
          const said = sentence[Math.max(i - 2, 0)];
          said.value = said.value.replace(/~/g, "-");                                       // "accessories: none"
        } else if (item.kind === "no") {
          item.kind = "change";
        }
      } else if (item.norm === "off" && before === "tag" && ["comma", "stop", "and"].includes(after)) {
        item.kind = "answer";                                                               // "hat off"
      } else if (item.kind === "perhaps change") {
        item.kind = corrects(sentence, i) ? "change" : "soft";
      }
    }
  }

  /** Whether "actually" or "wait" begins a correction: after a pause, and right before something new. */
  function corrects(sentence, i) {
    const passed = ["comma", "colon", "soft", "article", "plain", "with"];
    const follows = sentence.slice(i + 1).find((item) => !passed.includes(item.kind))?.kind ?? "";
    return ["comma", "stop", "plain", "change", "and"].includes(sentence.kind(i - 1)) &&
      ["no", "not", "tag", "change", ...MODIFIERS].includes(follows);
  }

  /** Whether "no:", "without:" or "off:" begins here; it denies all up to the end of the sentence. */
  function deniesAList(sentence, i) {
    const begins = sentence.kind(i - 1) === "stop" && sentence.norm(i - 1) !== QUESTION;
    return begins && sentence.kind(i + 1) === "colon" &&
      (["no", "not"].includes(sentence[i].kind) || sentence[i].norm === "off");
  }

  /** What sort of thing an item speaks of; only things of one sort stand in a list under one "without". */
  function category(item) {
    if (item.kind === "tag") return CATEGORIES[bare(item.value).split("+")[0]] ?? "";
    if (COLOUR_KINDS.includes(item.kind)) return item.noun ? `${item.noun} colour` : "";
    if (item.value === "other") return "accessory";
    return { length: "style", reach: "style", mouth: "face" }[item.kind] ?? "";
  }

  /** A tag without the sign that says how its word counts. */
  const bare = (value) => value.replace(/^[-!~]+/, "");

  /** For every item: 1 if it is asked for, -1 if denied, 0 if it is of someone else or left open. */
  function scopes(sentence) {
    const found = [];
    let [sign, said, denier, open] = [1, "", "", false];
    for (const [i, item] of sentence.entries()) {
      if (["not", "no", "nor"].includes(item.kind)) {
        sign = sign < 0 && !said && item.kind !== "nor" ? 1 : -1;                           // "never without her hat"
        said = "";
        denier = BOTH.includes(item.norm) ? "both" : item.value || item.kind;
      } else if (item.kind === "void" || someoneElse(sentence, i)) {
        open = true;
      } else if (endsVoid(sentence, i)) {
        open = false;
      }
      if (sign < 0 && endsDenial(sentence, i, said, denier)) [sign, said] = [1, ""];
      said = category(item) || said;
      const own = sentence.kind(i - 1) === "lack" ? -sign : sign;                           // "hatless", "not hatless"
      found.push(open ? 0 : own);
    }
    return found;
  }

  /** Whether a relative or an animal beside the avatar is mentioned: what follows is about them. */
  function someoneElse(sentence, i) {
    const { kind, value, words } = sentence[i];
    if (kind !== "noun" || !["kin", "animal"].includes(value)) return false;
    if (value === "animal") return !["person", "hair", "eyes"].includes(sentence[i + 1]?.value);          // "cat girl"
    const near = sentence.slice(Math.max(0, i - 3), i).map((item) => item.kind);
    const last = words[words.length - 1];
    const possessive = last.end - last.start > last.norm.length;
    if (possessive && (near.includes("verb") || near.includes("with"))) return false;       // "has her mother's eyes"
    return near.includes("owner") || near.includes("with");
  }

  /** Whether item i leads back from someone else to the avatar; "her dog, which" does not. */
  function endsVoid(sentence, i) {
    const { kind, value } = sentence[i];
    if (kind === "comma") return sentence.kind(i + 1) !== "copula";
    if (kind === "owner") return ["and", "with"].includes(sentence.kind(i - 1));            // "a moth in her hair"
    return ["stop", "end", "pronoun", "and"].includes(kind) || value === "person";
  }

  /** Whether the scope of "no", "not" or "without" ends at item i; said is what it has denied so far. */
  function endsDenial(sentence, i, said, denier) {
    const { kind } = sentence[i];
    if (["stop", "colon", "end", "change", "withdraw"].includes(kind)) return true;
    if (kind === "comma") return !listGoesOn(sentence, i, said, denier);
    if (kind === "and") return !andGoesOn(sentence, i, said, denier);
    return Boolean(said) && ["with", "verb", "copula", "pronoun", "owner"].includes(kind);
  }

  /** Category of what follows item i, and whether an article stands before it. */
  function nextSaid(sentence, i) {
    let article = false;
    for (const item of sentence.slice(i + 1)) {
      if (category(item)) return { following: category(item), article };
      if (![...SIDE_BY_SIDE.slice(0, 6), ...MODIFIERS].includes(item.kind)) break;
      article = article || item.kind === "article";
    }
    return { following: "", article };
  }

  /** "no hat, glasses or ribbon" denies all three, "no hat, glasses, smile" only the first. */
  function listGoesOn(sentence, i, said, denier) {
    if (denier === "list") return true;
    if (!said || nextSaid(sentence, i).following !== said) return false;
    for (const { kind } of sentence.slice(i + 1)) {
      if (["or", "nor"].includes(kind)) return true;
      if (kind === "and") return denier !== "no";
      if (!SIDE_BY_SIDE.includes(kind)) return false;
    }
    return false;
  }

  /** "no hat and glasses" denies both; "no hat and a ribbon" and "no hat and blue eyes" only the hat. */
  function andGoesOn(sentence, i, said, denier) {
    const { following, article } = nextSaid(sentence, i);
    return ["list", "both"].includes(denier) ||
      (Boolean(said) && following === said && !(article && denier === "no"));
  }

  /** All that the text says about tags, in its order: {item, tags: [[tag, asked for?]...], marker}, where "change",
      "withdraw" or "answer" is the marker that stands between the mention before and this one. */
  function mentions(sentence) {
    const found = [];
    const signs = scopes(sentence);
    let [marker, family] = ["", ""];
    for (const [i, item] of sentence.entries()) {
      if (["change", "withdraw", "answer"].includes(item.kind)) {
        if (marker !== "withdraw") marker = item.kind;
        continue;
      }
      if (COLOUR_KINDS.includes(item.kind)) family = item.value;
      const tags = tagsOf(item, signs[i], family);
      if (tags.length) {
        found.push({ item: i, tags, marker });
        marker = "";
      }
    }
    if (marker) found.push({ item: sentence.length - 1, tags: [], marker });
    return found;
  }

  /** The tags that an item asks for (true) or denies (false). */
  function tagsOf(item, sign, family) {
    const { kind, value, noun } = item;
    const on = sign > 0;
    if (!sign) return [];
    if (kind === "tag") {
      const parts = value.split("+").filter((part) => part[0] !== (on ? "~" : "-"));
      return parts.map((part) => [bare(part), on !== "-!".includes(part[0])]);
    }
    if ([...COLOUR_KINDS, "match"].includes(kind) && noun) {
      const tags = noun.split(" and ").map((one) => colourTag(value || family, one));
      return tags.filter(Boolean).map((tag) => [tag, on]);
    }
    if (["length", "reach"].includes(kind) && noun) {
      const medium = value === "medium";
      return [LONG, SHORT].filter((tag) => value === tag || (medium && on)).map((tag) => [tag, on && !medium]);
    }
    return kind === "mouth" && noun === "mouth" ? [["open mouth", on === (value === "open")]] : [];
  }

  /** The tag of a family of shades on a noun; empty if there is none, as for silver eyes. */
  function colourTag(family, noun) {
    if (noun === "cheeks") return ["pink", "red"].includes(family) ? "blush" : "";
    const [hair, eyes] = vocabulary.families[family] ?? ["", ""];
    const tag = { hair: `${hair} hair`, eyes: `${eyes} eyes` }[noun];
    return [...HAIR_COLOURS, ...EYE_COLOURS].includes(tag) ? tag : "";
  }

  /** The tags that cannot be asked for together with a tag: other colours of its group; long with short hair. */
  function exclude(tag) {
    const group = [HAIR_COLOURS, EYE_COLOURS, [LONG, SHORT]].find((tags) => tags.includes(tag)) ?? [];
    return group.filter((other) => other !== tag);
  }

  Object.assign(AvatarStudio.describing, { exclude, mentions, settleMarkers });
})();
