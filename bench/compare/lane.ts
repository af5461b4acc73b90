import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { upgrades } from '../../e2e/fault-proxy/fault';
import { startFaultProxy } from '../../e2e/fault-proxy/fault-proxy';
import { createTerminal } from '../../shared/terminal';
import type { Bundles } from './bundle';
import type { ClientCommand, ClientOrder, ClientReport } from './clients/client';
import { recordFile } from './clients/client';
import { type FaultKind, faultFacts, type ScriptedFault, tamperedEvents } from './faults';
import type { Contestant } from './roster';
import { readRecord } from './tally';

/** How long a client received nothing new because of a fault. */
export interface Stall {
  readonly kind: FaultKind;
  /** From the beginning of the fault until an event published after it arrived, ms; null when none ever did. */
  readonly ms: number | null;
}

export interface LaneResult {
  /** What arrived, in order. */
  readonly record: readonly number[];
  readonly stalls: readonly Stall[];
  /** Attempts to open a connection, as the client's own hooks count them. */
  readonly attempts: number;
  /** TCP connections it opened. */
  readonly connections: number;
  /** What the client counted by itself. */
  readonly notes: Readonly<Record<string, number>>;
}

/** One client with its server, its proxy and its process. */
export interface Lane {
  readonly contestant: Contestant;
  /** Resolves when the client is connected for the first time. */
  opened(): Promise<void>;
  publish(count: number): void;
  /** Lets a fault happen; resolves when it is over (not when the client has come back). */
  suffer(fault: ScriptedFault): Promise<void>;
  /** Resets every connection with no fault behind it, so that each client may fetch what it still can. */
  lastReset(): void;
  /** Whether the newest event has arrived and nothing is under way. */
  complete(): boolean;
  finish(): Promise<LaneResult>;
}

/** Faults that keep events from arriving; the others only spoil them. */
const stalling: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'drop',
  'half-open',
  'truncation',
  'server-restart',
  'client-restart',
  'blocked-upgrades',
  'blackout',
]);

/** Events published just before a fault may still be on their way. */
const inFlight = 10;
const finishWithinMs = 60_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function startLane(contestant: Contestant, bundles: Bundles, root: string): Promise<Lane> {
  const folder = join(root, contestant.name);
  mkdirSync(folder, { recursive: true });
  const server = await contestant.server();
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port });
  const order: ClientOrder = { host: proxy.host, folder, journalWorker: bundles.journalWorker };
  const stalls: { kind: FaultKind; from: number; past: number; ms: number | null }[] = [];
  let published = 0;
  let newest = 0;
  let settled = true;
  /** Of processes that were killed, and of the running one. */
  let attemptsBefore = 0;
  let attempts = 0;
  let over = false;
  let tellOpened: () => void = () => {};
  const openedOnce = new Promise<void>((resolve) => {
    tellOpened = resolve;
  });
  let tellFinished: (notes: Readonly<Record<string, number>>) => void = () => {};
  const finished = new Promise<Readonly<Record<string, number>>>((resolve) => {
    tellFinished = resolve;
  });
  let child = start();

  function start(): ChildProcess {
    const process = fork(bundles.clientOf(contestant.name), [JSON.stringify(order)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    process.on('message', (report: ClientReport) => {
      if (process === child) hear(report);
    });
    process.on('exit', (code) => {
      if (process !== child || over) return;
      createTerminal(globalThis.process.stderr).line(
        `${contestant.name} ended by itself (${code}); it is started again`,
      );
      child = start();
    });
    return process;
  }

  function hear(report: ClientReport): void {
    switch (report.kind) {
      case 'open':
        tellOpened();
        return;
      case 'finished':
        tellFinished(report.notes);
        return;
      case 'progress': {
        newest = Math.max(newest, report.newest);
        settled = report.settled;
        attempts = report.attempts;
        const now = performance.now();
        for (const stall of stalls) if (stall.ms === null && newest > stall.past) stall.ms = now - stall.from;
      }
    }
  }

  async function kill(downMs: number): Promise<void> {
    const victim = child;
    over = true;
    const gone = new Promise((resolve) => victim.once('exit', resolve));
    victim.kill('SIGKILL');
    await gone;
    await pause(downMs);
    over = false;
    settled = false;
    attemptsBefore += attempts;
    attempts = 0;
    child = start();
  }

  async function suffer({ kind, turn }: ScriptedFault): Promise<void> {
    const { lastsMs } = faultFacts[kind];
    if (stalling.has(kind)) stalls.push({ kind, from: performance.now(), past: published + inFlight, ms: null });
    switch (kind) {
      case 'drop':
        proxy.resetAll();
        return;
      case 'half-open':
        proxy.strandAll();
        return;
      case 'truncation':
        proxy.cutAllMidway();
        return;
      case 'duplicates':
        server.repeatNext(tamperedEvents);
        return;
      case 'reordering':
        server.reorderNext(tamperedEvents);
        return;
      case 'server-restart':
        await server.restart(lastsMs);
        return;
      case 'client-restart':
        await kill(lastsMs);
        return;
      case 'blocked-upgrades':
        proxy.resetAll();
        proxy.set({ kind: turn % 2 === 0 ? 'reset' : 'black-hole' }, upgrades);
        await pause(lastsMs);
        proxy.heal();
        return;
      case 'blackout':
        proxy.set({ kind: 'black-hole' });
        await pause(lastsMs);
        proxy.heal();
        return;
    }
  }

  return {
    contestant,
    opened: () => openedOnce,
    publish(count) {
      published += count;
      server.publish(count);
    },
    suffer,
    lastReset: () => proxy.resetAll(),
    complete: () => newest >= published && settled,
    async finish() {
      over = true;
      const connections = proxy.accepted();
      const command: ClientCommand = { kind: 'finish' };
      child.send(command);
      const timeout = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error(`${contestant.name} did not finish`)), finishWithinMs).unref(),
      );
      const notes = await Promise.race([finished, timeout]).finally(() => child.kill('SIGKILL'));
      await proxy.close();
      await server.close();
      const record = readRecord(readFileSync(join(folder, recordFile), 'utf8'));
      return {
        record,
        stalls: stalls.map(({ kind, ms }) => ({ kind, ms })),
        attempts: attemptsBefore + attempts,
        connections,
        notes,
      };
    },
  };
}
