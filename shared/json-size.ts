/**
 * Whether a JSON text holds more than so many values, without making any of them: a few megabytes of brackets become
 * gigabytes of objects. One pass over it; what is no JSON is counted all the same.
 */
export function holdsMore(text: string, values: number): boolean {
  let count = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (quoted) {
      if (unit === backslash) at += 1;
      else if (unit === quote) quoted = false;
    } else if (unit === quote) quoted = true;
    else if ((unit === comma || unit === bracket || unit === brace) && ++count > values) return true;
  }
  return false;
}

const quote = 34;
const comma = 44;
const bracket = 91;
const backslash = 92;
const brace = 123;
