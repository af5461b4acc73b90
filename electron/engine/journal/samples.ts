import type { Transition } from '../../../shared/connection';
import type { SourceCounters } from '../../../shared/view';
import type { CheckpointStep, DeliveredEvent } from '../core/delivery';
import type { JournalEntry } from '../core/journal';

/** Made-up entries for tests and benchmarks. */

export const someTime = Date.UTC(2026, 0, 1, 12);

export function counters(delivered: number): SourceCounters {
  return {
    delivered,
    repeated: 0,
    late: 0,
    lost: 0,
    gapsOpen: 0,
    undecodable: 0,
    reconnects: 0,
    bytes: delivered * 200,
  };
}

/** An event of about 200 bytes, the n-th of its source; the same n gives the same event. */
export function event(n: number, change: Partial<DeliveredEvent> = {}): DeliveredEvent {
  const body = JSON.stringify({
    host: `web-${n % 20}`,
    percent: ((n * 7919) % 10_007) / 100,
    load: [(n % 97) / 10, (n % 89) / 10, (n % 83) / 10],
    request: (n * 2_654_435_761) % 4_294_967_296,
    message: n % 10_000 === 7 ? 'upstream timed out' : 'served from the cache as usual, nothing to report',
    zone: n % 2 ? 'eu-west' : 'us-east',
  });
  return {
    ordinal: n,
    stream: 'metrics',
    position: { epoch: 'e1', seq: n + 1 },
    id: null,
    type: n % 3 === 0 ? 'cpu' : 'memory',
    sentAt: someTime + n - 5,
    receivedAt: someTime + n,
    body,
    bytes: Buffer.byteLength(body),
    value: null,
    late: false,
    ...change,
  };
}

export function checkpoint(next: number, change: Partial<CheckpointStep> = {}): CheckpointStep {
  return {
    positions: { metrics: { epoch: 'e1', seq: next } },
    whole: false,
    token: null,
    keys: null,
    pastEpochs: null,
    nextOrdinal: next,
    ...change,
  };
}

/** Events [from, to) of a source as one entry, with the checkpoint and counters after them. */
export function entry(
  source: string,
  number: number,
  from: number,
  to: number,
  change: Partial<JournalEntry> = {},
): JournalEntry {
  return {
    source,
    number,
    events: Array.from({ length: to - from }, (_, index) => event(from + index)),
    gaps: [],
    checkpoint: checkpoint(to),
    rollups: [],
    transitions: [],
    counters: counters(to),
    ...change,
  };
}

export function transition(
  at: number,
  to: Transition['to'],
  from: Transition['from'] = { kind: 'idle', cause: 'new' },
): Transition {
  return { from, to, at, code: 'source-added', text: `to ${to.kind}`, evidence: [], transport: null };
}
