import type { Transition } from '../../../shared/connection';
import type { ProtocolName } from '../../../shared/protocols';
import type { ReasonCode } from '../../../shared/reasons';
import { redactUrls } from '../../../shared/secret-words';
import type { RungConfig, SourceConfig } from '../../../shared/source';
import { type TransportKind, transportNames } from '../../../shared/transport';
import type { Clock, Timer } from '../core/clock';
import type { Transport, TransportSession } from '../core/transport';
import { inferLadder } from '../protocols/ladder';
import { protocolOf } from '../protocols/registry';
import type { Findings } from './findings';
import { maxFrameBytes } from './frame-limit';

/**
 * An address is a hint. What was told from it alone, and is refused by what answers, is looked at once more without the
 * hint: what shows itself there is read instead.
 */

/** How a feed is read other than its address suggests. */
export interface Reading {
  readonly protocol: ProtocolName;
  readonly ladder: readonly RungConfig[];
  /** Why, in one sentence. */
  readonly text: string;
}

/** Readings of this run, by source. */
export interface Readings {
  of(config: SourceConfig): Reading | null;
  keep(config: SourceConfig, reading: Reading): void;
  forget(id: string): void;
}

export function createReadings(): Readings {
  const kept = new Map<string, { readonly address: string; readonly reading: Reading }>();
  return {
    of(config) {
      const found = kept.get(config.id);
      return config.inferred && found?.address === addressOf(config) ? found.reading : null;
    },
    keep: (config, reading) => void kept.set(config.id, { address: addressOf(config), reading }),
    forget: (id) => void kept.delete(id),
  };
}

/** What a reading holds for: another address, or another way there, is looked at anew. */
function addressOf({ url, protocol, ladder, reach }: SourceConfig): string {
  return JSON.stringify([url, protocol, ladder, reach ?? null]);
}

/** Ends that say that this is not what the address looks like. A login or a certificate says nothing of it. */
const doubts: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'not-our-gateway',
  'not-found',
  'gone',
  'rejected',
  'not-a-feed',
  'stream-instead',
  'upgrade-refused',
  'endless-answer',
]);

/** A first message or answer that cannot be read may be an accident; a second one is looked into, while it is tried again. */
const garbled: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['first-message-unreadable', 'answer-unusable']);
const garbledNeeded = 2;

/** One rung is looked at for so long, ms. */
const lookMs = 5_000;

export interface DiscoveryDeps {
  readonly clock: Clock;
  readonly transports: Readonly<Record<TransportKind, Transport>>;
  readonly findings: Pick<Findings, 'recognised' | 'stranger'>;
  /** It has numbers from an earlier run: what gave them out was our gateway. */
  numbered(): boolean;
  /** The feed is to be read so from now on. */
  onFound(reading: Reading): void;
}

export interface Discovery {
  /** The connection moved: where it ended in a way that may be the hint's fault, a look begins. */
  transition(transition: Transition): void;
  close(): void;
}

/** Looks at what a source's address really is, for as long as the source has not shown that the hint was right. */
export function createDiscovery(config: SourceConfig, deps: DiscoveryDeps): Discovery {
  const { clock, transports, findings } = deps;
  let stop: (() => void) | null = null;
  let garbledSeen = 0;

  function end(): void {
    stop?.();
    stop = null;
  }

  function look(why: string): void {
    const rungs = candidates();
    let at = 0;

    function next(): void {
      stop = null;
      const rung = rungs[at];
      at += 1;
      if (!rung) return;
      stop = lookAt(rung, clock, transports[rung.transport], (contentType) => {
        stop = null;
        if (findings.recognised) return;
        if (contentType === null || !fits(rung, contentType)) next();
        else deps.onFound({ protocol: 'json', ladder: [rung], text: sentence(rung, why, contentType) });
      });
    }
    next();
  }

  function candidates(): readonly RungConfig[] {
    if (config.protocol === 'json') {
      return config.ladder.map(({ url }) => ({ transport: 'poll', url, intervalSeconds: pollSeconds }));
    }
    const { stranger } = findings;
    // What pushes at the place of one of our streams has shown that it is a feed: it is read there.
    const pushes = stranger?.transport === 'websocket' || stranger?.transport === 'sse';
    const plain = plainRungs(config.url);
    if (stranger === null) return plain;
    return pushes ? [stranger, ...plain] : [...plain, { ...stranger, transport: 'poll' }];
  }

  /** Of an event stream there is left to find out only that its address answers with a document. */
  function fits({ transport }: RungConfig, contentType: string): boolean {
    return config.protocol !== 'json' || (transport === 'poll' && /json/i.test(contentType));
  }

  function sentence({ transport, url }: RungConfig, why: string, contentType: string): string {
    const what = contentType === '' ? '' : ` (${contentType})`;
    if (config.protocol === 'json') {
      return `The address looks like that of an event stream, but it answers ${contentType}: it is polled.`;
    }
    const not = config.protocol === 'prometheus' ? 'no page of metrics' : 'not our gateway';
    return `This is ${not}: asked as one, it gave “${why}” So ${redactUrls(url)} is read as a plain feed: ${transportNames[transport]}${what}.`;
  }

  return {
    transition({ to, code, text }) {
      // The next attempt takes nothing away from a look that has begun.
      if (to.kind === 'connecting') return;
      end();
      if (findings.recognised || deps.numbered()) return;
      if (garbled.has(code)) garbledSeen += 1;
      const stopped = to.kind === 'stopped' && !to.rechecking && doubts.has(code);
      if (stopped || (garbled.has(code) && garbledSeen >= garbledNeeded)) look(text);
    },
    close: end,
  };
}

/** Whether a source's protocol is a guess that can be corrected. */
export function isGuess({ inferred, protocol, ladder }: SourceConfig): boolean {
  if (!inferred) return false;
  if (protocol === 'gateway' || protocol === 'prometheus') return true;
  return protocol === 'json' && ladder.every(({ transport }) => transport === 'sse');
}

const pollSeconds = 5;

function plainRungs(url: string): readonly RungConfig[] {
  const plain = inferLadder(url, 'json');
  if (!plain.ok) return [];
  const first = plain.ladder[0];
  if (first === undefined || first.transport !== 'sse') return plain.ladder;
  return [first, { ...first, transport: 'poll' }];
}

/**
 * Opens a rung for a moment. Answers with the content type of what is there (empty where it has none), null when that is no
 * feed. Returns what ends it early; then nothing is answered.
 */
function lookAt(
  rung: RungConfig,
  clock: Clock,
  transport: Transport,
  done: (contentType: string | null) => void,
): () => void {
  const protocol = protocolOf({ protocol: 'json', ladder: [rung] });
  let over = false;
  let contentType = '';
  let session: TransportSession | null = null;
  let limit: Timer | null = null;

  function end(answer: string | null | undefined): void {
    if (over) return;
    over = true;
    limit?.cancel();
    session?.destroy();
    if (answer !== undefined) done(answer);
  }

  limit = clock.after(lookMs, () => end(null));
  session = transport.open(
    () => protocol.attach(rung, null, { holdMs: 0, again: false }),
    { maxFrameBytes, pollIntervalMs: lookMs * 2, holdMs: 0 },
    {
      onOpen({ head }) {
        contentType = (head?.headers.find(([name]) => name === 'content-type')?.[1] ?? '').split(';', 1)[0] ?? '';
        // An answer to a poll may turn out to be a page.
        if (rung.transport !== 'poll') end(contentType);
      },
      onFrame: () => end(contentType),
      onStream: () => end(contentType),
      onFloor: () => undefined,
      onAnswer: () => undefined,
      onHeartbeat: () => undefined,
      onEnd: () => end(null),
    },
  );
  if (over) session.destroy();
  return () => end(undefined);
}
