import type { FoundReading, ProbeAnswer, ProbeSample } from '../../../shared/probe';
import type { Recipe } from '../../../shared/recipe';
import type { RungConfig, SourceConfig } from '../../../shared/source';
import type { Governor } from '../connection/governor';
import type { Clock } from '../core/clock';
import { concealed } from '../core/credential';
import type { Message } from '../core/protocol';
import { type Probed, probe } from '../probe/probe';
import type { SampleFrame, Verdict } from '../probe/verdict';
import { gatewayAddress } from '../protocols/gateway';
import { inferLadder } from '../protocols/ladder';
import { protocolOf } from '../protocols/registry';
import type { SourcePorts } from './ports';

/** So much of a sample is told, characters, and so many samples. */
const mostOfSample = 16 * 1024;
const mostSamples = 20;

export interface ProbingDeps {
  readonly governor: Pick<Governor, 'request'>;
  readonly clock: Clock;
}

/**
 * Looks at what answers at a source's address and says how it can be read. `post`: a person has agreed that the request of
 * its recipe is sent. `ports` stay the caller's. Never rejects; once `signal` fires it answers with what it has.
 */
export async function probeSource(
  config: Pick<SourceConfig, 'id' | 'url' | 'reach'>,
  ports: SourcePorts,
  { governor, clock }: ProbingDeps,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const { url } = config;
  const probed = await probe(
    { url, subprotocols: [], post: null, gatewayPoll: gatewayPollOf(url) },
    { http: ports.http, socket: ports.socket, clock, turns: governor, owner: config.id },
    signal,
  );
  return concealed(answerOf(probed, url, clock), ports.credential);
}

function answerOf({ verdicts, problem, steps }: Probed, url: string, clock: Clock): ProbeAnswer {
  const found = verdicts.map((verdict) => readingOf(verdict, url));
  const [first] = verdicts;
  const [reading] = found;
  const samples = first && reading ? samplesOf(first.frames, reading, clock) : [];
  return { found, samples, seen: steps, problem };
}

function readingOf(verdict: Verdict, url: string): FoundReading {
  const { title, protocol, confidence, why, wants } = verdict;
  // Of our own gateway all rungs are known once one has shown itself.
  const whole = protocol === 'gateway' ? inferLadder(url, 'gateway') : null;
  const ladder = whole?.ok ? whole.ladder : verdict.ladder;
  const recipe: Recipe | null = null;
  const { promise } = protocolOf({ protocol, ladder, recipe: recipe ?? undefined });
  return { title, protocol, recipe, ladder, confidence, why, promise, wants };
}

function samplesOf(frames: readonly SampleFrame[], reading: FoundReading, clock: Clock): readonly ProbeSample[] {
  const rung = reading.ladder[0];
  if (!rung) return [];
  const decoder = protocolOf({ ...reading, recipe: reading.recipe ?? undefined }).createDecoder(rung);
  return frames
    .flatMap(({ data, event, id, line }) => {
      const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
      const frame = { data, bytes, receivedAt: clock.wall(), event, id, headers: [], ...(line ? { line } : {}) };
      const text = typeof data === 'string' ? data : `<${data.length} bytes>`;
      return sampleOf(decoder.decode(frame as Parameters<typeof decoder.decode>[0]), text);
    })
    .slice(0, mostSamples);
}

/** The events of one frame; the frame itself where it holds none. */
function sampleOf(messages: readonly Message[], text: string): readonly ProbeSample[] {
  const events = messages.flatMap((message) => {
    if (message.kind === 'event') return [message.event];
    return message.kind === 'page' ? message.events : [];
  });
  if (events.length === 0) {
    return [
      { text: text.slice(0, mostOfSample), bytes: Buffer.byteLength(text), type: null, stream: null, sentAt: null },
    ];
  }
  return events.map(({ body, bytes, type, stream, sentAt }) => ({
    text: typeof body === 'string' ? body.slice(0, mostOfSample) : `<${bytes} bytes>`,
    bytes,
    type,
    stream,
    sentAt,
  }));
}

/** Where one of our gateway's streams would answer a poll, if the address is of one. */
function gatewayPollOf(url: string): string | null {
  const inferred = inferLadder(url, 'gateway');
  const rung: RungConfig | undefined = inferred.ok
    ? inferred.ladder.find(({ transport }) => transport === 'poll')
    : undefined;
  if (!rung || !gatewayAddress(url) || /^ws/i.test(url)) return null;
  return `${rung.url}${rung.url.includes('?') ? '&' : '?'}wait=0&limit=10`;
}
