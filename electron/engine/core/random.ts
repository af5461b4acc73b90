/** Uniform in [0, 1). The engine's only source of chance. */
export interface Random {
  next(): number;
  /** 16 lower-case hex digits, for ids. */
  id(): string;
}

/** Uniform in [low, high). */
export function uniform(random: Random, low: number, high: number): number {
  return low + random.next() * (high - low);
}
