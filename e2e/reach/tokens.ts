import { httpTransports, type TransportKind } from '../../shared/transport';
import { flawOf, leakOf, until, type Verdict } from './situation';
import type { Mood, TokenService } from './token-service';
import { createTestSecrets, type Watched, type Watcher, watchAll } from './watcher';

/** Sources that share one account. */
const count = 50;
/** How long each mood is endured, ms: some lives of a token. */
const enduredMs = 18_000;
/** Requests for a token that this many ms may hold: one each second is the engine's own limit. */
const mostAsked = (ms: number) => Math.ceil(ms / 1000) + 1;

interface TokenWish {
  readonly service: TokenService;
  readonly clientSecret: string;
}

export interface Judged {
  readonly name: string;
  readonly verdicts: readonly Verdict[];
  readonly ms: number;
}

const moods: readonly (readonly [string, readonly Mood[]])[] = [
  ['tokens that live 8 s, 50 sources', ['good']],
  ['a token service that hangs every other time', ['good', 'hangs']],
  ['a token service that fails two times in three', ['good', 'fails', 'fails']],
  ['a token service that answers with rubbish every other time', ['good', 'rubbish']],
];

/** Fifty sources on one account whose tokens live 8 s: they stay live, whatever the service does in between. */
export async function* tokenSituations({ service, clientSecret }: TokenWish): AsyncGenerator<Judged> {
  const secrets = createTestSecrets({ client: clientSecret });
  const watcher = await watchAll({
    url: `http://127.0.0.1:${service.door}/v1/reach`,
    reach: {
      proxy: { kind: 'direct' },
      credential: { kind: 'oauth', tokenUrl: service.tokenUrl, clientId: 'wirewatch', clientSecret: 'client' },
    },
    secrets,
    resolveProxy: async () => 'DIRECT',
    count,
  });
  try {
    const came = await until(() => watcher.sources.every((one) => one.view().state.kind === 'live'));
    if (!came) throw new Error('Not all sources went live.');
    for (const [name, list] of moods) yield await endure(name, list, watcher, service);
    yield await outage(watcher, service);
    const leaked = perTransport(watcher, (one) => leakOf(one, [...secrets.values(), ...service.tokens()]));
    yield { name: 'no token and no client secret comes out', verdicts: leaked, ms: 0 };
  } finally {
    await watcher.close();
  }
}

async function endure(name: string, list: readonly Mood[], watcher: Watcher, service: TokenService): Promise<Judged> {
  const startedAt = Date.now();
  const asked = service.asked();
  service.setMoods(list);
  const marks = new Map(watcher.sources.map((one) => [one, one.transitions.length]));
  const arrived = new Map(watcher.sources.map((one) => [one, one.numbers.length]));
  await new Promise((resolve) => setTimeout(resolve, enduredMs));
  const common = politeness(service, asked, Date.now() - startedAt);
  const verdicts = perTransport(watcher, (one) => {
    const left = one.transitions.slice(marks.get(one)).find(({ to }) => to.kind !== 'live');
    if (left) return `left live: ${left.text}`;
    if (one.numbers.length - (arrived.get(one) ?? 0) < 20) return 'hardly any events arrived';
    return flawOf(one) ?? common;
  });
  return { name, verdicts, ms: Date.now() - startedAt };
}

/** Longer than a token lives: what is open stays open, what must ask again says why, and comes back by itself. */
async function outage(watcher: Watcher, service: TokenService): Promise<Judged> {
  const startedAt = Date.now();
  const asked = service.asked();
  service.setMoods(['fails']);
  const marks = new Map(watcher.sources.map((one) => [one, one.transitions.length]));
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const common = politeness(service, asked, Date.now() - startedAt);
  const after = new Map(watcher.sources.map((one) => [one, one.transitions.slice(marks.get(one))]));
  service.setMoods(['good']);
  const back = await until(() => watcher.sources.every((one) => one.view().state.kind === 'live'), 45_000);
  const verdicts = perTransport(watcher, (one) => {
    const gone = after.get(one)?.find(({ to }) => to.kind !== 'live');
    const streams = one.transport === 'websocket' || one.transport === 'sse';
    if (streams && gone) return `an open stream was given up: ${gone.text}`;
    if (!streams && !after.get(one)?.some(({ code }) => code === 'credential-failed')) {
      return `it was not said that there is no credential: ${gone?.text ?? 'it claims to be live'}`;
    }
    if (!back && one.view().state.kind !== 'live') return `it did not come back: ${one.view().reason.text}`;
    return flawOf(one) ?? common;
  });
  return { name: 'a token service that is out of order for 15 s', verdicts, ms: Date.now() - startedAt };
}

function politeness(service: TokenService, before: number, ms: number): string | null {
  const asked = service.asked() - before;
  if (service.mostAtOnce() > 1) return `${service.mostAtOnce()} requests for a token at one time`;
  if (asked > mostAsked(ms)) return `${asked} requests for a token within ${(ms / 1000).toFixed(0)} s`;
  return null;
}

/** The first problem of each transport's sources. */
function perTransport(watcher: Watcher, problemOf: (one: Watched) => string | null): readonly Verdict[] {
  return httpTransports.map((transport: TransportKind) => {
    const mine = watcher.sources.filter((one) => one.transport === transport);
    const problem = mine.map(problemOf).find((found) => found !== null) ?? null;
    return { transport, problem, sentence: `${watcher.sources.length} sources` };
  });
}
