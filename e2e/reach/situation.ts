import type { ResolveProxy } from '../../electron/engine/dialling/environment';
import type { ReasonCode } from '../../shared/reasons';
import { httpTransports, type TransportKind, transportNames } from '../../shared/transport';
import { createTestSecrets, type TestSecrets, type Watched, watchAll } from './watcher';

/** What every source of a situation must come to. */
export type Expectation =
  | { readonly kind: 'live' }
  /** Not live, with this reason and these words. */
  | { readonly kind: 'fails'; readonly code: ReasonCode; readonly words: RegExp };

export const live: Expectation = { kind: 'live' };

export function fails(code: ReasonCode, words: RegExp): Expectation {
  return { kind: 'fails', code, words };
}

interface Step {
  readonly expect: Expectation;
  /** What is done once it has come so far. */
  readonly after?: (secrets: TestSecrets) => Promise<void> | void;
}

/** One state of the network, the server and the profile, held against all four transports. */
export interface Situation {
  readonly name: string;
  readonly url: string;
  readonly reach: unknown;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly resolveProxy?: ResolveProxy;
  readonly steps: readonly Step[];
  /** What the first step comes to in Electron, where its TLS library knows more or less than Node's. */
  readonly inElectron?: Expectation;
}

export interface Verdict {
  readonly transport: TransportKind;
  /** Null when it passed. */
  readonly problem: string | null;
  /** What was said last. */
  readonly sentence: string;
}

const patienceMs = 30_000;
/** Events that must arrive for a source to count as live. */
const enough = 4;

/** Runs one situation. The answer must be the expected one, and the same in the same words for all. */
export async function runSituation(situation: Situation): Promise<readonly Verdict[]> {
  const secrets = createTestSecrets(situation.secrets);
  const watcher = await watchAll({
    url: situation.url,
    reach: situation.reach,
    secrets,
    resolveProxy: situation.resolveProxy ?? (async () => 'DIRECT'),
  });
  const problems = new Map<TransportKind, string>();
  const sentences = new Map<TransportKind, string>();
  try {
    for (const { expect, after } of situation.steps) {
      const marks = new Map(watcher.sources.map((one) => [one, one.numbers.length]));
      await Promise.all(
        watcher.sources.map(async (one) => {
          const came = await until(() => hasCome(one, expect, marks.get(one) ?? 0));
          sentences.set(one.transport, sentenceOf(one));
          if (!came && !problems.has(one.transport)) problems.set(one.transport, complaint(one, expect));
        }),
      );
      await after?.(secrets);
    }
    for (const one of watcher.sources) {
      const problem = flawOf(one) ?? leakOf(one, secrets.values());
      if (problem && !problems.has(one.transport)) problems.set(one.transport, problem);
    }
  } finally {
    await watcher.close();
  }
  const first = sentences.get('websocket') ?? '';
  return httpTransports.map((transport) => {
    const sentence = sentences.get(transport) ?? '';
    const differs = sentence !== first ? `says "${sentence}", WebSocket says "${first}"` : null;
    return { transport, problem: problems.get(transport) ?? differs, sentence };
  });
}

function hasCome(one: Watched, expect: Expectation, mark: number): boolean {
  const { state, reason } = one.view();
  if (expect.kind === 'live') return state.kind === 'live' && one.numbers.length >= mark + enough;
  return (
    (state.kind === 'waiting' || state.kind === 'stopped') &&
    reason.code === expect.code &&
    expect.words.test(reason.text)
  );
}

function complaint(one: Watched, expect: Expectation): string {
  const { state, reason } = one.view();
  const wanted = expect.kind === 'live' ? 'live' : `${expect.code} ${expect.words}`;
  return `wanted ${wanted}, is ${state.kind}: ${reason.code} "${reason.text}", ${one.numbers.length} events`;
}

/** The sentence, with the transport's own name taken out; of live ones only that they are. */
function sentenceOf(one: Watched): string {
  const { state, reason } = one.view();
  if (state.kind === 'live') return 'live';
  return reason.text.replaceAll(transportNames[one.transport], 'it');
}

/** Exactly once and in order, whatever happened on the way. */
export function flawOf({ numbers }: Watched): string | null {
  for (const [index, seq] of numbers.entries()) {
    const before = numbers[index - 1];
    if (before !== undefined && seq !== before + 1) return `after event ${before} came ${seq}`;
  }
  return null;
}

/** Whether a secret came out anywhere a person, a log or a journal could see it. */
export function leakOf(one: Watched, secrets: readonly string[]): string | null {
  const told = JSON.stringify([one.transitions, one.view()]);
  for (const secret of secrets) {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
    if (forms.some((form) => form.length >= 6 && told.includes(form))) return 'a secret came out';
  }
  return null;
}

export async function until(test: () => boolean, withinMs = patienceMs): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    if (test()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return test();
}
