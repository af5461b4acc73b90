/** What a hostile feed puts into a text, each with the name it is known by. */
export const hostileTexts = {
  escape: '\u001b[2J',
  'window title (OSC)': '\u001b]0;mine\u0007',
  'link (OSC 8)': '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\',
  'clipboard (OSC 52)': '\u001b]52;c;ZXZpbA==\u0007',
  'C1 control sequence': '\u009b31m',
  'C1 string': '\u009d0;mine\u009c',
  'carriage return': 'bad\rgood',
  'line end': 'bad\nwirewatch: all is well',
  backspace: 'bad\b\b\bgood',
  delete: '\u007f',
  'next line': '\u0085',
  'line separator': '\u2028\u2029',
  'direction override': '\u202ednab\u202c',
  'direction isolate': '\u2066\u2069',
  'direction marks': '\u200e\u200f\u061c',
  'zero width': '\u200b\u200c\u200d\u2060\ufeff',
  fillers: '\u034f\u115f\u3164\uffa0',
  tags: '\u{e0001}\u{e0041}\u{e007f}',
  'selectors that carry data': '\u{e0100}\u{e01ef}\ufe00',
  'selectors behind a letter, or one too many': 'live\ufe0f\ufe0e 1\ufe0f \u2764\ufe0f\ufe0f',
  'half of a pair': 'a\ud800b',
} as const;

export const everyHostile: string = Object.values(hostileTexts).join('|');

/** Whether a terminal could obey, hide or reorder something of this, or the line could be taken for two. */
export function isObeyed(text: string): boolean {
  // Behind a sign that has two forms, and once, they choose one of them; anywhere else two names look like one.
  if (/(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f](?!\u20e3)/u.test(text)) return true;
  for (const unit of text.split('')) {
    const code = unit.charCodeAt(0);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
    if (code >= 0xd800 && code <= 0xdfff) return true;
    if ('\u034f\u061c\u115f\u1160\u2028\u2029\u3164\uffa0\ufeff'.includes(unit)) return true;
    if ((code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e)) return true;
    if ((code >= 0x2060 && code <= 0x206f) || (code >= 0xfe00 && code <= 0xfe0d)) return true;
  }
  return false;
}

/** Where a text stands inside a value: the names and numbers that lead to it. */
type Path = readonly (string | number)[];

/** Every place in a value where a text stands. */
export function textsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, [...path, name]));
}

/** The value with something hostile after the text at this place. */
export function planted<Value>(value: Value, path: Path): Value {
  if (path.length === 0) return `${value as string}${everyHostile}` as Value;
  const [name = '', ...rest] = path;
  const copy: object = Array.isArray(value) ? [...(value as readonly unknown[])] : { ...(value as object) };
  Reflect.set(copy, name, planted<unknown>(Reflect.get(copy, name), rest));
  return copy as Value;
}

/** Refuses to be read where the sample has nothing: what a printer prints must be in the sample, or nothing is planted in it. */
export function strict<Value extends object>(sample: Value): Value {
  return new Proxy(sample, {
    get(target, name) {
      const inner: unknown = Reflect.get(target, name);
      const asked = typeof name === 'symbol' || name === 'toJSON' || name in target || name in Array.prototype;
      if (!asked) throw new Error(`The sample has no ${name}.`);
      const wrapped = typeof inner === 'object' && inner !== null && !(inner instanceof Uint8Array);
      return wrapped ? strict(inner) : inner;
    },
  });
}
