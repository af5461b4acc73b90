import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freshSettings } from '../../electron/main/settings/schema';
import { type SourceConfig, sourceSchema } from '../../shared/source';
import { type Application, startApplication, stillRunning } from './application';
import { openStored, type Verdict } from './judge';
import { alertRules, plainStreams, type Shares, type Urls } from './published';
import { type ServerProcess, startServer } from './server-process';
import { createSettingsChurn } from './settings-churn';

export interface KillOptions {
  readonly times: number;
  /** Events per second, all streams together. */
  readonly rate: number;
  /** A folder to leave behind for a look; null = a temporary one that is removed. */
  readonly keep: string | null;
}

export interface KillResult {
  readonly kills: number;
  readonly published: number;
  readonly lost: number;
  readonly repeated: number;
  /** Alerts that the events demand, and those lost or recorded too often. */
  readonly alerts: Verdict['alerts'];
  readonly settingsChanges: number;
  readonly faults: readonly string[];
}

/** Which share of the events comes over which transport. */
const carriers = [
  { stream: 'over-websocket', protocol: 'gateway', transport: 'websocket', share: 0.3 },
  { stream: 'over-sse', protocol: 'gateway', transport: 'sse', share: 0.15 },
  { stream: 'over-long-poll', protocol: 'gateway', transport: 'long-poll', share: 0.05 },
  { stream: plainStreams.ids, protocol: 'json', transport: 'sse', share: 0.5 },
  { stream: plainStreams.list, protocol: 'json', transport: 'poll', share: 0 },
] as const;
/** Events per second of the list that is polled, whatever the rate: it shows the newest entries only. */
const listRate = 10;

/** One kill in so many comes at a random moment of the start, the others while events arrive. */
const inStart = 5;
/** Longest time after a start, or after the first event, before it is killed, ms. */
const startSpreadMs = 2_500;
const liveSpreadMs = 2_000;
/** Longest time for the last run to fetch what is missing, ms. */
const catchUpMs = 120_000;

/** Kills the application again and again, then holds its journal against what the server published. */
export async function killAgainAndAgain(options: KillOptions, say: (line: string) => void): Promise<KillResult> {
  const userData = options.keep ?? (await mkdtemp(join(tmpdir(), 'wirewatch-kill-')));
  await mkdir(userData, { recursive: true });
  const shares: Shares = Object.fromEntries(
    carriers.map(({ stream, share }) => [stream, stream === plainStreams.list ? listRate : options.rate * share]),
  );
  const server = await startServer(shares);
  try {
    return await run(options, userData, server, say);
  } finally {
    await server.close();
    if (options.keep === null) await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function run(
  options: KillOptions,
  userData: string,
  server: ServerProcess,
  say: (line: string) => void,
): Promise<KillResult> {
  const sources = carriers.map((carrier) => configOf(carrier, server.urls, false));
  const renamed = { ...configOf(carriers[0], server.urls, true), id: 'renamed' };
  const settings = { ...freshSettings(), sources: [...sources, renamed], alertRules };
  await writeFile(join(userData, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
  const churn = createSettingsChurn(userData, sources, renamed);
  const faults: string[] = [];
  const left: number[] = [];
  let running: Application | null = null;
  const start = () => {
    running = startApplication(userData);
    return running;
  };
  try {
    return await killAll();
  } catch (error) {
    // What it said is all there is to go by.
    const log = (running as Application | null)?.log() ?? '';
    await (running as Application | null)?.kill();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${log}`);
  }

  async function killAll(): Promise<KillResult> {
    for (let kill = 1; kill <= options.times; kill += 1) {
      const began = performance.now();
      const application = start();
      let moment = 'in its start';
      if (kill > 1 && kill % inStart === 0) await wait(Math.random() * startSpreadMs);
      else {
        const page = await application.page();
        await attached(server);
        // The first run sees the beginning of the flood: from there on every event is owed.
        if (kill === 1) {
          await stored(page.evaluate);
          server.flood(true);
        }
        await churn.start(page);
        const after = Math.random() * liveSpreadMs;
        moment = `${Math.round(after)} ms after it attached`;
        await wait(after);
      }
      left.push(...(await application.kill()));
      const wrong = await churn.check();
      faults.push(...wrong.map((what) => `kill ${kill}: ${what}`));
      const { heads } = await server.ask();
      const published = Object.values(heads).reduce((sum, head) => sum + head, 0);
      const took = ((performance.now() - began) / 1000).toFixed(1);
      say(`kill ${kill} of ${options.times}, ${moment} (${took} s); published so far: ${published}`);
    }

    server.flood(false);
    const { heads } = await server.ask();
    const application = start();
    await caughtUp(application, heads).catch((error: unknown) => faults.push(String(error)));
    const code = await application.quit();
    if (code !== 0) faults.push(`the last run ended with ${code}, not 0`);
    for (const name of await readdir(join(userData, 'journal'))) {
      if (!/^journal\.db(-wal|-shm)?$/.test(name)) faults.push(`the journal was set aside or left something: ${name}`);
    }
    await wait(500);
    const orphans = await stillRunning(left);
    if (orphans.length > 0) faults.push(`${orphans.length} processes outlived the application that was killed`);
    return { ...judged(userData, heads, faults, say), kills: options.times, settingsChanges: churn.changes() };
  }
}

function judged(
  userData: string,
  heads: Readonly<Record<string, number>>,
  faults: string[],
  say: (line: string) => void,
): Pick<KillResult, 'published' | 'lost' | 'repeated' | 'alerts' | 'faults'> {
  const journal = openStored(join(userData, 'journal', 'journal.db'));
  let [published, lost, repeated] = [0, 0, 0];
  let alerts = { demanded: 0, lost: 0, repeated: 0 };
  const places: [source: string, stream: string, head: number | null][] = [
    ...carriers.map(({ stream }): [string, string, number] => [stream, stream, heads[stream] ?? 0]),
    ['this-machine', 'host', null],
  ];
  for (const [source, stream, head] of places) {
    const verdict = journal.judge(source, stream, head);
    say(
      `${source}: ${verdict.published} published, ${verdict.stored} stored, ${verdict.lost} lost, ${verdict.repeated} repeated`,
    );
    published += verdict.published;
    lost += verdict.lost;
    repeated += verdict.repeated;
    alerts = {
      demanded: alerts.demanded + verdict.alerts.demanded,
      lost: alerts.lost + verdict.alerts.lost,
      repeated: alerts.repeated + verdict.alerts.repeated,
    };
    faults.push(...verdict.faults.slice(0, 10).map((what) => `${source}: ${what}`));
  }
  journal.close();
  return { published, lost, repeated, alerts, faults };
}

function configOf(carrier: (typeof carriers)[number], urls: Urls, paused: boolean): SourceConfig {
  const { stream, protocol, transport } = carrier;
  if (protocol === 'json') {
    const url = `${urls.plain}/${stream === plainStreams.ids ? 'ids' : 'list'}`;
    const ladder = [{ transport, url, intervalSeconds: 1 }];
    return sourceSchema.parse({ id: stream, name: stream, url, protocol, ladder, paused });
  }
  const base = `${urls.gateway}/v1/${stream}`;
  const path = { websocket: '/ws', sse: '/sse', 'long-poll': '/poll' }[transport];
  const address = `${transport === 'websocket' ? base.replace(/^http/, 'ws') : base}${path}`;
  return sourceSchema.parse({
    id: stream,
    name: stream,
    url: base,
    protocol,
    ladder: [{ transport, url: address }],
    paused,
  });
}

/** Waits until the application is connected; a poll that is answered at once is never seen attached. */
async function attached(server: ServerProcess): Promise<void> {
  const deadline = performance.now() + catchUpMs;
  while ((await server.ask()).clients < carriers.length - 2) {
    if (performance.now() > deadline) throw new Error('The application did not connect to the server.');
    await wait(50);
  }
}

/** Waits until the place before the first event is durable: nothing can be owed to a source that has none. */
async function stored(evaluate: (expression: string) => Promise<unknown>): Promise<void> {
  for (let waited = 0; waited < 100; waited += 1) {
    await wait(100);
    const live = await Promise.all(
      carriers.map(({ stream }) => evaluate(transitionsOf(stream)).then((text) => String(text).includes('"live"'))),
    );
    if (live.every(Boolean)) {
      await wait(500);
      return;
    }
  }
  throw new Error('No source became live.');
}

function transitionsOf(source: string): string {
  const args = JSON.stringify({ source, limit: 1 });
  return `window.wirewatch.call('history.transitions', ${args}).then((answer) => JSON.stringify(answer))`;
}

/** Waits until the journal has the last event of every stream. */
async function caughtUp(application: Application, heads: Readonly<Record<string, number>>): Promise<void> {
  const page = await application.page();
  const deadline = performance.now() + catchUpMs;
  for (const { stream } of carriers) {
    const args = JSON.stringify({ source: stream, from: null, direction: 'before', limit: 1, text: '' });
    for (let seq: unknown = null; seq !== heads[stream]; ) {
      if (performance.now() > deadline)
        throw new Error(`${stream} stands at ${String(seq)} after ${catchUpMs / 1000} s`);
      await wait(200);
      seq = await page.evaluate(
        `window.wirewatch.call('events.page', ${args}).then((answer) => answer.value?.rows.at(-1)).then((row) => row?.seq ?? Number(row?.id ?? 0))`,
      );
    }
  }
}
