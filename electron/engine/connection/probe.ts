import { later } from '../core/clock';
import { type Draft, patch } from './draft';

/** The schedule of probes upward: 60 s doubling to 15 min, jittered. */

/** Sets when the next probe is due; none where the ladder stands at its top or the person pinned a rung. */
export function scheduleProbe(d: Draft): void {
  const { timing } = d.settings;
  if (d.m.home === 0 || d.m.pinned !== null) {
    patch(d, { probe: { ...d.m.probe, at: null } });
    return;
  }
  const base = Math.min(timing.probeCapMs, timing.probeMs * 2 ** Math.min(d.m.probe.failures, 20));
  const floor = Math.max(0, d.m.floorUntilUp - d.now.up);
  const delay = Math.max(floor, base * (0.8 + 0.4 * d.now.rolls[1]));
  patch(d, { probe: { ...d.m.probe, at: later(d.now.at, delay) } });
}

/** The rung a probe round tries after `rung`; null when it has tried all above the current one. */
export function nextProbeTarget(d: Draft, rung: number): number | null {
  return rung + 1 < d.m.home ? rung + 1 : null;
}
