import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleClients } from './bundle';
import { type FaultKind, faultScript, type Script } from './faults';
import { type Lane, type LaneResult, startLane } from './lane';
import { type Contestant, contestants } from './roster';
import { type Tally, tallyOf } from './tally';

export interface DeliveryOptions {
  readonly events: number;
  readonly faults: number;
  readonly seed: number;
  /** Names; empty for all. */
  readonly only: readonly string[];
  readonly without: readonly FaultKind[];
  say(line: string): void;
}

export interface ClientResult extends LaneResult {
  readonly contestant: Contestant;
  readonly tally: Tally;
}

export interface DeliveryResult {
  readonly script: Script;
  readonly clients: readonly ClientResult[];
  readonly tookMs: number;
}

const publishEveryMs = 20;
/** How long clients may take for what they still can fetch once everything is published, ms. */
const drainMs = 20_000;
/** The last reset comes this long before the last event, ms. */
const lastResetMs = 4_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** All clients at once, each behind its own proxy before its own server, through the same script at the same time. */
export async function compareDelivery(options: DeliveryOptions): Promise<DeliveryResult> {
  const { events, faults, seed, say } = options;
  const chosen = contestants.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const script = faultScript(events, faults, seed, new Set(options.without));
  const bundles = await bundleClients(chosen.map(({ name }) => name));
  const root = mkdtempSync(join(tmpdir(), 'wirewatch-compare-'));
  const started = performance.now();
  try {
    const lanes = await Promise.all(chosen.map((contestant) => startLane(contestant, bundles, root)));
    await Promise.all(lanes.map((lane) => lane.opened()));
    say(`${chosen.length} clients are connected; ${events} events in ${Math.round(script.lastsMs / 1000)} s`);
    await perform(lanes, script, events, say);
    await drained(lanes);
    const results = await Promise.all(lanes.map((lane) => lane.finish()));
    const clients = lanes.map(({ contestant }, index) => {
      const result = results[index];
      if (!result) throw new Error(`${contestant.name} has no result`);
      return { ...result, contestant, tally: tallyOf(result.record, events, script.faults) };
    });
    return { script, clients, tookMs: performance.now() - started };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Publishes at an even rate and lets each fault begin at its event, for all lanes alike. */
async function perform(
  lanes: readonly Lane[],
  script: Script,
  events: number,
  say: (line: string) => void,
): Promise<void> {
  const begun = performance.now();
  const running: Promise<void>[] = [];
  const left = [...script.faults];
  let published = 0;
  let reset = false;
  while (published < events) {
    await pause(publishEveryMs);
    const at = performance.now() - begun;
    const due = Math.min(events, Math.floor((at / script.lastsMs) * events));
    const next = left[0];
    const until = next === undefined ? due : Math.min(due, next.after);
    if (until > published) for (const lane of lanes) lane.publish(until - published);
    published = Math.max(published, until);
    if (next !== undefined && published >= next.after) {
      left.shift();
      say(`${String(Math.round(at / 1000)).padStart(4)} s  ${next.kind}`);
      for (const lane of lanes) running.push(lane.suffer(next));
    }
    if (!reset && left.length === 0 && at >= script.lastsMs - lastResetMs) {
      reset = true;
      await Promise.all(running);
      for (const lane of lanes) lane.lastReset();
    }
  }
}

/** Waits until every client has the newest event, or as long as is fair. */
async function drained(lanes: readonly Lane[]): Promise<void> {
  const deadline = performance.now() + drainMs;
  while (performance.now() < deadline && !lanes.every((lane) => lane.complete())) await pause(100);
}
