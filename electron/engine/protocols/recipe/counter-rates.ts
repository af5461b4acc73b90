/** So many series of counters are followed in one session. */
const mostSeries = 2_000;

interface Last {
  readonly value: number;
  readonly at: number;
}

/** What counters grow by a second. One that falls has begun again, from 0. */
export class CounterRates {
  private readonly last = new Map<string, Last>();

  /** `at`: epoch ms. Null for the first of a series, and where no time has passed. */
  rate(name: string, labels: readonly (readonly [string, string])[], value: number, at: number): number | null {
    const key = JSON.stringify([name, labels]);
    const before = this.last.get(key);
    if (before === undefined && this.last.size >= mostSeries) return null;
    const passed = before === undefined ? 0 : at - before.at;
    if (before !== undefined && passed <= 0) return null;
    this.last.set(key, { value, at });
    if (before === undefined) return null;
    const grown = value < before.value ? value : value - before.value;
    return (grown * 1000) / passed;
  }
}
