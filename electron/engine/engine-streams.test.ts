import { expect, it, vi } from 'vitest';
import type { TransportSink } from './core/transport';
import { CheckpointBuilder } from './delivery/checkpoint';
import { alpha, createEngineRig } from './testing/engine-rig';

/** The engine over a transport that says what it is told to, as a server would that has many streams. */
async function feedByHand() {
  let open: TransportSink | null = null;
  const rig = createEngineRig(
    {},
    {
      dressTransport: ({ kind }) => ({
        kind,
        open(attach, _options, sink) {
          attach();
          open = sink;
          const nothing = () => undefined;
          const never = () => false;
          const ways = { pause: nothing, resume: nothing, close: nothing, destroy: nothing, askNow: nothing };
          return { ...ways, bytesRead: () => 0, bytesQueued: () => 0, ping: never, send: never };
        },
      }),
    },
  );
  await Promise.all([rig.engine.addSource(alpha), rig.clock.advanceAsync(1000)]);
  if (open === null) throw new Error('The source did not open its rung.');
  const sink: TransportSink = open;
  const timings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };
  sink.onOpen({ head: { status: 200, headers: [] }, timings, roundTripMs: null });
  const say = (data: string): void => {
    const bytes = data.length;
    sink.onFrame({ data, bytes, receivedAt: rig.clock.wall(), event: null, id: null, headers: [] });
  };
  return { ...rig, say };
}

const named = (stream: number): string =>
  `{"kind":"event","stream":"stream-${stream}","epoch":"e","seq":1,"time":1,"type":"type-${stream}","data":{"v":1}}`;

it('promise 12: what a source of many streams shows and stores costs what came, not what there is', async () => {
  const feed = await feedByHand();
  const whole = vi.spyOn(CheckpointBuilder.prototype, 'resume', 'get');
  for (let n = 0; n < 3_000; n++) {
    const hello = { kind: 'hello', stream: `stream-${n}`, epoch: 'e', from: 0, head: 0, spreadMs: 0 };
    feed.say(JSON.stringify(hello));
  }
  for (let n = 0; n < 3_000; n++) {
    feed.say(named(n));
    if (n % 100 === 99) await feed.clock.advanceAsync(100);
  }
  for (let n = 0; n < 100; n++) feed.engine.view('alpha');
  // Once, to see by the first frame whether it resumes.
  expect(whole.mock.calls.length).toBeLessThanOrEqual(1);
  whole.mockRestore();
  const { appended } = feed;
  const stored = appended.reduce((sum, { events }) => sum + events.length, 0);
  expect(stored).toBe(3_000);
  const moved = appended.reduce((sum, { checkpoint }) => sum + Object.keys(checkpoint?.positions ?? {}).length, 0);
  // Each stream moved twice: as it was attached, and with its event; the last one of a step may be named again.
  expect(moved).toBeLessThanOrEqual(6_000 + appended.length);
  await feed.close();
});

it('promise 12: a feed that names a stream and a type per event takes bounded room in every stage', async () => {
  const feed = await feedByHand();
  for (let n = 0; n < 15_000; n++) {
    feed.say(named(n));
    if (n % 100 === 99) await feed.clock.advanceAsync(100);
  }
  await feed.clock.advanceAsync(1000);
  await feed.engine.journal.flush();
  expect(feed.engine.view('alpha')?.counters.delivered).toBe(15_000);
  const series = await feed.engine.journal.seriesNames('alpha');
  expect(series.length).toBeLessThanOrEqual(107);
  const shown = feed.engine.state('alpha');
  expect(shown?.rows.length).toBe(1_000);
  expect(shown?.refused).toBe(14_000);
  expect(feed.engine.frames('alpha', 100_000)?.rows.length).toBeLessThanOrEqual(1_000);
  const restored = await feed.engine.journal.restore('alpha');
  expect(Object.keys(restored?.checkpoint?.resume.positions ?? {}).length).toBe(10_000);
  expect(feed.engine.view('alpha')?.promise).toContain('more than 10000 streams');
  await feed.close();
});
