import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSeededRandom } from '../../electron/engine/simulation/seeded-random';
import { bodyTargets } from './body-targets';
import { corpora } from './corpora';
import { framingTargets } from './framing-targets';
import { protocolTarget } from './protocol-target';
import type { Target } from './target';

/** One case may take so long, ms: all other sources wait meanwhile. What took longer is tried again: the machine may have been busy. */
const longestMs = 50;
const tries = 4;
/**
 * What a session that lasts may keep for good, bytes, and how many turns it is watched for. What keeps anything keeps it again
 * when it is watched again; buffers that nobody has anymore are given back a while later than memory of the language's own.
 */
const mostGrowth = 12 * 1024 * 1024;
const longTurns = 4_000;
const longWatches = 3;
/** So many failures of a target are told. */
const mostTold = 5;

/**
 * `npm run test:fuzz`: whatever reads what strangers send, with good messages changed anywhere. No exception, no case over
 * 50 ms, no session that grows, and what is no message is counted with its cause. `--cases N` each, `--seed S`,
 * `--only NAME`; `--case N` runs one again.
 */
function main(args: readonly string[]): void {
  const number = (flag: string, otherwise: number): number => {
    const at = args.indexOf(`--${flag}`);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const cases = number('cases', 100_000);
  const seed = number('seed', 1);
  const one = number('case', -1);
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
  const all = [...corpora.map(([name, corpus]) => protocolTarget(name, corpus)), ...framingTargets, ...bodyTargets];
  const chosen = all.filter(({ name }) => only === undefined || name === only);
  let failed = 0;
  for (const target of chosen) {
    const began = performance.now();
    const problems =
      one >= 0
        ? caseProblems(target, seed, one, one + 1)
        : [...caseProblems(target, seed, 0, cases), ...others(target, seed)];
    failed += problems.length;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${target.name}, ${seconds} s`);
    for (const problem of problems.slice(0, mostTold)) console.log(`     ${problem}`);
  }
  console.log(`fuzz: ${chosen.length} adapters, ${chosen.length * (one >= 0 ? 1 : cases)} cases, ${failed} failed`);
  process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
}

function caseProblems(target: Target, seed: number, from: number, to: number): readonly string[] {
  const problems: string[] = [];
  for (let at = from; at < to && problems.length < 20; at += 1) {
    const run = target.prepare(createSeededRandom(seed * 1_000_003 + at));
    const how = `--only '${target.name}' --seed ${seed} --case ${at}`;
    try {
      let ms = timed(run);
      for (let left = tries - 1; ms > longestMs && left > 0; left -= 1) ms = Math.min(ms, timed(run));
      if (ms > longestMs) problems.push(`${how}: ${ms.toFixed(0)} ms`);
    } catch (error) {
      problems.push(
        `${how}: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : error}`,
      );
    }
  }
  return problems;
}

function timed(run: () => void): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}

function others(target: Target, seed: number): readonly string[] {
  const problems = [...target.broken()];
  try {
    const turn = target.long(createSeededRandom(seed));
    for (let at = 0; at < longTurns; at += 1) turn();
    let grown = Number.POSITIVE_INFINITY;
    for (let left = longWatches; grown > mostGrowth && left > 0; left -= 1) {
      const before = heapBytes();
      for (let at = 0; at < longTurns; at += 1) turn();
      grown = heapBytes() - before;
    }
    if (grown > mostGrowth) problems.push(`a session kept ${grown} bytes more after ${longTurns} turns, each time`);
  } catch (error) {
    problems.push(`a session that lasts: ${error instanceof Error ? error.stack : error}`);
  }
  return problems;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

main(process.argv.slice(2));
