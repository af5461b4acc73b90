import { type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { later, longAgo } from '../core/clock';
import { attempt } from './attempt';
import { type Draft, dropAll, heartContext, move, patch, patchLive, rungFacts, rungName, setHeart } from './draft';
import { tenths } from './failure';
import { holdHeart, letGo } from './heartbeat';
import { lookAgain, recall } from './host';
import type { MachineEvent } from './model';
import { scheduleProbe } from './probe';
import { breakOff, startProbe } from './promote';
import { acquit } from './proof';
import { command, goOffline, signal } from './rest';

type Of<Type extends MachineEvent['type']> = Extract<MachineEvent, { type: Type }>;

/** What a person, the application or delivery asks for. What makes no sense in a state changes nothing. */

export function start(d: Draft, event: Of<'start'>): void {
  if (d.m.phase.kind !== 'idle' || d.m.phase.cause !== 'new') return;
  begin(d, event, (transport) => sayReason('source-started', { transport }, [command('start')]));
}

function begin(d: Draft, event: Of<'start' | 'resume'>, why: (transport: string) => ReasonedEvidence): void {
  if (d.m.pinned === null && d.m.timesLive === 0) recall(d, event.recalled);
  patch(d, { noNetwork: !event.online });
  const rung = d.m.pinned ?? d.m.home;
  const told = why(rungName(d, rung));
  if (event.online || rungFacts(d.settings, rung).loopback) {
    attempt(d, told);
    return;
  }
  goOffline(d, 'no-network', sayReason('no-network', {}, [signal('offline', 'said by the system'), ...told.evidence]));
}

export function pause(d: Draft): void {
  if (d.m.phase.kind === 'idle' && d.m.phase.cause === 'paused') return;
  dropAll(d, true);
  patch(d, { round: null, probe: { ...d.m.probe, promotedAt: null } });
  move(d, { kind: 'idle', cause: 'paused' }, sayReason('user-paused', {}, [command('pause')]), null);
}

export function resume(d: Draft, event: Of<'resume'>): void {
  if (d.m.phase.kind !== 'idle' || d.m.phase.cause !== 'paused') return;
  patch(d, { failures: 0 });
  begin(d, event, () => sayReason('user-resumed', {}, [command('resume')]));
}

/** A person's wish passes floors; that it did is recorded. */
export function retry(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind === 'idle' || phase.kind === 'closed' || phase.kind === 'opening') return;
  if (phase.kind === 'live') {
    lookAgain(d, 'user-retry', [command('retry')]);
    return;
  }
  const left = d.m.floorUntilUp - d.now.up;
  const passed =
    left > 0 ? [{ kind: 'protocol' as const, message: 'floor passed', detail: `${tenths(left)} s were left` }] : [];
  patch(d, { floorUntilUp: longAgo, refreshUsed: false });
  attempt(d, sayReason('user-retry', {}, [command('retry'), ...passed]));
}

export function probe(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind !== 'live' || phase.candidate || phase.rung === 0 || d.m.pinned !== null || d.m.held) return;
  patch(d, { probe: { ...d.m.probe, rung: 0 } });
  startProbe(d, phase, 'probe');
}

export function pin(d: Draft, rung: number | null): void {
  if (rung === d.m.pinned || (rung !== null && !d.settings.rungs[rung])) return;
  const { phase } = d.m;
  const unpinned = d.m.pinned === null ? d.m.home : d.m.unpinned;
  patch(d, { pinned: rung, unpinned, moved: null });
  breakOff(d, rung === null ? 'the pin was released' : 'a rung was pinned');
  if (rung === null) {
    if (phase.kind !== 'live') patch(d, { home: unpinned });
    scheduleProbe(d);
    // Who lets the ladder decide wants it to, now.
    if (d.m.probe.at !== null) patch(d, { probe: { ...d.m.probe, at: later(d.now.at, d.settings.timing.paceMs) } });
    if (phase.kind === 'stopped') attempt(d, sayReason('user-unpinned', {}, [command('unpin')]));
    return;
  }
  patch(d, { home: rung, remembered: false, probe: { ...d.m.probe, at: null, promotedAt: null } });
  if (phase.kind === 'idle' || phase.kind === 'closed') return;
  if (phase.kind === 'live' && phase.rung === rung) return;
  if (phase.kind === 'offline') return;
  attempt(d, sayReason('user-pinned', { transport: rungName(d, rung) }, [command('pin')]), rung);
}

export function close(d: Draft): void {
  dropAll(d, true);
  patch(d, { round: null });
  move(d, { kind: 'closed' }, sayReason('source-removed', {}, [command('remove')]), null);
}

/** We hold the socket back, or let it go again: nothing can be said of its life meanwhile. */
export function hold(d: Draft, on: boolean): void {
  if (d.m.held === on) return;
  patch(d, { held: on });
  if (on) breakOff(d, 'the socket is held back');
  const { phase } = d.m;
  if (phase.kind !== 'live') return;
  d.effects.push({ do: 'hold', on });
  if (on) {
    if (phase.proof) acquit(d, d.settings.timing.probeMs);
    setHeart(d, holdHeart(d.now.at, phase.heart));
    return;
  }
  const context = heartContext(d.m, d.settings, phase.rung);
  const { heart } = phase;
  const stoodMs = heart.kind === 'held' ? d.now.at - heart.since : 0;
  setHeart(d, letGo(heart, d.now.at, d.now.pulse?.bytesRead ?? 0, context));
  patchLive(d, { renewAt: later(phase.renewAt, stoodMs) });
}

export function credentialChanged(d: Draft): void {
  const { phase } = d.m;
  const waited = d.m.refreshFirst !== null || phase.kind === 'refreshing';
  patch(d, { refreshUsed: false, refreshFirst: null });
  const lacked = phase.kind === 'waiting' && phase.cause === 'credential-failed';
  const asks =
    phase.kind === 'stopped' || lacked || (waited && (phase.kind === 'waiting' || phase.kind === 'refreshing'));
  if (asks) attempt(d, sayReason('credential-changed', {}, [command('credential')]));
}
