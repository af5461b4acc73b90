import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openPage, type PageLink } from '../e2e/kill/devtools';
import type { DeliveredEvent } from '../electron/engine/core/delivery';
import { createJournal } from '../electron/engine/journal/journal';
import { checkpoint, counters, event } from '../electron/engine/journal/samples';
import { openThread } from '../electron/engine/journal/workers';
import { createSystemClock } from '../electron/node/clock';
import type { Bench, BenchContext, BenchResult } from './bench';
import { median, round } from './bench';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Longest time a window may take, ms. */
const patienceMs = 60_000;
const sourceName = 'Start-up';

export const startupBench: Bench = {
  name: 'startup',
  about: 'launch to first useful paint of the built application with a large journal, over an empty Electron window',
  run,
};

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const events = option('events', 5_000_000);
  const rounds = option('rounds', 5);
  if (!existsSync(join(root, 'out/main/main.js')))
    throw new Error('The application is not built: npm run bench does it.');
  const folder = mkdtempSync(join(tmpdir(), 'bench-startup-'));
  const userData = join(folder, 'data');
  const emptyApp = join(folder, 'empty');
  makeEmptyApp(emptyApp);
  const launchEmpty = () => timed(emptyApp, join(folder, 'empty-data'), emptyPainted);
  const launchWhole = () => timed(root, userData, wholePainted);
  try {
    // The first start also makes Chromium's own files; it is not counted, on either side.
    const id = await addSource(userData);
    await launchEmpty();
    const bareMs = await medianOf(2, launchWhole);
    const filled = performance.now();
    await fill(join(userData, 'journal'), id, events);
    say(`${events} events written in ${Math.round((performance.now() - filled) / 1000)} s`);
    const empty: number[] = [];
    const whole: number[] = [];
    const ratios: number[] = [];
    for (let turn = 0; turn < rounds; turn++) {
      // In turns, so that a busy machine slows both.
      const emptyMs = await launchEmpty();
      const wholeMs = await launchWhole();
      empty.push(emptyMs);
      whole.push(wholeMs);
      ratios.push(wholeMs / emptyMs);
      say(`  empty ${Math.round(emptyMs)} ms; whole ${Math.round(wholeMs)} ms; ratio ${round(wholeMs / emptyMs, 2)}`);
    }
    return {
      figures: {
        ratio: round(median(ratios), 2),
        paint_ms: Math.round(median(whole)),
        empty_window_ms: Math.round(median(empty)),
        empty_journal_ms: Math.round(bareMs),
        events,
      },
      notes: [
        "from spawn until the source's card, with its last known state, has been painted; at the latest: it is looked for from outside",
        'the empty window: from spawn until its first contentful paint, as Chromium dates it',
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function medianOf(rounds: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let turn = 0; turn < rounds; turn++) values.push(await measure());
  return median(values);
}

/** What an Electron window costs that shows one word. */
function makeEmptyApp(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "version": "1.0.0", "main": "main.js" }');
  writeFileSync(join(folder, 'page.html'), '<!doctype html><meta charset="utf-8"><title>empty</title><p>empty</p>');
  writeFileSync(
    join(folder, 'main.js'),
    `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 800 }).loadFile('page.html'));
app.on('window-all-closed', () => app.quit());
`,
  );
}

/** Gives the time of its first contentful paint, epoch ms. */
const emptyPainted = `new Promise((done) => {
  const look = () => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    if (location.protocol !== 'file:' || !paint) setTimeout(look, 5);
    else done(performance.timeOrigin + paint.startTime);
  };
  look();
})`;

/** Gives the time at which a frame with the source's card was on its way to the screen, epoch ms. */
const wholePainted = `new Promise((done) => {
  const look = () => {
    if (!document.querySelector('article[aria-label^="${sourceName}: "]')) requestAnimationFrame(look);
    else requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())));
  };
  look();
})`;

/** Launch to paint, ms. */
async function timed(app: string, userData: string, painted: string): Promise<number> {
  const began = Date.now();
  const running = launch(app, userData);
  try {
    return Number(await running.evaluate(painted)) - began;
  } finally {
    await running.quit();
  }
}

interface RunningApp {
  /** Evaluates in the page, again whenever the page is replaced before it answers. */
  evaluate(expression: string): Promise<unknown>;
  quit(): Promise<void>;
}

function launch(app: string, userData: string): RunningApp {
  const executable = process.env.ELECTRON_EXEC_PATH;
  if (!executable) throw new Error('ELECTRON_EXEC_PATH is not set: npm run bench sets it.');
  const switches = (process.env.WIREWATCH_ELECTRON_ARGS ?? '').split(' ').filter(Boolean);
  const child = spawn(executable, [...switches, '--remote-debugging-port=0', app, `--user-data-dir=${userData}`], {
    cwd: app,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  let link: PageLink | null = null;
  return {
    async evaluate(expression) {
      const deadline = performance.now() + patienceMs;
      while (isRunning(child) && performance.now() < deadline) {
        const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1];
        link ??= port === undefined ? null : await openPage(Number(port));
        try {
          if (link) return await Promise.race([link.evaluate(expression), late(deadline)]);
        } catch {
          link?.close();
          link = null;
        }
        await wait(10);
      }
      throw new Error(`No window of ${app} was painted:\n${log}`);
    },
    async quit() {
      link?.close();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

async function late(deadline: number): Promise<never> {
  await wait(Math.max(0, deadline - performance.now()), undefined, { ref: false });
  throw new Error('too late');
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Starts the application once to give it a source, whose server is not there; answers its id. */
async function addSource(userData: string): Promise<string> {
  const running = launch(root, userData);
  const draft = JSON.stringify({ name: sourceName, url: 'http://127.0.0.1:9/v1/metrics', protocol: 'gateway' });
  try {
    const answer = await running.evaluate(`(async () => {
      while (!window.wirewatch) await new Promise((resolve) => setTimeout(resolve, 20));
      return JSON.stringify(await window.wirewatch.call('sources.add', ${draft}));
    })()`);
    const { ok, value } = JSON.parse(String(answer)) as { ok: boolean; value?: { id: string } };
    if (!ok || !value) throw new Error(`The source was not added: ${String(answer)}`);
    return value.id;
  } finally {
    await running.quit();
  }
}

/** Writes events of one source into the journal of an application that does not run, through the journal itself. */
async function fill(folder: string, source: string, count: number): Promise<void> {
  const journal = createJournal({
    openWorker: () => openThread(fileURLToPath(new URL('../electron/engine/journal/worker.ts', import.meta.url))),
    clock: createSystemClock(),
    folder,
  });
  const perEntry = 4_096;
  // Of the last minutes, so that retention lets none of it go.
  const first = Date.now() - count / 50;
  let number = 0;
  let waiting: (() => void) | null = null;
  const off = journal.onPressure((pressure) => {
    if (pressure === 'go') waiting?.();
  });
  for (let from = 0; from < count; from += perEntry) {
    const to = Math.min(count, from + perEntry);
    const events = Array.from({ length: to - from }, (_, index) => shortEvent(from + index, first));
    const pressure = journal.append({
      source,
      number: ++number,
      events,
      gaps: [],
      checkpoint: checkpoint(to),
      rollups: [],
      transitions: [],
      counters: counters(to),
    });
    if (pressure === 'wait') {
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
      waiting = null;
    } else await wait(0);
  }
  off();
  await journal.flush();
  await journal.close();
}

/** As long as an event of 200 bytes on the wire: five million of the samples' own would be more than is kept. */
function shortEvent(n: number, first: number): DeliveredEvent {
  const body = `{"host":"web-${n % 20}","percent":${((n * 7919) % 10_007) / 100},"request":${(n * 2_654_435_761) % 4_294_967_296},"note":"nothing to report"}`;
  const at = Math.floor(first + n / 50);
  return event(n, { body, bytes: body.length, receivedAt: at, sentAt: at - 5, value: undefined });
}
