import { describe, expect, it } from 'vitest';
import { noCounters } from '../../../shared/view';
import type { DeliveredEvent } from '../core/delivery';
import type { JournalEntry } from '../core/journal';
import { createRounds } from '../core/rounds';
import { createFakeClock } from '../simulation/fake-clock';
import { collectMs, createLedger } from './ledger';

const event = (ordinal: number): DeliveredEvent => ({
  stream: 's',
  position: { epoch: 'a', seq: ordinal },
  id: null,
  type: 't',
  sentAt: null,
  receivedAt: 0,
  body: '{}',
  bytes: 2,
  value: {},
  ordinal,
  late: false,
});

function open(lastEntry = 0) {
  const clock = createFakeClock();
  const appended: JournalEntry[] = [];
  const ledger = createLedger({
    source: 's',
    rounds: createRounds(clock, collectMs),
    lastEntry,
    append(entry) {
      appended.push(entry);
      return 'go';
    },
    counters: () => noCounters,
    rollups: () => [],
    onHold() {},
  });
  return { clock, appended, ledger };
}

describe('the ledger', () => {
  it('promise 3: drops what it collected when the journal says that entries were dropped, so that it is not stored twice', () => {
    const { clock, appended, ledger } = open();
    ledger.events([event(1)]);
    ledger.handOver();
    ledger.events([event(2), event(3)]);
    ledger.collect();
    expect(ledger.notYetStored).toBe(3);
    ledger.drop();
    expect(ledger.notYetStored).toBe(0);
    clock.advance(1_000);
    ledger.handOver();
    expect(appended.flatMap(({ events }) => events.map(({ ordinal }) => ordinal))).toEqual([1]);
  });

  it('promise 3: goes on with the numbers of whoever collected before', () => {
    const { appended, ledger } = open(7);
    ledger.events([event(1)]);
    ledger.committed(7);
    ledger.close();
    expect(appended[0]?.number).toBe(8);
    expect(ledger.notYetStored).toBe(1);
  });

  it('promise 6: tells when what was collected is on disk, at once where all is, and only then', () => {
    const { clock, ledger } = open(7);
    const told: string[] = [];
    ledger.whenStored(() => told.push('nothing yet'));
    expect(told).toEqual(['nothing yet']);
    ledger.events([event(1)]);
    ledger.collect();
    ledger.whenStored(() => told.push('first'));
    clock.advance(25);
    ledger.committed(7);
    ledger.events([event(2)]);
    ledger.whenStored(() => told.push('second'));
    ledger.handOver();
    expect(told).toEqual(['nothing yet']);
    ledger.committed(8);
    expect(told).toEqual(['nothing yet', 'first']);
    ledger.committed(9);
    expect(told).toEqual(['nothing yet', 'first', 'second']);
    ledger.events([event(3)]);
    // What was dropped is not on disk, whatever is stored behind it.
    ledger.whenStored((stored) => told.push(`dropped: ${stored}`));
    ledger.drop();
    ledger.events([event(3)]);
    ledger.handOver();
    ledger.committed(10);
    clock.advance(25);
    expect(told).toEqual(['nothing yet', 'first', 'second', 'dropped: false']);
  });

  it('hands over after 25 ms, or at once what fills a block', () => {
    const { clock, appended, ledger } = open();
    ledger.events([event(1)]);
    ledger.collect();
    clock.advance(24);
    expect(appended).toHaveLength(0);
    clock.advance(1);
    expect(appended).toHaveLength(1);
    ledger.events(Array.from({ length: 512 }, (_, n) => event(n + 2)));
    ledger.collect();
    expect(appended).toHaveLength(2);
    clock.advance(1_000);
    expect(appended).toHaveLength(2);
  });
});
