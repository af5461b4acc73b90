import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ask, storedEvents } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { type NumberlessWay, numberlessWays, startNumberless } from './fixtures/numberless';
import { windowOf } from './pages/window';

const names: Readonly<Record<NumberlessWay, string>> = {
  socket: 'Over a socket',
  sse: 'As SSE',
  lines: 'As lines',
  page: 'As a page',
};

/** What the hole is put down to: a page that is polled is not cut, it moves on. */
const causes: Readonly<Record<NumberlessWay, RegExp>> = {
  socket: /unknown number of events .*this feed cannot send again/,
  sse: /unknown number of events .*this feed cannot send again/,
  lines: /unknown number of events .*this feed cannot send again/,
  page: /unknown number of events .*the list moved on by more than a page/,
};

/** Watches a feed in a terminal; `said` is all it wrote. */
function watch(url: string): { readonly said: () => string; end(): Promise<void> } {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(__dirname, '../electron/cli/watch.ts'), url, '--protocol', 'json'],
    { cwd: join(__dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    said: () => text,
    end: () => {
      child.kill('SIGINT');
      return gone;
    },
  };
}

test('promise 10, behaviours 42 and 43: a feed without numbers that breaks shows its gap on every rung, in window, count and terminal', async ({
  running,
  picture,
}) => {
  const feed = await startNumberless();
  const terminals = numberlessWays.map((way) => ({ way, ...watch(feed.url(way)) }));
  try {
    const wirewatch = windowOf(running.page);
    const ids = new Map<NumberlessWay, string>();
    for (const way of numberlessWays) {
      const added = await ask(running.page, 'sources.add', { name: names[way], url: feed.url(way), protocol: 'json' });
      ids.set(way, added.id);
      // A WebSocket that has said nothing yet is open, and no more.
      await expect(wirewatch.overview.card(names[way], way === 'socket' ? 'Open, silent' : 'Live')).toBeVisible();
    }
    const stored = async (way: NumberlessWay) => storedEvents(running.page, ids.get(way) ?? '');

    // A terminal takes its time to start: readings go by until every one has shown some.
    const before = setInterval(() => feed.publish(), 1500);
    try {
      for (const { way, said } of terminals) {
        await expect.poll(said, { message: `${names[way]}, terminal` }).toMatch(/"level":/);
        await expect.poll(async () => (await stored(way)).length, { message: names[way] }).toBeGreaterThan(0);
      }
    } finally {
      clearInterval(before);
    }
    for (const way of numberlessWays) {
      const { gaps } = await ask(running.page, 'events.page', {
        source: ids.get(way) ?? '',
        from: 0,
        direction: 'after',
        limit: 1000,
      });
      expect(gaps, `${names[way]}, before anything broke`).toEqual([]);
    }
    await expect(running.page.getByRole('banner')).toContainText(/0 lost/);

    // While nobody is connected more goes by than the page holds.
    feed.cut();
    for (let count = 0; count < 30; count += 1) feed.publish();
    // What was broken is back when something comes through it again.
    const after = setInterval(() => feed.publish(), 1500);
    try {
      for (const way of numberlessWays) {
        await wirewatch.open(names[way]);
        await wirewatch.source.tab('Events');
        const gaps = running.page.locator('[role=row][data-kind=gap]');
        await expect(gaps.first()).toContainText(causes[way]);
        await expect(running.page.getByRole('banner')).toContainText(/some lost/);
        const { gaps: told } = await ask(running.page, 'events.page', {
          source: ids.get(way) ?? '',
          from: 0,
          direction: 'after',
          limit: 1000,
        });
        expect(told.map(({ status }) => status)).toEqual(['lost']);
        await picture(running.page, `gap-${way}`);
        const terminal = terminals.find((one) => one.way === way);
        await expect.poll(() => terminal?.said()).toMatch(/gap lost: an unknown number of events/);
        await expect.poll(() => terminal?.said()).toMatch(/0 lost and \d+ gaps? of unknown size/);
      }
    } finally {
      clearInterval(after);
    }
  } finally {
    await Promise.all(terminals.map(({ end }) => end()));
    await feed.close();
  }
});
