import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { Position } from '../../../shared/position';
import type { SourceConfig } from '../../../shared/source';
import type { DeliveredEvent } from '../core/delivery';
import type { JournalEntry } from '../core/journal';
import type { RungPurpose } from '../core/rung';
import type { Engine } from '../engine';
import type { FakeClock } from './fake-clock';
import type { FakeCredential } from './fake-host';
import type { FakeFeed } from './feeds/feed';
import { createJury, type Jury } from './judges/jury';
import type { SimHost, Watch } from './watch';

/** A watch as the world fills it. */
export interface Recorder extends Watch {
  wanted: SourceConfig | null;
  damaged: boolean;
  entry(entry: JournalEntry): void;
  session(id: number, purpose: RungPurpose, open: boolean): void;
  events(events: readonly DeliveredEvent[]): void;
  gaps(gaps: readonly Gap[]): void;
  transition(transition: Transition): void;
  /** A person did something. */
  touched(): void;
  /** The process ended: its sessions with it. */
  reborn(): void;
  /**
   * The source is removed, with all that is known of it. Not `durable`: the journal cannot write that just now. Should the process
   * end before it can, its rows are those of a source that is added with the same id.
   */
  forgotten(durable: boolean): void;
}

/** `stored`: what is told is only kept; the rows in the journal are judged. */
export function createRecorder(deps: {
  readonly id: string;
  readonly clock: FakeClock;
  readonly host: SimHost;
  readonly feed: FakeFeed;
  readonly credential: FakeCredential;
  readonly wanted: SourceConfig;
  readonly stored: boolean;
  /** The engine of the process that runs just now. */
  readonly engine: () => Engine;
  readonly complain: (text: string) => void;
}): Recorder {
  const { id, clock, host, feed, credential, stored } = deps;
  const complain = (text: string): void => deps.complain(`${id} (${feed.kind}): ${text}`);
  const sessions = new Map<number, RungPurpose>();
  const opened: number[] = [];
  const transitions: Transition[] = [];
  const gapsTold: Gap[] = [];
  let lastOrdinal = 0;
  const messages = new Map<string, 'asked' | 'taken' | 'refused'>();
  const told = new Map<number, string[]>();
  let jury: Jury = createJury(feed, stored ? () => {} : complain);
  let first: Position | null = null;
  let since = Number.POSITIVE_INFINITY;
  let lastEntry = 0;
  let commandedAt = Number.NEGATIVE_INFINITY;

  const recorder: Recorder = {
    id,
    host,
    feed,
    credential,
    sessions,
    opened,
    transitions,
    gapsTold,
    messages,
    damaged: false,
    told,
    wanted: deps.wanted,
    get jury() {
      return jury;
    },
    firstPosition: () => first,
    since: () => since,
    commandedAt: () => commandedAt,
    view: () => deps.engine().view(id),
    command(command) {
      commandedAt = clock.now();
      recorder.wanted = deps.engine().command(id, command) ?? recorder.wanted;
    },
    send(body) {
      const { outbox } = deps.engine();
      messages.set(body, 'asked');
      outbox.send(id, 'note', body).then(
        () => messages.has(body) && messages.set(body, 'taken'),
        () => messages.has(body) && messages.set(body, 'refused'),
      );
    },
    renew() {
      commandedAt = clock.now();
      credential.renew();
    },
    touched() {
      commandedAt = clock.now();
    },
    entry(entry) {
      first ??= startOf(entry, feed.streams[0] ?? '');
      if (entry.number !== 1 && entry.number !== lastEntry + 1)
        complain(`journal entry ${entry.number} follows ${lastEntry}`);
      lastEntry = entry.number;
    },
    session(number, purpose, open) {
      if (!open) {
        sessions.delete(number);
        return;
      }
      sessions.set(number, purpose);
      if (purpose !== 'proof') opened.push(clock.now());
    },
    events(events) {
      jury.delivered(events);
      for (const { ordinal, body } of events) told.set(ordinal, [...(told.get(ordinal) ?? []), String(body)]);
      lastOrdinal = events.at(-1)?.ordinal ?? lastOrdinal;
    },
    gaps(gaps) {
      jury.gaps(gaps);
      gapsTold.push(...gaps);
    },
    transition(transition) {
      transitions.push(transition);
      const { to } = transition;
      if (to.kind === 'live' && to.resync === 'current') since = Math.min(since, clock.now());
    },
    reborn() {
      commandedAt = clock.now();
      sessions.clear();
      // Another process: its pace is its own, and nobody restarts an application twice in half a second.
      opened.length = 0;
      // No event and no place was ever had of it: for the next process it is a new source, and begins where it is met.
      if (first === null && lastOrdinal === 0 && gapsTold.length === 0) since = Number.POSITIVE_INFINITY;
    },
    forgotten(durable) {
      commandedAt = clock.now();
      jury = createJury(feed, stored ? () => {} : complain);
      first = null;
      since = Number.POSITIVE_INFINITY;
      gapsTold.length = 0;
      lastOrdinal = 0;
      // One that is added is another: its backoff begins anew.
      opened.length = 0;
      messages.clear();
      recorder.damaged = false;
      if (durable) told.clear();
    },
  };
  return recorder;
}

/** Where the source began to watch: before the first delivered event, or at the first cursor. */
function startOf(entry: JournalEntry, stream: string): Position | null {
  const event = entry.events.find((one) => one.stream === stream && one.position !== null);
  if (event?.position) return { epoch: event.position.epoch, seq: event.position.seq - 1 };
  return entry.checkpoint?.positions[stream] ?? null;
}
