import type { RungConfig } from '../../../shared/source';
import { type SnapshotAnswer, type StateRow, type StateView, shownChars } from '../../../shared/state';
import type { DeliveredEvent } from '../core/delivery';
import type { DecodedEvent, Message, Protocol } from '../core/protocol';
import { createLatestState, type LatestEvent, type SnapshotOutcome } from './latest';
import type { SnapshotFetched } from './requests';

export interface SourceStateDeps {
  readonly protocol: Protocol;
  readonly ladder: readonly RungConfig[];
  /** Streams that have a place, whether an event of them came in this run or not. */
  streams(): readonly string[];
  /** Fetches a stream's snapshot; false where there is none to fetch. */
  fetch(stream: string, done: (fetched: SnapshotFetched) => void): boolean;
  onChange(): void;
}

/** What a source's feed says is so: its newest event of each type, and snapshots beneath them. */
export interface SourceState {
  apply(events: readonly DeliveredEvent[]): void;
  /** Delivery could not resume: what was missed may at least be seen as a state. */
  wanted(stream: string): void;
  view(): StateView;
  /** A person asks for a snapshot of every stream. */
  refresh(): Promise<SnapshotAnswer>;
  latest(stream: string): readonly DecodedEvent[];
  close(): void;
}

export function createSourceState(deps: SourceStateDeps): SourceState {
  const latest = createLatestState();
  const asking = new Set<(answer: SnapshotAnswer) => void>();
  let closed = false;

  const offered = (stream: string) => deps.ladder.some((rung) => deps.protocol.snapshotUrl(rung, stream) !== null);

  /** Newer events stay on top of it, older ones give way. */
  function merge(stream: string, messages: readonly Message[]): SnapshotOutcome | null {
    const events = messages.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
    const epoch = events[0]?.position?.epoch;
    if (epoch === undefined || closed) return null;
    const outcome = latest.merge(stream, epoch, events);
    deps.onChange();
    return outcome;
  }

  function refreshOne(stream: string): Promise<SnapshotAnswer> {
    return new Promise((resolve) => {
      const answer = (said: SnapshotAnswer): void => {
        asking.delete(answer);
        resolve(said);
      };
      asking.add(answer);
      const asked = deps.fetch(stream, (fetched) => {
        if ('why' in fetched) answer({ ok: false, text: `No snapshot of ${stream}: ${fetched.why}` });
        else answer(sentenceOf(stream, merge(stream, fetched.messages)));
      });
      if (!asked) answer({ ok: false, text: `No snapshot of ${stream}: too many are asked for already.` });
    });
  }

  return {
    apply: (events) => latest.apply(events),
    wanted(stream) {
      deps.fetch(stream, (fetched) => {
        // The state as of now is a convenience: where it cannot be had, the events tell.
        if ('messages' in fetched) merge(stream, fetched.messages);
      });
    },
    view: () => ({
      rows: latest.streams().flatMap((stream) => latest.entries(stream).map(rowOf)),
      refused: latest.refused,
      offered: latest.streams().some(offered) || deps.streams().some(offered),
    }),
    async refresh() {
      const all = [...new Set([...latest.streams(), ...deps.streams()])].filter(offered);
      if (closed || all.length === 0) return notOffered;
      const answers = await Promise.all(all.map(refreshOne));
      const ok = answers.every((answer) => answer.ok);
      if (answers.length <= toldOne) return { ok, text: answers.map(({ text }) => text).join(' ') };
      const bad = answers.filter((answer) => !answer.ok);
      const first = bad[0] === undefined ? '' : ` The first that was not: ${bad[0].text}`;
      return { ok, text: `${answers.length - bad.length} of ${answers.length} streams got their snapshot.${first}` };
    },
    latest: (stream) => latest.entries(stream),
    close() {
      closed = true;
      for (const answer of asking) answer({ ok: false, text: 'The source was closed before the snapshot came.' });
    },
  };
}

/** Up to so many streams, each is told by its own sentence. */
const toldOne = 20;

const notOffered: SnapshotAnswer = { ok: false, text: 'This feed offers no snapshot: its events are all there is.' };

function sentenceOf(stream: string, outcome: SnapshotOutcome | null): SnapshotAnswer {
  if (outcome === null) return { ok: true, text: `The snapshot of ${stream} is empty.` };
  if (outcome.kind === 'other-epoch') {
    const text = `The snapshot of ${stream} belongs to another epoch (${outcome.epoch}): nothing of it was applied.`;
    return { ok: false, text };
  }
  const { applied, kept, refused } = outcome;
  const newer = kept === 0 ? '' : `; ${kept} kept what is as new or newer`;
  const noRoom = refused === 0 ? '' : `; ${refused} found no room`;
  return {
    ok: refused === 0,
    text: `The snapshot of ${stream} gave ${applied} of ${applied + kept + refused} types their state${newer}${noRoom}.`,
  };
}

function rowOf({ stream, type, thing, ordinal, position, sentAt, receivedAt, body, bytes }: LatestEvent): StateRow {
  const text = typeof body === 'string';
  return {
    stream,
    type,
    thing: thing ?? null,
    ordinal: ordinal ?? null,
    epoch: position?.epoch ?? null,
    seq: position?.seq ?? null,
    sentAt,
    receivedAt,
    body: text ? body.slice(0, shownChars) : Buffer.from(body.subarray(0, shownChars)).toString('base64'),
    encoding: text ? 'text' : 'base64',
    bytes,
  };
}
