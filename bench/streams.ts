import { randomUUID } from 'node:crypto';
import { CheckpointSum } from '../electron/engine/core/checkpoint-sum';
import type { DecodedEvent } from '../electron/engine/core/protocol';
import { createSequencer } from '../electron/engine/delivery/sequencer';
import { createSystemClock } from '../electron/node/clock';
import type { Bench, BenchContext, BenchResult } from './bench';
import { mainCpuMs, round } from './bench';

export const streamsBench: Bench = {
  name: 'streams',
  about: 'what many streams of one source cost the main thread: order, dedupe and checkpoints, without a journal',
  run,
};

/** Events that arrive together, as frames read in one turn. */
const turn = 64;

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const events = option('events', 60_000);
  const one = timeOf(1, events, false);
  const figures: Record<string, number> = { one_us: round(one / (events / 1000), 2) };
  for (const streams of [1_000, 6_000]) {
    const ms = timeOf(streams, events, false);
    say(`${streams} streams, ${events} events in turn: ${round(ms, 0)} ms (one stream: ${round(one, 0)} ms)`);
    figures[`ms_${streams}`] = round(ms, 1);
  }
  const named = timeOf(events, events, false);
  say(`a stream per event, ${events} of them: ${round(named, 0)} ms`);
  figures.ms_named = round(named, 1);
  const holed = timeOf(1_000, events, true);
  say(`1000 streams with a hole each, ${events} events held behind them: ${round(holed, 0)} ms`);
  figures.ms_holes = round(holed, 1);
  return { figures, notes: ['every event is delivered, or held where there is a hole, and each step is added up'] };
}

/** CPU time of the main thread where the system tells it, so that a busy machine changes nothing; wall time elsewhere. */
function cpuMs(): number {
  return mainCpuMs() ?? performance.now();
}

/** Time of all events over `streams` streams in turn, ms. `holes`: the first number of each never comes. */
function timeOf(streams: number, events: number, holes: boolean): number {
  const sum = new CheckpointSum();
  const sequencer = createSequencer(
    {
      facts: { numbering: 'contiguous', uniqueIds: false, resumable: true },
      clock: createSystemClock(),
      random: { next: () => 0.5, id: () => randomUUID() },
      restored: null,
    },
    {
      onDelivery: ({ checkpoint }) => sum.add(checkpoint),
      onRepair: () => undefined,
      onRepairEnded: () => undefined,
      onReattach: () => undefined,
      onLook: () => undefined,
      onChanged: () => undefined,
      onSnapshotWanted: () => undefined,
      onCaughtUp: () => undefined,
      onEpochChanged: () => undefined,
      onDiagnosis: () => undefined,
    },
  );
  const made: DecodedEvent[] = [];
  for (let index = 0; index < events; index++) {
    const seq = Math.floor(index / streams) + (holes ? 2 : 1);
    made.push({
      stream: `stream-${index % streams}`,
      position: { epoch: 'a', seq },
      id: null,
      type: 'tick',
      sentAt: 0,
      receivedAt: 0,
      body: `{"n":${index}}`,
      bytes: 10,
      value: undefined,
    });
  }
  const began = cpuMs();
  for (let index = 0; index < Math.min(streams, events); index++) {
    sequencer.attached(1, { stream: `stream-${index}`, epoch: 'a', from: 0, head: null });
  }
  for (const [index, event] of made.entries()) {
    sequencer.event(1, event);
    if (index % turn === turn - 1) sequencer.flush();
  }
  sequencer.flush();
  const took = cpuMs() - began;
  sequencer.close();
  sum.take();
  return took;
}
