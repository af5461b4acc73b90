/** Messages whose answers are still waited for: more are not remembered, the oldest goes first. */
const mostWaiting = 256;

/**
 * A person's messages of one session, by the numbers that their answers name. One that is said again keeps its number as long
 * as it is not answered.
 */
export class NumberedMessages {
  private readonly keys = new Map<number, string>();
  private readonly numbers = new Map<string, number>();
  private last: number;

  /** Numbers from `first` to `highest`, and again from the start. */
  constructor(
    private readonly first = 1,
    private readonly highest = Number.MAX_SAFE_INTEGER,
  ) {
    this.last = first - 1;
  }

  /** How many are waited for. */
  get waiting(): number {
    return this.keys.size;
  }

  has(key: string): boolean {
    return this.numbers.has(key);
  }

  numberOf(key: string): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    if (this.keys.size >= mostWaiting) {
      for (const oldest of this.keys.keys()) {
        this.answered(oldest);
        break;
      }
    }
    do {
      this.last = this.last >= this.highest ? this.first : this.last + 1;
    } while (this.keys.has(this.last));
    this.keys.set(this.last, key);
    this.numbers.set(key, this.last);
    return this.last;
  }

  /** The key of the message that was waited for by this number; null where none was. */
  answered(number: number): string | null {
    const key = this.keys.get(number);
    if (key === undefined) return null;
    this.keys.delete(number);
    this.numbers.delete(key);
    return key;
  }
}
