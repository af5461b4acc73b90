import { expect, it, onTestFinished, vi } from 'vitest';
import type { FakeClock } from './simulation/fake-clock';
import { alpha } from './testing/engine-rig';
import { feedByHand } from './testing/hand-fed';

const count = 40;

/** Instants at which anything of the engine that waited was called, from now on: what is done in the turn of a read is no wait. */
function wakesOf(clock: FakeClock): ReadonlySet<number> {
  const instants = new Set<number>();
  const { after } = clock;
  const spy = vi.spyOn(clock, 'after').mockImplementation((ms, callback) =>
    after(ms, () => {
      if (ms > 0) instants.add(clock.now());
      callback();
    }),
  );
  onTestFinished(() => spy.mockRestore());
  return instants;
}

/** So many live sources, each begun at a moment of its own. */
async function manySources() {
  const { rig, say } = await feedByHand();
  for (let n = 1; n < count; n++) {
    await Promise.all([
      rig.engine.addSource({ ...alpha, id: `alpha-${n}`, name: `Alpha ${n}` }),
      rig.clock.advanceAsync(13),
    ]);
  }
  for (let n = 0; n < count; n++) say(helloOf(n), n);
  await rig.clock.advanceAsync(3_000);
  expect(rig.engine.views().filter(({ state }) => state.kind === 'live')).toHaveLength(count);
  return { rig, say };
}

const helloOf = (n: number): string =>
  JSON.stringify({ kind: 'hello', stream: `s-${n}`, epoch: 'e', from: 0, head: 0, spreadMs: 0, heartbeatMs: 15_000 });

const beatOf = (n: number, head: number): string =>
  JSON.stringify({ kind: 'heartbeat', stream: `s-${n}`, epoch: 'e', head });

const eventOf = (n: number, seq: number): string =>
  JSON.stringify({ kind: 'event', stream: `s-${n}`, epoch: 'e', seq, time: 1, type: 't', data: { v: 1 } });

it('wakes once a second for all sources that have nothing to say, however many there are', async () => {
  const { rig } = await manySources();
  const wakes = wakesOf(rig.clock);
  await rig.clock.advanceAsync(10_000);
  // The tick of all of them, and what the journal and the limits of silence have of their own.
  expect(wakes.size).toBeLessThanOrEqual(10 + 5);
  await rig.close();
});

it('hands what sources collected to the journal for all of them at once, however their events are spread', async () => {
  const { rig, say } = await manySources();
  rig.forget();
  const wakes = wakesOf(rig.clock);
  for (let seq = 1; seq <= 4; seq++) {
    for (let n = 0; n < count; n++) {
      say(eventOf(n, seq), n);
      await rig.clock.advanceAsync(6);
    }
  }
  await rig.clock.advanceAsync(100);
  expect(rig.appended.reduce((sum, { events }) => sum + events.length, 0)).toBe(4 * count);
  // 960 ms of events: rounds of 25 ms, each begun by the first event after the last one, and beside them the journal's groups.
  expect(wakes.size).toBeLessThanOrEqual(80);
  await rig.close();
});

it('looks every five seconds at what is shown of a source that rests, and at once where something comes', async () => {
  const { rig, say } = await manySources();
  const rest = async (seconds: number, head = 0) => {
    for (let left = seconds; left > 0; left -= 10) {
      for (let n = 0; n < count; n++) say(beatOf(n, n === 3 ? head : 0), n);
      await rig.clock.advanceAsync(10_000);
    }
  };
  await rest(80);
  expect(rig.engine.views().filter(({ state }) => state.kind === 'live')).toHaveLength(count);
  const told = new Map<string, number>();
  const off = rig.engine.onChange((id) => told.set(id, (told.get(id) ?? 0) + 1));
  await rest(10);
  // Twice by the tick, and once for its heartbeat, its ping and its pong.
  expect(Math.max(...told.values())).toBeLessThanOrEqual(5);
  told.clear();
  say(eventOf(3, 1), 3);
  // The second of its spark line, the rate of five seconds, and the line moving on.
  await rest(10, 1);
  expect(told.get('alpha-3')).toBeGreaterThanOrEqual(10);
  expect([...told.values()].filter((times) => times > 5)).toHaveLength(1);
  off();
  await rig.close();
});
