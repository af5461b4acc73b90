import type { Mutant } from './mutant';

/** Of connection and delivery: when is asked, and what is let through. */
export const mutantsOfOrder: readonly Mutant[] = [
  {
    name: 'no dedupe',
    file: 'delivery/stream-sequencer.ts',
    find: 'if (this.gaps.size === 0 || !this.gaps.fill(seq, this.gapRoom)) {',
    replace: 'this.gaps.fill(seq, this.gapRoom);\n    if (seq < 0) {',
  },
  {
    name: 'a hole is passed without a gap',
    file: 'delivery/stream-sequencer.ts',
    find: '    } else {\n      this.hold(seq, event);\n    }',
    replace: '    } else {\n      this.advance(seq, event);\n    }',
  },
  {
    name: 'cursor before delivery',
    file: 'delivery/sequencer.ts',
    find: '        bodies.note(stream, position.seq, event);\n        step.deliver(event, false);',
    replace:
      '        bodies.note(stream, position.seq, event);\n        if (this.parts.sessions.size === 1 && position.seq % 97 !== 0) step.deliver(event, false);',
  },
  {
    name: 'late events not marked',
    file: 'delivery/stream-sequencer.ts',
    find: 'this.context.step.deliver(event, true)',
    replace: 'this.context.step.deliver(event, false)',
  },
  {
    name: 'epoch adopted from a late event',
    file: 'delivery/sequencer.ts',
    find: '      this.otherEpoch(session.id, stream, epoch);\n      return;\n    }\n    if (stream.epoch !== null) {\n      // A feed',
    replace: '      stream.begin(epoch, seq - 1);\n    }\n    if (stream.epoch !== null) {\n      // A feed',
  },
  {
    name: 'lost while a repair runs',
    file: 'delivery/repair.ts',
    find: '      this.calls.ended(ref);\n      this.finish(ref, false);\n      this.calls.wake();',
    replace:
      "      this.calls.ended(ref);\n      repair.stream.giveUp(repair.request.after.seq, repair.request.to, 'no-replay');\n      this.finish(ref, false);\n      this.calls.wake();",
  },
  {
    name: 'retention not declared',
    file: 'delivery/adoption.ts',
    find: '        stream.forget(refusal.oldest ?? from + 1);',
    replace: '        stream.begin(refusal.epoch, from);',
  },
  {
    name: 'backoff reset on open',
    file: 'connection/enter.ts',
    find: '    home: rung,\n    round: null,',
    replace: '    home: rung,\n    failures: 0,\n    losses: [],\n    round: null,',
  },
  {
    name: 'jitter before the cap',
    file: 'connection/backoff.ts',
    find: '  const free = timing.backoffMinMs + input.roll * (range - timing.backoffMinMs);',
    replace:
      '  const free = Math.min(timing.backoffCapMs, timing.backoffBaseMs * 2 ** input.failures * (0.5 + input.roll));',
  },
  {
    name: "server's floor ignored",
    file: 'connection/backoff.ts',
    find: '  if (input.floorMs <= 0) return free;',
    replace: '  if (input.floorMs < Number.POSITIVE_INFINITY) return free;',
  },
  {
    name: 'no generation guard',
    file: 'connection/slots.ts',
    find: 'slots.get(slot.role) === slot;',
    replace: 'slots.has(slot.role);',
  },
  {
    name: 'a dropped session is only ignored',
    file: 'connection/slots.ts',
    find: '    else slot.session?.destroy();',
    replace: '    else void slot.session;',
  },
  {
    name: 'the old rung is left open',
    file: 'connection/slots.ts',
    find: "      drop('main', true);",
    replace: "      slots.delete('main');",
  },
  {
    name: 'leaked timer',
    file: 'connection/slots.ts',
    find: '    slot.pace?.cancel();\n    arrived(slot);',
    replace: '    slot.pace?.cancel();',
  },
  {
    name: 'deadline never armed at flush',
    file: 'connection/heartbeat.ts',
    find: 'flushed: true, deadline: later(at, timing.pongMs)',
    replace: 'flushed: true, deadline: null',
  },
  {
    name: 'deadline never armed on a jammed queue',
    file: 'connection/heartbeat.ts',
    find: 'if (!ping.flushed && ping.deadline === null &&',
    replace: 'if (now.at < 0 && !ping.flushed && ping.deadline === null &&',
  },
  {
    name: 'no watchdog on SSE',
    file: 'connection/heartbeat.ts',
    find: 'return cadenceMs === null ? null : silenceLimit(cadenceMs, timing);',
    replace: 'return null;',
  },
  {
    name: 'step down on host failure',
    file: 'connection/ladder.ts',
    find: '  if (busyAt.length < timing.evidenceCount) {\n    wait(d, rung, failure, { floorMs });',
    replace:
      '  if (busyAt.length < timing.evidenceCount) {\n    patch(d, { home: Math.min(rung + 1, d.settings.rungs.length - 1) });\n    wait(d, rung, failure, { floorMs });',
  },
  {
    name: 'control request skipped',
    file: 'connection/ladder.ts',
    find: '  const floor = Math.max(failure.floorMs ?? 0, floorMs, d.m.floorUntilUp - d.now.up);',
    replace:
      '  patch(d, { home: control });\n  wait(d, rung, failure, { floorMs });\n  if (control >= 0) return;\n  const floor = Math.max(failure.floorMs ?? 0, floorMs, d.m.floorUntilUp - d.now.up);',
  },
  {
    name: 'recheck forgotten',
    file: 'connection/machine.ts',
    find: '(phase.recheck.deadline ?? never) : (phase.recheckAt ?? never)',
    replace: '(phase.recheck.deadline ?? never) : never',
  },
  {
    name: 'promotion without a deadline',
    file: 'connection/live.ts',
    find: '    candidateDue(d, live.candidate);\n    return;',
    replace: '    return;',
  },
  {
    name: 'no probe upward',
    file: 'connection/probe.ts',
    find: '  patch(d, { probe: { ...d.m.probe, at: later(d.now.at, delay) } });',
    replace: '  patch(d, { probe: { ...d.m.probe, at: later(d.now.at, 1e9 * delay) } });',
  },
  {
    name: 'ordinals repeat',
    file: 'delivery/step.ts',
    find: 'new Delivered(event, this.nextOrdinal++, late)',
    replace: 'new Delivered(event, this.nextOrdinal, late)',
  },
  {
    name: "a goodbye's retryAfter is ignored",
    file: 'connection/lost.ts',
    find: 'wait(d, live.rung, planned, { floorMs: Math.max(said.retryAfterMs, live.floorMs) });',
    replace: 'wait(d, live.rung, planned, { floorMs: live.floorMs });',
  },
];
