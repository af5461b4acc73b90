import { describe, expect, it } from 'vitest';
import type { SourceConfig } from '../../../shared/source';
import type { DeliveredEvent } from '../core/delivery';
import type { JournalEntry } from '../core/journal';
import { createRounds } from '../core/rounds';
import type { RecordedLine, RecordingHeader } from '../recording/format';
import { RecordingError } from '../recording/format';
import { createFakeClock } from '../simulation/fake-clock';
import { createRecordingSource } from './recorded';

const start = Date.UTC(2020, 0, 1);
const header: RecordingHeader = {
  kind: 'recording',
  version: 1,
  at: start,
  source: { name: 'Orders', url: 'http://h.test/', protocol: 'gateway', promise: 'Every event exactly once.' },
};
const config: SourceConfig = {
  id: 'rec',
  name: 'Monday',
  url: 'file:///tmp/a%20b.jsonl.gz',
  protocol: 'recording',
  ladder: [],
  pinnedRung: null,
  paused: false,
  builtIn: false,
};

const event = (n: number): RecordedLine => ({
  kind: 'event',
  at: start + n * 1000,
  stream: 's',
  epoch: 'e',
  seq: n,
  id: null,
  type: 'cpu',
  sentAt: start + n * 1000 - 40,
  late: false,
  body: `{"percent":${n * 2}}`,
});

const lines: RecordedLine[] = [
  { kind: 'state', at: start, from: 'connecting', to: 'live', transport: 'sse', code: 'opened', text: 'SSE is open.' },
  ...Array.from({ length: 10 }, (_, index) => event(index + 1)),
  {
    kind: 'gap',
    at: start + 11_000,
    id: 'g',
    stream: 's',
    epoch: 'e',
    from: 11,
    to: 12,
    status: 'lost',
    cause: 'retention',
  },
  { kind: 'end', at: start + 20_000, events: 10 },
];

function rig(play = true, unreadable = false, recorded: readonly RecordedLine[] = lines) {
  const clock = createFakeClock();
  const entries: JournalEntry[] = [];
  const events: DeliveredEvent[] = [];
  let answer: 'go' | 'wait' = 'go';
  const source = createRecordingSource(
    config,
    {
      clock,
      handOvers: createRounds(clock, 25),
      play,
      append(entry) {
        entries.push(entry);
        return answer;
      },
      recordings: {
        async header() {
          if (unreadable) throw new RecordingError({ kind: 'newer', version: 9 });
          return header;
        },
        open() {
          let read = false;
          return {
            async next() {
              if (read) return null;
              read = true;
              return recorded;
            },
            close() {},
          };
        },
      },
    },
    { onChange() {}, onEvents: (more) => events.push(...more), onGaps() {}, onTransition() {} },
  );
  source.start();
  return { clock, source, entries, events, answer: (next: 'go' | 'wait') => (answer = next) };
}

const seqs = (events: readonly DeliveredEvent[]) => events.map(({ position }) => position?.seq);

describe('a recording as a source', () => {
  it('delivers, measures and journals what it plays, at the times of the playing, and is never live', async () => {
    const { clock, source, entries, events } = rig();
    await clock.advanceAsync(3100);
    expect(seqs(events)).toEqual([1, 2, 3]);
    for (const { receivedAt, sentAt } of events) expect(receivedAt - (sentAt ?? 0)).toBe(40);
    expect(events[2]?.receivedAt).toBe(clock.wall() - 100);
    expect(source.view()).toMatchObject({
      badge: 'recording',
      state: { kind: 'idle' },
      counters: { delivered: 3 },
      reason: { code: 'recording', text: 'Playing the recording of Orders at 1 times its pace.' },
      recording: { status: 'playing', from: start, position: start + 3100, said: 'SSE is open.' },
    });
    const stored = entries.flatMap((entry) => entry.events);
    expect(stored.map(({ ordinal }) => ordinal)).toEqual([1, 2, 3]);
    const percent = entries.flatMap((entry) => entry.rollups).filter(({ series }) => series === 'value:cpu.percent');
    expect(percent.reduce((sum, one) => sum + one.sum, 0)).toBe(12);

    await clock.advanceAsync(20_000);
    expect(source.view()).toMatchObject({ badge: 'paused', recording: { status: 'ended', whole: true } });
    expect(entries.flatMap((entry) => entry.gaps)).toMatchObject([{ from: 11, to: 12, cause: 'retention' }]);
    source.close();
    expect(clock.pending()).toBe(0);
  });

  it('waits at its beginning when it was there before, pauses, steps, seeks and changes its pace', async () => {
    const { clock, source, events } = rig(false);
    await clock.advanceAsync(5000);
    expect(events).toEqual([]);
    expect(source.view()).toMatchObject({ badge: 'paused', config: { paused: true } });
    source.command({ playback: { kind: 'step' } });
    await clock.advanceAsync(0);
    expect(seqs(events)).toEqual([1]);
    source.command({ playback: { kind: 'speed', speed: 10 } });
    source.command('resume');
    await clock.advanceAsync(300);
    expect(seqs(events)).toEqual([1, 2, 3, 4]);
    source.command('pause');
    await clock.advanceAsync(60_000);
    expect(seqs(events)).toEqual([1, 2, 3, 4]);
    source.command({ playback: { kind: 'seek', at: start + 2000 } });
    source.command('resume');
    await clock.advanceAsync(0);
    // Another pass is another epoch: number 2 is no repetition.
    expect(events.at(-1)).toMatchObject({ ordinal: 5, position: { epoch: 'e/2', seq: 2 } });
    await clock.advanceAsync(60_000);
    expect(source.view().recording?.status).toBe('ended');
    source.command('resume');
    await clock.advanceAsync(0);
    await clock.advanceAsync(100);
    expect(events.at(-1)).toMatchObject({ position: { epoch: 'e/3', seq: 1 } });
    source.close();
  });

  it('hostile 5: begins at its beginning where a time long before it was sought, instead of waiting for it', async () => {
    const { clock, source, events } = rig();
    await clock.advanceAsync(0);
    source.command({ playback: { kind: 'seek', at: -62_167_219_200_000 } });
    await clock.advanceAsync(1_500);
    expect(seqs(events)).toEqual([1]);
    source.close();
  });

  it('hostile 5: shows the beginning of what the recorded connection said, however long it is', async () => {
    const [opened] = lines;
    const { clock, source } = rig(true, false, [{ ...opened, text: 'x'.repeat(64 * 1024) } as RecordedLine]);
    await clock.advanceAsync(100);
    expect(source.view().recording?.said).toBe('x'.repeat(1_000));
    source.close();
  });

  it('behaviour 57: a body with NaN in it is measured and watched as it was live', async () => {
    const body = '{"type":"probe","loss": NaN, "rtt": 3.5, "note": "NaN"}';
    const { clock, source, entries, events } = rig(true, false, [
      { ...event(1), type: 'probe', body } as RecordedLine,
      { ...event(2), type: 'deep', body: `${'['.repeat(5_000)}${']'.repeat(5_000)}` } as RecordedLine,
      { ...event(3), type: 'text', body: 'NaN is no JSON' } as RecordedLine,
    ]);
    await clock.advanceAsync(5_000);
    expect(events.map(({ type, value }) => [type, value])).toEqual([
      ['probe', { type: 'probe', loss: null, rtt: 3.5, note: 'NaN' }],
      ['deep', null],
      ['text', undefined],
    ]);
    expect(events[0]?.body).toBe(body);
    const charted = entries.flatMap(({ rollups }) => rollups).map(({ series }) => series);
    expect(charted.filter((series) => series.startsWith('value:'))).toEqual(['value:probe.rtt']);
    source.close();
  });

  it('waits while the journal is behind', async () => {
    const { clock, source, events, answer } = rig();
    answer('wait');
    await clock.advanceAsync(5000);
    expect(seqs(events)).toEqual([1]);
    expect(source.view().badge).toBe('throttled');
    answer('go');
    source.pressure('go');
    await clock.advanceAsync(2000);
    expect(seqs(events)).toEqual([1, 2, 3]);
    source.close();
  });

  it('that cannot be read says why', async () => {
    const { clock, source } = rig(true, true);
    await clock.advanceAsync(10);
    expect(source.view()).toMatchObject({
      badge: 'stopped',
      reason: {
        code: 'recording-unreadable',
        text: 'a b.jsonl.gz cannot be played. This recording has version 9; this program reads version 1.',
      },
      recording: { status: 'unreadable' },
    });
    source.command('resume');
    source.command({ playback: { kind: 'step' } });
    source.close();
    expect(clock.pending()).toBe(0);
  });
});
