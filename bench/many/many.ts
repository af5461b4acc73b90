import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { realDisk } from '../../electron/engine/journal/disk';
import { type Driven, drive } from '../application/application';
import type { Bench, BenchContext, BenchResult } from '../bench';
import { round } from '../bench';
import type { FromServer, ToServer } from './server';
import { type Shares, sharesBetween, usageOf } from './threads';

export const manyBench: Bench = {
  name: 'many',
  about: 'many slow sources in the built application: what a core has to do for them, by thread',
  run,
};

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const sources = option('sources', 200);
  const perSecond = option('rate', 4);
  const minutes = option('minutes', 5);
  /** Of each look: shorter for a comparison of two builds. */
  const lookMs = option('look', 60) * 1000;
  const folder = mkdtempSync(join(tmpdir(), 'bench-many-'));
  const server = await startServer(sources);
  const driven = await drive(join(folder, 'data'));
  const { app, pid, pagePid } = driven;
  const over = async (ms: number): Promise<Shares> => {
    const before = usageOf(pid, pagePid);
    await wait(ms);
    return sharesBetween(pid, before, usageOf(pid, pagePid));
  };
  try {
    await addSources(driven, sources, server);
    // Only what is counted here: This machine's feed has a budget of its own.
    await driven.call('sources.pause', { id: 'this-machine' });
    server.tell({ kind: 'rate', perSecond });
    say(`${sources} sources live, ${sources * perSecond} events/s for ${minutes} min`);
    const settling = Math.max(0, minutes * 60_000 - lookMs);
    for (let left = settling; left > 0; left -= 60_000) {
      const shares = await over(Math.min(60_000, left));
      say(`  ${told(shares)}`);
    }
    const seen = await over(lookMs);
    say(`  at the end: ${told(seen)}`);
    const before = await eventsOf(driven);
    const bytes = bytesOf(join(folder, 'data/journal'));
    const rows = rowsOf(join(folder, 'data/journal/journal.db'));
    await app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) window.hide();
    });
    await wait(3_000);
    const hidden = await over(lookMs);
    say(`  hidden: ${told(hidden)}`);
    await app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) window.showInactive();
    });
    server.tell({ kind: 'rate', perSecond: 0 });
    // A source is quiet when nothing of the minute that its card shows moves any more.
    await wait(65_000);
    const idle = await over(lookMs);
    say(`  quiet: ${told(idle)}`);
    return {
      figures: {
        sources,
        eps: sources * perSecond,
        minutes,
        main_share: round(seen.main, 3),
        journal_share: round(seen.journal, 3),
        renderer_share: round(seen.renderer, 3),
        hidden_share: round(hidden.renderer, 3),
        idle_share: round(idle.all, 3),
        all_share: round(seen.all, 3),
        hidden_all_share: round(hidden.all, 3),
        bytes_per_event: before === 0 ? 0 : Math.round(bytes / before),
        rows_per_event: before === 0 ? 0 : round(rows / before, 3),
        events: before,
      },
      notes: [
        'shares of one core over the last of the minutes, by thread; hidden_share: the page while its window is hidden',
        'idle_share: every thread of every process, all sources live and nothing said for over a minute, the window open on the overview',
        'bytes_per_event: the journal as it stands on disk (database and log) over the events in it',
        'rows_per_event: the rows of all of its tables (blocks, their extents, rollups, …) over the same events',
      ],
    };
  } finally {
    await app.close().catch(() => undefined);
    server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function told({ main, journal, renderer, all }: Shares): string {
  return `main ${round(main, 3)}, journal ${round(journal, 3)}, renderer ${round(renderer, 3)}, all ${round(all, 3)}`;
}

interface Server {
  readonly url: string;
  tell(order: ToServer): void;
  /** WebSocket clients just now. */
  clients(): Promise<number>;
  stop(): void;
}

async function startServer(streams: number): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), [String(streams)], {
    execArgv: ['--import', 'tsx'],
  });
  const heard = async <Kind extends FromServer['kind']>(kind: Kind) => {
    for (;;) {
      const [message] = (await once(child, 'message')) as [FromServer];
      if (message.kind === kind) return message as Extract<FromServer, { readonly kind: Kind }>;
    }
  };
  const { url } = await heard('listening');
  const tell = (order: ToServer): void => void child.send(order);
  return {
    url,
    tell,
    async clients() {
      const answer = heard('clients');
      tell({ kind: 'ask' });
      return (await answer).count;
    },
    stop: () => child.disconnect(),
  };
}

async function addSources({ call }: Driven, count: number, server: Server): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await call('sources.add', {
      name: `Service ${index}`,
      url: `${server.url}/v1/s${index}`,
      protocol: 'gateway',
    });
  }
  const deadline = performance.now() + 180_000;
  while ((await server.clients()) < count) {
    if (performance.now() > deadline) throw new Error(`not all of ${count} sources connected within three minutes`);
    await wait(500);
  }
}

/** Events in the journal, of all sources. */
async function eventsOf({ call }: Driven): Promise<number> {
  const storage = (await call('storage.read', {})) as {
    readonly sources: readonly { readonly events: number }[];
  };
  return storage.sources.reduce((sum, { events }) => sum + events, 0);
}

function bytesOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Rows of all tables of the journal. */
function rowsOf(file: string): number {
  const db = realDisk.open(file, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return tables.reduce(
      (sum, { name }) => sum + Number(db.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.n),
      0,
    );
  } finally {
    db.close();
  }
}
