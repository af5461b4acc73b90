import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CheckpointBuilder } from './delivery/checkpoint';
import { meterLimits } from './meters/limits';
import { alpha } from './testing/engine-rig';
import { feedByHand } from './testing/hand-fed';

const named = (stream: number): string =>
  `{"kind":"event","stream":"stream-${stream}","epoch":"e","seq":1,"time":1,"type":"type-${stream}","data":{"v":1}}`;

it('promise 12: what a source of many streams shows and stores costs what came, not what there is', async () => {
  const { rig, say } = await feedByHand();
  const whole = vi.spyOn(CheckpointBuilder.prototype, 'resume', 'get');
  onTestFinished(() => whole.mockRestore());
  for (let n = 0; n < 3_000; n++) {
    const hello = { kind: 'hello', stream: `stream-${n}`, epoch: 'e', from: 0, head: 0, spreadMs: 0 };
    say(JSON.stringify(hello));
  }
  for (let n = 0; n < 3_000; n++) {
    say(named(n));
    if (n % 100 === 99) await rig.clock.advanceAsync(100);
  }
  for (let n = 0; n < 100; n++) rig.engine.view('alpha');
  // Once, to see by the first frame whether it resumes.
  expect(whole.mock.calls.length).toBeLessThanOrEqual(1);
  const { appended } = rig;
  const stored = appended.reduce((sum, { events }) => sum + events.length, 0);
  expect(stored).toBe(3_000);
  const moved = appended.reduce((sum, { checkpoint }) => sum + Object.keys(checkpoint?.positions ?? {}).length, 0);
  // Each stream moved twice: as it was attached, and with its event; the last one of a step may be named again.
  expect(moved).toBeLessThanOrEqual(6_000 + appended.length);
  await rig.close();
});

it('promise 12: a feed that names a stream and a type per event takes bounded room in every stage', async () => {
  const { rig, say } = await feedByHand();
  for (let n = 0; n < 15_000; n++) {
    say(named(n));
    if (n % 100 === 99) await rig.clock.advanceAsync(100);
  }
  await rig.clock.advanceAsync(1000);
  await rig.engine.journal.flush();
  expect(rig.engine.view('alpha')?.counters.delivered).toBe(15_000);
  const series = await rig.engine.journal.seriesNames('alpha');
  // What bodies name, and the seven that every source has.
  expect(series.length).toBeLessThanOrEqual(meterLimits.valueSeries + 7);
  const shown = rig.engine.state('alpha');
  expect(shown?.rows.length).toBe(1_000);
  expect(shown?.refused).toBe(14_000);
  expect(rig.engine.frames('alpha', 100_000)?.rows.length).toBeLessThanOrEqual(1_000);
  const restored = await rig.engine.journal.restore('alpha');
  expect(Object.keys(restored?.checkpoint?.resume.positions ?? {}).length).toBe(10_000);
  expect(rig.engine.view('alpha')?.promise).toContain('more than 10000 streams');
  await rig.close();
});

/** A message of each kind, with names that no other has. */
const kinds: readonly ((n: number, name: string) => string)[] = [
  (n, name) =>
    `{"kind":"event","stream":"${name}","epoch":"e${n}","seq":1,"time":1,"type":"t${name}","data":{"k${n}":1},"id":"i${name}"}`,
  (n, name) => `{"seq":1,"kind":"event","stream":"${name}","epoch":"e","type":"t${name}","data":{"${name}":${n}}}`,
  (n, name) => `{"kind":"hello","stream":"${name}","epoch":"e${n}","from":0,"head":5}`,
  (n, name) => `{"kind":"hello","stream":"stream-1","epoch":"${name}","from":0,"head":${n}}`,
  (_, name) =>
    `{"kind":"cannot-resume","stream":"${name}","epoch":"e","cause":"retention","requested":{"epoch":"${name}","seq":1}}`,
  (n, name) => `{"kind":"heartbeat","stream":"${name}","epoch":"${name}","head":${n}}`,
  (n, name) => `{"kind":"replayed","ref":"${name}","stream":"${name}","epoch":"e","after":1,"to":${n}}`,
  (_, name) => `{"kind":"refused","ref":"${name}","error":"${name}"}`,
  (_, name) => `{"kind":"${name}"}`,
  (_, name) => `{"kind":"event","stream":"${name}"}`,
];

it('hostile 9: once the room for names is full, nothing is kept of what a message names, whatever its kind', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const { rig, say } = await feedByHand();
  let said = 0;
  async function round(messages: number, text: (n: number) => string): Promise<number> {
    for (let n = 0; n < messages; n++) {
      said += 1;
      say(text(said));
      if (n % 250 === 249) {
        await rig.clock.advanceAsync(100);
        // What the rig notes itself.
        rig.forget();
      }
    }
    await rig.engine.journal.flush();
    collect();
    return process.memoryUsage().heapUsed;
  }
  const any = (n: number) => kinds[n % kinds.length]?.(n, `${'n'.repeat(200)}${n}`) ?? '';
  await round(12_000, named);
  const before = await round(2_000, any);
  const after = await round(12_000, any);
  // Each of them kept once would be three times that.
  expect(after - before).toBeLessThan(1_500_000);
  expect(rig.engine.view('alpha')?.promise).toContain('more than 10000 streams');
  await rig.close();
});

it('promise 3: a feed without numbers that nobody can ask again has a gap for what a pause dropped', async () => {
  const { rig, say } = await feedByHand({ ...alpha, protocol: 'json' }, { waitEvents: 5 });
  for (let n = 0; n < 5; n++) say(`{"n":${n}}`);
  await rig.clock.advanceAsync(500);
  rig.full = true;
  for (let n = 5; n < 40; n++) {
    say(`{"n":${n}}`);
    await rig.clock.advanceAsync(50);
  }
  expect(rig.engine.journal.view().kind).toBe('paused');
  rig.full = false;
  await rig.clock.advanceAsync(30_000);
  say('{"n":40}');
  await rig.clock.advanceAsync(500);
  const { rows, gaps } = await rig.stored();
  expect(rows.at(-1)?.body).toBe('{"n":40}');
  expect(rows.length).toBeLessThan(41);
  // Whether it is told as the pause or as the new session that follows it: once, and of unknown size.
  expect(gaps).toMatchObject([
    { status: 'lost', cause: expect.stringMatching(/^(journal-paused|no-replay)$/), to: null },
  ]);
  const counters = rig.engine.view('alpha')?.counters;
  expect(counters).toMatchObject({ lostUnknown: 1, delivered: rows.length });
  await rig.close();
});
