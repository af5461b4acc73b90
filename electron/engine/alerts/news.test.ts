import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertNews } from '../core/alerts';
import type { JournalEntry } from '../core/journal';
import { alertOf } from './course';
import { type AlertNewsDesk, createAlertNewsDesk } from './news';

let heard: AlertNews[];
let desk: AlertNewsDesk;

function entryOf(number: number, ids: readonly string[], raised = true): JournalEntry {
  const base = {
    name: 'n',
    severity: 'info',
    text: '',
    raisedAt: 0,
    endedAt: null,
    ordinal: 1,
    count: number,
  } as const;
  const changes = ids.map((id) => ({ alert: alertOf('r', 'a', { ...base, id }), raised }));
  return { source: 'a', number, alerts: { changes, states: [] } } as unknown as JournalEntry;
}

const told = () =>
  heard.map((news) =>
    news.kind === 'forgotten'
      ? news.kind
      : `${news.stored ? 'stored' : 'memory'} ${news.changes.map(({ alert, raised }) => `${alert.id}${raised ? '!' : ''}×${alert.count}`).join(' ')}`,
  );

beforeEach(() => {
  heard = [];
  desk = createAlertNewsDesk((news) => heard.push(news));
});

describe('alerts on their way to whoever acts', () => {
  it('wait for their commit', () => {
    desk.appended(entryOf(1, ['x']), false);
    desk.appended(entryOf(2, []), false);
    desk.appended(entryOf(3, ['y']), false);
    desk.committed('a', 0);
    desk.committed('b', 9);
    expect(told()).toEqual([]);
    desk.committed('a', 2);
    desk.committed('a', 3);
    desk.committed('a', 4);
    expect(told()).toEqual(['stored x!×1', 'stored y!×3']);
  });

  it('are told from memory once nothing can be stored, each once, and again when it is stored', () => {
    desk.appended(entryOf(1, ['x']), false);
    desk.paused();
    desk.paused();
    desk.appended(entryOf(2, ['y']), true);
    desk.committed('a', 2);
    expect(told()).toEqual(['memory x!×1', 'memory y!×2', 'stored x!×1 y!×2']);
  });

  it('are held as they are now, however long nothing can be stored', () => {
    for (let number = 1; number <= 5000; number++) desk.appended(entryOf(number, ['x'], number === 1), true);
    desk.committed('a', 5000);
    expect(told().at(-1)).toBe('stored x×5000');
    for (let number = 1; number <= 5000; number++) desk.appended(entryOf(number, [`x${number}`]), true);
    heard = [];
    desk.committed('a', 5000);
    expect(heard[0]).toMatchObject({ changes: { length: 1000 } });
  });

  it('are dropped with their entries, and go with their source', () => {
    desk.appended(entryOf(1, ['x']), true);
    desk.dropped('a');
    desk.committed('a', 5);
    desk.forgotten('a');
    expect(told()).toEqual(['memory x!×1', 'forgotten']);
  });
});
