import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { createParser } from 'eventsource-parser';
import * as ws from 'ws';
import { createHttpPort } from '../electron/engine/dialling/http-port';
import { createSocketPort } from '../electron/engine/dialling/socket-port';
import { createStreamPort } from '../electron/engine/dialling/stream-port';
import { createEngine } from '../electron/engine/engine';
import { createJournal } from '../electron/engine/journal/journal';
import { openThread } from '../electron/engine/journal/workers';
import { createRelay } from '../electron/engine/relay/relay';
import { readThroughEventSource } from '../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../electron/node/clock';
import { createSystemRandom } from '../electron/node/random';
import type { AlertRule } from '../shared/alert';
import type { Bench, BenchContext, BenchResult } from './bench';
import { mainCpuMs, median, round } from './bench';
import type { EncodedFeed } from './frames';
import { dialFeed, encodeFeed } from './frames';

/** Exported by `ws`, but not in its types. `isServer: false`: what comes is not masked. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: { readonly isServer: boolean }) => NodeJS.WritableStream;
};

export const pipelineBench: Bench = {
  name: 'pipeline',
  about:
    'receive, decode, sequence, measure, relay and journal until durable, over a bare reader (ws Receiver, with --transport sse eventsource-parser) + JSON.parse',
  run,
};

/** Rounds that are not counted: code is compiled anew until about two million events have passed (V8). */
const warmUp = 2;

async function run({ option, word, say }: BenchContext): Promise<BenchResult> {
  // So many that the last group's wait, which comes once, weighs little.
  const count = option('events', 800_000);
  const rounds = option('rounds', 7);
  const feed = encodeFeed(count, word('transport', ['websocket', 'sse']));
  const bareTurn = () => (feed.transport === 'sse' ? bareEventStream(feed) : bareWebSocket(feed));
  say(`${count} messages of ${feed.messageBytes} bytes, ${feed.chunks.length} chunks, ${rounds} rounds`);
  const bareRates: number[] = [];
  const wholeRates: number[] = [];
  const ratios: number[] = [];
  const cpuRatios: number[] = [];
  let lost = 0;
  let relayed = 0;
  let before = await bareTurn();
  for (let turn = -warmUp; turn < rounds; turn++) {
    // Each between two bare turns, since a shared machine is half as fast from one second to the next: their mean is
    // about as fast as it was meanwhile.
    const whole = await wholeRate(feed);
    const after = await bareTurn();
    const bare = meanOf(before, after);
    before = after;
    lost += whole.wrong;
    if (turn < 0) continue;
    bareRates.push(bare.rate);
    wholeRates.push(whole.rate);
    ratios.push(whole.rate / bare.rate);
    if (bare.cpuUs !== null && whole.cpuUs !== null) cpuRatios.push(bare.cpuUs / whole.cpuUs);
    relayed = whole.relayed;
    say(`  bare ${told(bare)}; whole ${told(whole)}; ratio ${round(whole.rate / bare.rate, 2)}`);
  }
  return {
    ...(feed.transport === 'sse' ? { budget: 'pipeline over sse' } : {}),
    figures: {
      transport: feed.transport,
      ratio: round(median(ratios), 3),
      lost,
      ...(cpuRatios.length > 0 ? { main_cpu_ratio: round(median(cpuRatios), 3) } : {}),
      whole_eps: Math.round(median(wholeRates)),
      bare_eps: Math.round(median(bareRates)),
      events: count,
      message_bytes: feed.messageBytes,
    },
    notes: [
      'createEngine with shipping defaults (frames kept, rollups, retention), one alert rule, journal in its worker, one window open on the source with its tail',
      `the clock runs from the first chunk until the last event is durable; ${relayed} rows went to the window in the last round`,
      'lost: events not in the journal exactly once and in order, over all rounds',
    ],
  };
}

/** A rate, and the main thread's CPU time per event where it is known. */
interface Measured {
  readonly rate: number;
  readonly cpuUs: number | null;
}

/** Of two turns over as many events: by the time that each takes. */
function meanOf(a: Measured, b: Measured): Measured {
  return {
    rate: 2 / (1 / a.rate + 1 / b.rate),
    cpuUs: a.cpuUs === null || b.cpuUs === null ? null : (a.cpuUs + b.cpuUs) / 2,
  };
}

function told({ rate, cpuUs }: Measured): string {
  return `${Math.round(rate)}/s${cpuUs === null ? '' : ` (${round(cpuUs, 2)} µs of the main thread's CPU each)`}`;
}

function cpuUsSince(before: number | null, count: number): number | null {
  const now = mainCpuMs();
  return before === null || now === null ? null : ((now - before) * 1000) / count;
}

/** Messages per second of a `Receiver` whose messages are parsed and dropped. */
async function bareWebSocket(feed: EncodedFeed): Promise<Measured> {
  const receiver = new Receiver({ isServer: false });
  let seen = 0;
  receiver.on('message', (data: Buffer) => {
    const parsed = JSON.parse(data.toString('utf8')) as { readonly seq: number };
    if (parsed.seq > 0) seen++;
  });
  return measured(
    feed,
    (chunk) => new Promise<void>((resolve) => receiver.write(chunk, () => resolve())),
    () => seen,
  );
}

/** The same of the parser that the `eventsource` package is made of. */
async function bareEventStream(feed: EncodedFeed): Promise<Measured> {
  const decoder = new TextDecoder();
  let seen = 0;
  const parser = createParser({
    onEvent({ data }) {
      const parsed = JSON.parse(data) as { readonly seq: number };
      if (parsed.seq > 0) seen++;
    },
  });
  return measured(
    feed,
    (chunk) => parser.feed(decoder.decode(chunk, { stream: true })),
    () => seen,
  );
}

async function measured(
  feed: EncodedFeed,
  take: (chunk: Buffer) => Promise<void> | void,
  seen: () => number,
): Promise<Measured> {
  const cpu = mainCpuMs();
  const started = performance.now();
  for (const chunk of feed.chunks) await take(chunk);
  const ms = performance.now() - started;
  if (seen() !== feed.count) throw new Error(`bare saw ${seen()} of ${feed.count}`);
  return { rate: (seen() / ms) * 1000, cpuUs: cpuUsSince(cpu, seen()) };
}

interface Whole extends Measured {
  /** Events missing, repeated or out of order in the journal. */
  readonly wrong: number;
  readonly relayed: number;
}

/** Beyond what the feed says: it is looked at for every event and never raised. */
const rule: AlertRule = {
  id: 'bench',
  name: 'CPU is busy',
  source: null,
  severity: 'warning',
  enabled: true,
  condition: { kind: 'metric', series: 'value:cpu.percent', is: 'above', threshold: 1000, clear: 900, seconds: 10 },
};

async function wholeRate(feed: EncodedFeed): Promise<Whole> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-pipeline-'));
  const clock = createSystemClock();
  const journal = createJournal({
    openWorker: () => openThread(fileURLToPath(new URL('../electron/engine/journal/worker.ts', import.meta.url))),
    clock,
    folder,
  });
  let started = 0;
  let cpu: number | null = null;
  const dial = dialFeed(feed, () => {
    started = performance.now();
    cpu = mainCpuMs();
  });
  const http = createHttpPort({ dial, clock });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host: { network: () => 'bench', online: () => true, subscribe: () => () => undefined },
    journal,
    alertRules: [rule],
  });
  const relay = createRelay({ clock, engine, faults: null });
  let relayed = 0;
  const link = relay.open((batch) => {
    // What `webContents.send` does on this side.
    serialize(batch);
    for (const update of batch.updates) if (update.kind === 'events') relayed += update.rows.length;
    setImmediate(() => link.ack(batch.generation, batch.batch));
  });
  link.setInterest({
    generation: link.generation,
    source: 'bench',
    tail: true,
    series: ['events', 'value:cpu.percent'],
  });
  let seen = 0;
  engine.onEvents((_, events) => {
    seen += events.length;
  });
  try {
    await journal.restore('bench');
    const { transport } = feed;
    const url = transport === 'sse' ? 'http://bench.invalid/v1/metrics/sse' : 'ws://bench.invalid/v1/metrics/ws';
    await engine.addSource({
      id: 'bench',
      name: 'bench',
      url,
      protocol: 'gateway',
      ladder: [{ transport, url, intervalSeconds: 5 }],
      pinnedRung: null,
      paused: false,
      builtIn: false,
    });
    await until(() => {
      // A view costs as much as some hundred events: nobody looks at it a thousand times a second.
      if (seen < feed.count) return false;
      const view = engine.view('bench');
      return view !== null && view.counters.delivered >= feed.count && view.notYetStored === 0;
    });
    const ms = performance.now() - started;
    const cpuUs = cpuUsSince(cpu, feed.count);
    link.close();
    const wrong = await countWrong(journal, feed.count);
    return { rate: (feed.count / ms) * 1000, cpuUs, wrong, relayed };
  } finally {
    relay.close();
    await engine.close();
    http.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Looks every turn of the event loop, so that the end is seen when it comes. */
async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error('the pipeline did not come to an end within 120 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function countWrong(journal: ReturnType<typeof createJournal>, count: number): Promise<number> {
  let wrong = 0;
  let next = 1;
  for (let from: number | null = null; ; ) {
    const page = await journal.page({ source: 'bench', from, direction: 'after', limit: 1000, text: '' });
    for (const row of page.rows) {
      if (row.seq !== next) wrong++;
      next = (row.seq ?? next) + 1;
    }
    from = page.rows[page.rows.length - 1]?.ordinal ?? null;
    if (!page.more || from === null) break;
  }
  return wrong + Math.abs(count + 1 - next);
}
