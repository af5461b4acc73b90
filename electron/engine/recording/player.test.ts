import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import type { RecordedLine } from './format';
import { createPlayer } from './player';

const start = 1_000_000;

/** An event n seconds into the recording. */
const event = (n: number): RecordedLine => ({
  kind: 'event',
  at: start + n * 1000,
  stream: 's',
  epoch: 'e',
  seq: n,
  id: null,
  type: 't',
  sentAt: null,
  late: false,
  body: `${n}`,
});

interface RigOptions {
  readonly lines?: readonly RecordedLine[];
  readonly speed?: number;
  readonly cut?: boolean;
}

function rig({ lines = Array.from({ length: 10 }, (_, n) => event(n)), speed = 1, cut = false }: RigOptions = {}) {
  const clock = createFakeClock();
  const heard: string[] = [];
  let open = 0;
  const endAt = (lines.at(-1)?.at ?? start) + 51_000;
  const all = cut ? lines : [...lines, { kind: 'end', at: endAt, events: lines.length } as const];
  const player = createPlayer(
    {
      clock,
      speed,
      open() {
        open += 1;
        let at = 0;
        return {
          async next() {
            if (at >= all.length) return null;
            at += 3;
            return all.slice(at - 3, at);
          },
          close() {
            open -= 1;
          },
        };
      },
    },
    {
      onLines: (played) => heard.push(...played.map((line) => (line.kind === 'event' ? String(line.seq) : line.kind))),
      onSeek: (at) => heard.push(`seek ${(at - start) / 1000}`),
      onEnd: (whole) => heard.push(whole ? 'end' : 'cut'),
      onError: (error) => heard.push(String(error)),
    },
  );
  return { clock, player, heard, readers: () => open };
}

/** Everything heard since the last look. */
const taken = (heard: string[]) => heard.splice(0).join(' ');

describe('a player', () => {
  it('plays nothing before it is told to', async () => {
    const { clock, player, heard, readers } = rig();
    await clock.advanceAsync(10_000);
    expect(heard).toEqual([]);
    expect(player.position()).toBeNull();
    expect(readers()).toBe(0);
  });

  it.each([
    [1, 3000, '0 1 2 3'],
    [0.1, 20_000, '0 1 2'],
    [100, 50, '0 1 2 3 4 5'],
  ])('plays at %d × the recorded pace', async (speed, ms, played) => {
    const { clock, player, heard } = rig({ speed });
    player.play();
    await clock.advanceAsync(ms);
    expect(taken(heard)).toBe(played);
    player.close();
    expect(clock.pending()).toBe(0);
  });

  it('plays to the end and says whether the file was whole', async () => {
    for (const [cut, said] of [
      [false, 'end'],
      [true, 'cut'],
    ] as const) {
      const { clock, player, heard } = rig({ cut, speed: 10 });
      player.play();
      await clock.advanceAsync(10_000);
      expect(taken(heard)).toBe(`0 1 2 3 4 5 6 7 8 9 ${said}`);
      expect(player.state()).toBe('ended');
      expect(clock.pending()).toBe(0);
    }
  });

  it('holds its place while paused, however long', async () => {
    const { clock, player, heard } = rig();
    player.play();
    await clock.advanceAsync(2500);
    player.pause();
    expect(taken(heard)).toBe('0 1 2');
    expect(player.position()).toBe(start + 2500);
    await clock.advanceAsync(60_000);
    expect(player.position()).toBe(start + 2500);
    player.play();
    await clock.advanceAsync(499);
    expect(taken(heard)).toBe('');
    await clock.advanceAsync(1);
    expect(taken(heard)).toBe('3');
    player.close();
  });

  it('steps from event to event without waiting, and goes on from there', async () => {
    const lines: RecordedLine[] = [
      { kind: 'state', at: start, from: 'idle', to: 'live', transport: null, code: 'opened', text: '' },
      event(100),
      event(200),
      event(201),
    ];
    const { clock, player, heard } = rig({ lines });
    player.step();
    await clock.advanceAsync(0);
    expect(taken(heard)).toBe('state 100');
    player.step();
    await clock.advanceAsync(0);
    expect(taken(heard)).toBe('200');
    expect(player.state()).toBe('paused');
    await clock.advanceAsync(60_000);
    expect(heard).toEqual([]);
    player.play();
    await clock.advanceAsync(1000);
    expect(taken(heard)).toBe('201');
    player.close();
  });

  it('seeks forward and back, also from its end, with one file open', async () => {
    const { clock, player, heard, readers } = rig();
    player.play();
    await clock.advanceAsync(1000);
    expect(taken(heard)).toBe('0 1');
    player.seek(start + 6500);
    await clock.advanceAsync(1000);
    expect(taken(heard)).toBe('seek 6.5 7');
    player.seek(start + 2000);
    await clock.advanceAsync(1000);
    expect(taken(heard)).toBe('seek 2 2 3');
    expect(readers()).toBe(1);
    player.seek(start + 9000);
    await clock.advanceAsync(60_000);
    expect(taken(heard)).toBe('seek 9 9 end');
    player.seek(start);
    await clock.advanceAsync(5000);
    expect(taken(heard)).toBe('seek 0');
    expect(player.state()).toBe('paused');
    player.play();
    await clock.advanceAsync(0);
    expect(taken(heard)).toBe('0');
    player.close();
    expect(readers()).toBe(0);
  });

  it('changes its pace where it stands', async () => {
    const { clock, player, heard } = rig();
    player.play();
    await clock.advanceAsync(1500);
    player.setSpeed(10);
    await clock.advanceAsync(50);
    expect(taken(heard)).toBe('0 1 2');
    player.setSpeed(0.5);
    await clock.advanceAsync(1999);
    expect(taken(heard)).toBe('');
    await clock.advanceAsync(1);
    expect(taken(heard)).toBe('3');
    expect(() => player.setSpeed(101)).toThrow(RangeError);
    expect(() => player.setSpeed(0)).toThrow(RangeError);
    player.close();
  });

  it('is not held up by a clock that was set back while recording', async () => {
    const { clock, player, heard } = rig({ lines: [event(100), event(5), event(6), event(101)] });
    player.play();
    await clock.advanceAsync(0);
    expect(taken(heard)).toBe('100 5 6');
    await clock.advanceAsync(1000);
    expect(taken(heard)).toBe('101');
    player.close();
  });
});
