import { isEntityName } from '../../../shared/entity-names';
import { numberInText } from '../../../shared/number-text';
import { BodyNumbers, type BodyShape } from '../core/body-numbers';
import { skipSpace, skipString } from './json-scan';

const quote = 0x22;
const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const backslash = 0x5c;
const space = 0x20;

/** What a step of a program is, where it is not a run of so many characters that stand as they are. */
const wordHere = -1;
const numberHere = -2;
/** A word that does not begin as a number does: one that is a number in text is charted, and read by who parses. */
const letterHere = -3;

/** So long a text is worth learning, characters, and so many numbers. */
const longestText = 4_096;
const mostNumbers = 64;
/** So many digits are exact in a float, and so is their quotient by a power of ten. */
const exactDigits = 15;
const powers = Array.from({ length: exactDigits + 1 }, (_, exponent) => 10 ** exponent);
/** After a text that fits none, so many more are parsed before one is learnt: doubled each time up to this. */
const mostPatience = 1_024;

const scratch: number[] = new Array<number>(mostNumbers).fill(0);

/** One shape of JSON text: what each character is, but for words and numbers. */
class TextShape implements BodyShape {
  /** `program`: steps in turn; a run is its length and its characters. */
  constructor(
    readonly tree: unknown,
    private readonly program: Int32Array,
  ) {}

  /**
   * The numbers of the text between two places; null where it has another shape, or anything that JSON.parse should look
   * at: an escape, an exponent, more digits than are exact. What is read this way is valid JSON.
   */
  read(codes: Uint16Array, from: number, to: number): readonly number[] | null {
    const { program } = this;
    const end = program.length;
    let at = from;
    let found = 0;
    for (let step = 0; step < end; ) {
      const expected = program[step] as number;
      step += 1;
      if (expected >= 0) {
        const runEnds = step + expected;
        if (at + expected > to) return null;
        for (; step < runEnds; step++) {
          if (codes[at] !== program[step]) return null;
          at += 1;
        }
      } else if (expected !== numberHere) {
        if (expected === letterHere && at < to && beginsNumber(codes[at] as number)) return null;
        for (; at < to; at += 1) {
          const code = codes[at] as number;
          if (code === quote) break;
          if (code < space || code === backslash) return null;
        }
      } else {
        const negative = at < to && (codes[at] as number) === minus;
        if (negative) at += 1;
        const start = at;
        let digits = 0;
        for (; at < to; at += 1) {
          const code = codes[at] as number;
          if (code < zero || code > nine) break;
          digits = digits * 10 + (code - zero);
        }
        let length = at - start;
        // A number begins with a zero only where that is all before the point.
        if (length === 0 || (length > 1 && codes[start] === zero)) return null;
        if (at < to && (codes[at] as number) === point) {
          at += 1;
          const fraction = at;
          for (; at < to; at += 1) {
            const code = codes[at] as number;
            if (code < zero || code > nine) break;
            digits = digits * 10 + (code - zero);
          }
          const decimals = at - fraction;
          length += decimals;
          if (decimals === 0 || length > exactDigits) return null;
          digits /= powers[decimals] as number;
        } else if (length > exactDigits) return null;
        scratch[found] = negative ? -digits : digits;
        found += 1;
      }
    }
    return at === to ? scratch.slice(0, found) : null;
  }
}

function beginsNumber(code: number): boolean {
  return code <= nine && (code >= zero || code === minus || code === point || code === plus);
}

/**
 * The shape of a text that JSON.parse takes; null where it is not worth it, or where more than its numbers is looked at: a
 * name that tells what they are of, a number inside text.
 */
function shapeOf(body: string): TextShape | null {
  if (body.length > longestText) return null;
  const program: number[] = [];
  let run: number[] = [];
  let skeleton = '';
  let numbers = 0;
  let at = 0;
  const stands = (text: string): void => {
    for (let each = 0; each < text.length; each++) run.push(text.charCodeAt(each));
  };
  const endRun = (): void => {
    if (run.length > 0) program.push(run.length, ...run);
    run = [];
  };
  while (at < body.length) {
    const code = body.charCodeAt(at);
    if (code === quote) {
      const end = skipString(body, at);
      // What a colon follows is a name.
      const text = body.slice(at + 1, end - 1);
      if (body.charCodeAt(skipSpace(body, end)) === colon) {
        if (isEntityName(text)) return null;
        stands(body.slice(at, end));
        skeleton += body.slice(at, end);
      } else {
        if (numberInText(text) !== null) return null;
        stands('"');
        endRun();
        program.push(beginsNumber(body.charCodeAt(at + 1)) ? wordHere : letterHere);
        stands('"');
        skeleton += 'null';
      }
      at = end;
    } else if (code === minus || (code >= zero && code <= nine)) {
      while (at < body.length && /[-+.\deE]/.test(body.charAt(at))) at += 1;
      endRun();
      program.push(numberHere);
      skeleton += numbers;
      numbers += 1;
    } else {
      stands(body.charAt(at));
      skeleton += body.charAt(at);
      at += 1;
    }
  }
  endRun();
  return numbers > mostNumbers ? null : new TextShape(JSON.parse(skeleton), Int32Array.from(program));
}

/**
 * Reads bodies of one kind, which nearly always come in one or two shapes: those are learnt, and then an event's body
 * costs about what looking at its characters costs.
 */
export class BodyTexts {
  private last: TextShape | null = null;
  private other: TextShape | null = null;
  private patience = 1;
  private waited = 0;

  /** The body between two places of a text (see `TextCodes`), if it has a shape that was learnt. */
  read(codes: Uint16Array, from: number, to: number): BodyNumbers | null {
    const { last, other } = this;
    if (last === null) return null;
    const numbers = last.read(codes, from, to);
    if (numbers !== null) return new BodyNumbers(last, numbers);
    const others = other?.read(codes, from, to) ?? null;
    if (other === null || others === null) return null;
    this.last = other;
    this.other = last;
    return new BodyNumbers(other, others);
  }

  /** A body had no known shape, and JSON.parse takes it. */
  missed(body: string): void {
    this.waited += 1;
    if (this.waited < this.patience) return;
    this.waited = 0;
    this.patience = Math.min(this.patience * 2, mostPatience);
    const shape = shapeOf(body);
    if (shape === null) return;
    this.other = this.last;
    this.last = shape;
  }
}
