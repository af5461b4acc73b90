import { expect, it } from 'vitest';
import { noCounters } from '../../../shared/view';
import type { JournalEntry } from '../core/journal';
import { createFakeClock } from './fake-clock';
import { createMemoryJournal } from './memory-stores';

const entry = (number: number, nextOrdinal: number): JournalEntry => ({
  source: 's',
  number,
  events: [],
  gaps: [],
  checkpoint: { positions: {}, whole: false, token: `after ${nextOrdinal}`, keys: null, nextOrdinal, pastEpochs: null },
  transitions: [],
  rollups: [],
  counters: noCounters,
});

it('a journal of the simulation gives a source that begins anew what is on its way to the disk, as the real one does', async () => {
  const clock = createFakeClock();
  const journal = createMemoryJournal(clock, new Map());
  journal.append(entry(1, 5));
  expect(await journal.restore('s')).toMatchObject({ lastEntry: 1, checkpoint: { nextOrdinal: 5 } });
  clock.advance(1_000);
  journal.append(entry(2, 9));
  expect(await journal.restore('s')).toMatchObject({ lastEntry: 2, checkpoint: { nextOrdinal: 9 } });
  await journal.forget('s');
  clock.advance(1_000);
  expect(await journal.restore('s')).toBeNull();
});
