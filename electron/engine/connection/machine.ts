import type { Transition } from '../../../shared/connection';
import { sayReason } from '../../../shared/reasons';
import { longAgo, type MonotonicMs, never, type WallMs } from '../core/clock';
import { refreshed } from './attempt';
import { close, credentialChanged, hold, pause, pin, probe, resume, retry, start } from './commands';
import { type Draft, draftOf } from './draft';
import { tenths } from './failure';
import { lookAgain, networkChanged, stoodStill, suspend, systemOffline, systemOnline, woke } from './host';
import { askControl } from './ladder';
import { nextInLive, reattach, silence } from './live';
import type { Effect, Machine, MachineEvent, Settings } from './model';
import { command, signal } from './rest';
import { begun, due, ended, opened, portal, talking, told } from './sessions';

export interface Step {
  readonly machine: Machine;
  readonly effects: readonly Effect[];
  /** In order. Most steps have none; a wake has two (fell asleep, tries again). */
  readonly transitions: readonly Transition[];
}

/** A machine at rest, as a source is born. `paused`: it waits for the person, not for its first start. */
export function createMachine(
  settings: Settings,
  from: {
    /** Wall clock, epoch ms. */
    readonly wall: WallMs;
    readonly pinned: number | null;
    readonly paused: boolean;
    readonly online: boolean;
    readonly promisedMs: number | null;
  },
): Machine {
  const cause = from.paused ? 'paused' : 'new';
  const code = from.paused ? 'user-paused' : 'source-added';
  return {
    phase: { kind: 'idle', cause },
    shown: { kind: 'idle', cause },
    since: from.wall,
    reason: sayReason(code, {}, [command('add')]),
    down: null,
    reconnects: 0,
    home: from.pinned ?? 0,
    pinned: from.pinned,
    unpinned: 0,
    moved: null,
    remembered: false,
    failures: 0,
    floorUntilUp: longAgo,
    spreadMs: 0,
    promisedMs: from.promisedMs,
    learntMs: null,
    pongs: 'unknown',
    idleCutMs: null,
    round: null,
    ladder: settings.rungs.map(() => ({
      opened: false,
      absent: false,
      blocked: null,
      suspected: null,
      busyAt: [],
      youngAt: [],
      cuts: [],
      controlTurn: 0,
    })),
    probe: { failures: 0, at: null, promotedAt: null, rung: 0 },
    losses: [],
    refreshUsed: false,
    refreshFirst: null,
    noNetwork: !from.online,
    immediateUp: longAgo,
    held: false,
    timesLive: 0,
    recheckTurn: 0,
  };
}

/** One step. Total: an event that means nothing in a state changes nothing. Pure: same machine, same event, same step. */
export function step(machine: Machine, event: MachineEvent, settings: Settings): Step {
  const d = draftOf(machine, event, settings);
  if (machine.phase.kind !== 'closed') apply(d, event);
  return { machine: d.m, effects: d.effects, transitions: d.transitions };
}

/** Monotonic ms when the machine next wants a `due` event; Infinity when it waits for nothing. */
export function nextDeadline(m: Machine, settings: Settings): MonotonicMs {
  const { phase } = m;
  switch (phase.kind) {
    case 'idle':
    case 'closed':
      return never;
    case 'opening':
    case 'refreshing':
      return phase.deadline ?? never;
    case 'live':
      return nextInLive({ m, settings }, phase);
    case 'waiting':
      return phase.until;
    case 'offline':
      return phase.lookAt;
    case 'stopped':
      return phase.recheck ? (phase.recheck.deadline ?? never) : (phase.recheckAt ?? never);
  }
}

function apply(d: Draft, event: MachineEvent): void {
  switch (event.type) {
    case 'start':
      start(d, event);
      return;
    case 'pause':
      pause(d);
      return;
    case 'resume':
      resume(d, event);
      return;
    case 'retry':
      retry(d);
      return;
    case 'probe':
      probe(d);
      return;
    case 'pin':
      pin(d, event.rung);
      return;
    case 'close':
      close(d);
      return;
    case 'reattach':
      reattach(d, event.reason);
      return;
    case 'hold':
      hold(d, event.on);
      return;
    case 'silence':
      silence(d, event.why);
      return;
    case 'credential-changed':
      credentialChanged(d);
      return;
    case 'refreshed':
      refreshed(d, event.result, (why) => askControl(d, why));
      return;
    case 'due':
      if (d.now.at >= nextDeadline(d.m, d.settings)) due(d);
      return;
    case 'begun':
      begun(d, event.role);
      return;
    case 'talking':
      talking(d, event.role, event.ms);
      return;
    case 'opened':
      opened(d, event);
      return;
    case 'ended':
      ended(d, event);
      return;
    case 'heard':
    case 'attached':
    case 'terms':
    case 'goodbye':
    case 'floor':
    case 'answered':
    case 'streams':
    case 'flushed':
    case 'ponged':
    case 'learnt':
    case 'caught-up':
    case 'proof':
    case 'suspected':
      told(d, event);
      return;
    case 'portal':
      portal(d);
      return;
    case 'suspend':
      suspend(d);
      return;
    case 'woke':
      woke(d, event);
      return;
    case 'stood-still':
      stoodStill(d, event.ms);
      return;
    case 'clock-changed': {
      const seconds = tenths(Math.abs(event.byMs));
      lookAgain(d, 'clock-changed', [signal('clock-changed', `${event.byMs} ms`)], seconds);
      return;
    }
    case 'offline':
      systemOffline(d);
      return;
    case 'online':
      systemOnline(d);
      return;
    case 'network-changed':
      networkChanged(d, event);
      return;
  }
}
