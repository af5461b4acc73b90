import type { Mutation } from './pool';

export interface Mutant extends Mutation {
  readonly name: string;
  /** Folders of the engine whose unit tests are asked where the simulation lets it pass; its own where left out. */
  readonly tests?: readonly string[];
  /** Only a run with a journal and crashes can show it. */
  readonly journal?: true;
}

/** Engines with one line broken each. The invariants must catch every one, or they would not catch the mistake either. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no dedupe',
    file: 'delivery/stream-sequencer.ts',
    find: 'if (this.gaps.size === 0 || !this.gaps.fill(seq, this.context.limits.openGaps)) {',
    replace: 'this.gaps.fill(seq, this.context.limits.openGaps);\n    if (seq < 0) {',
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
    name: 'alert rules forget in a crash',
    file: 'alerts/course.ts',
    find: 'const mine = restored?.condition === conditionKey(rule) ? restored : null;',
    replace: 'const mine = restored?.condition === rule.id ? restored : null;',
    journal: true,
  },
  {
    name: 'alerts stored after their events',
    file: 'source/source.ts',
    find: 'alerts: () => alerts.drain(),',
    replace:
      'alerts() {\n      const late = globalThis as unknown as Record<string, ReturnType<typeof alerts.drain>>;\n      const raised = late[config.id] ?? null;\n      late[config.id] = alerts.drain();\n      return raised;\n    },',
    journal: true,
  },
  {
    name: 'changes of an alert not stored',
    file: 'journal/alert-rows.ts',
    find: 'ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, count = excluded.count, text = excluded.text',
    replace: 'ON CONFLICT (id) DO NOTHING',
    journal: true,
  },
  {
    name: "a goodbye's retryAfter is ignored",
    file: 'connection/lost.ts',
    find: 'wait(d, live.rung, planned, { floorMs: Math.max(said.retryAfterMs, live.floorMs) });',
    replace: 'wait(d, live.rung, planned, { floorMs: live.floorMs });',
  },
  {
    name: "a source's hold does nothing",
    file: 'source/source.ts',
    find: '      connection.hold(on);\n',
    replace: '',
    tests: ['source', 'connection'],
    journal: true,
  },
  {
    name: 'nobody is told that the disk is behind',
    file: 'journal/hand-over.ts',
    find: 'const behind = !held && (events > waitEvents || bytes > waitBytes);',
    replace: 'const behind = !held && events > 1e9;',
    journal: true,
  },
  {
    name: 'what is refused for now is refused for good, over a socket',
    file: 'protocols/gateway-decoder.ts',
    find: "return refused.value('later') === true || forNow.has(refused.text('error') ?? '');",
    replace: "return refused.value('later') === true;",
    tests: ['protocols', 'outbox'],
  },
  {
    name: 'what is refused for now is refused for good, over POST',
    file: 'source/outbox.ts',
    find: 'status >= 500 || notNow.has(status)',
    replace: 'status >= 600 || notNow.has(status)',
  },
  {
    name: 'what a session took with it is not sent again',
    file: 'outbox/outbox.ts',
    find: "    underWay.delete(number);\n    shelf.mark(number, 'queued');\n    pump();",
    replace: '    underWay.delete(number);\n    pump();',
  },
  {
    name: 'a cut stream is given as one that ended in order',
    file: 'transports/sse.ts',
    find: "ending = failure.code === bodyCutCode ? { kind: 'ended', whole: false }",
    replace: "ending = failure.code === bodyCutCode ? { kind: 'ended', whole: true }",
  },
  {
    name: 'every close is given as a normal one',
    file: 'transports/websocket.ts',
    find: "onClose: (code, reason) => end({ kind: 'closed', code, reason }),",
    replace: "onClose: (_, reason) => end({ kind: 'closed', code: 1000, reason }),",
  },
  {
    name: "a poll does not read the server's Retry-After",
    file: 'transports/poll-loop.ts',
    find: "const retryAfterMs = parseRetryAfter(headerOf(head, 'retry-after'), clock.wall());",
    replace: "const retryAfterMs = parseRetryAfter(headerOf(head, 'retry-later'), clock.wall());",
  },
  {
    name: 'what was skipped of a tail is not told',
    file: 'relay/tail.ts',
    find: '        skipped += from + count();',
    replace: '        skipped += from;',
  },
  {
    name: 'a feed is stale after one pause of its pace',
    file: 'meters/cadence.ts',
    find: 'this.lastAt + 3 * cadence',
    replace: 'this.lastAt + cadence',
  },
  {
    name: 'frames are not bounded by bytes',
    file: 'frames/frame-ring.ts',
    find: 'if (this.bytes > limits.bytes || this.size > limits.frames) this.shrink();',
    replace: 'if (this.size > limits.frames) this.shrink();',
  },
  {
    name: 'time in which we slept counts as downtime',
    file: 'alerts/silence.ts',
    find: 'downMs += Math.min(now - lookedAt, mostOfATickMs);',
    replace: 'downMs += now - lookedAt;',
  },
  {
    name: 'a recording plays at one pace whatever is chosen',
    file: 'recording/player.ts',
    find: 'anchor.at + (clock.now() - anchor.since) * speed',
    replace: 'anchor.at + (clock.now() - anchor.since)',
  },
];
