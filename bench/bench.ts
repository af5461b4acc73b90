import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What a benchmark answers: figures by name, as in `budgets.json`; counts and sizes belong to them. */
export interface BenchResult {
  readonly figures: Readonly<Record<string, number | string>>;
  /** Which budgets hold for them, where it is not those under the benchmark's name. */
  readonly budget?: string;
  /** Lines for people: what was measured on what, in which sizes. */
  readonly notes: readonly string[];
}

export interface Bench {
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly about: string;
  /** Runs it. `option` reads a number such as `--events 1000000`. Lines said along the way go to `say`. */
  run(context: BenchContext): Promise<BenchResult>;
}

export interface BenchContext {
  option(name: string, otherwise: number): number;
  /** A word such as `--transport sse`: one of those that are known, the first where none is given. */
  word<Word extends string>(name: string, known: readonly [Word, ...Word[]]): Word;
  say(line: string): void;
}

/** The machine and runtime a figure belongs to. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const runtime = process.versions.electron ? `Electron ${process.versions.electron}, ` : '';
  return `${processors.length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, ${runtime}Node ${process.versions.node}`;
}

/** The value below which `share` of the measurements lie; 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Rounded for people and for lines that are compared. */
export function round(value: number, digits = 1): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** CPU time of the main thread so far, ms; null where the system does not tell (it is Linux that does). */
export function mainCpuMs(): number | null {
  try {
    const [ns] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(ns) / 1e6;
  } catch {
    return null;
  }
}
