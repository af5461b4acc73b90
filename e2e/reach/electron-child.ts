import { createInterface } from 'node:readline';
import { type Expectation, runSituation, type Verdict } from './situation';

/** A situation as it travels to an Electron: what is needed to watch, and what is to come of it. */
export interface Told {
  readonly name: string;
  readonly url: string;
  readonly reach: unknown;
  readonly secrets: Readonly<Record<string, string>>;
  readonly expect:
    | { readonly kind: 'live' }
    | {
        readonly kind: 'fails';
        readonly code: Extract<Expectation, { kind: 'fails' }>['code'];
        readonly words: string;
      };
}

/** The answer to it, one line of JSON after this word. */
export const answerWord = 'verdicts ';

/** Runs in Electron's main process: a situation for each line of standard input. */
async function answer(line: string): Promise<void> {
  const { name, url, reach, secrets, expect } = JSON.parse(line) as Told;
  const wanted: Expectation = expect.kind === 'live' ? expect : { ...expect, words: new RegExp(expect.words) };
  let said: readonly Verdict[] | string;
  try {
    said = await runSituation({ name, url, reach, secrets, steps: [{ expect: wanted }] });
  } catch (error) {
    said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  process.stdout.write(`${answerWord}${JSON.stringify(said)}\n`);
}

if (process.versions.electron) {
  const lines = createInterface({ input: process.stdin });
  let last = Promise.resolve();
  lines.on('line', (line) => {
    last = last.then(() => answer(line));
  });
  lines.on('close', () => void last.then(() => process.exit(0)));
}
