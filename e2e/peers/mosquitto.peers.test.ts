import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasMosquitto } from './kit/installed';
import { type Mosquitto, startMosquitto } from './kit/mosquitto';
import { startWatch, storyOf, type Watch, type Watched } from './kit/watch';

const half = 5_000;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const bodies = (from: number, to: number) => numbers(from, to).map((n) => `{"n":${n}}`);

const ways = ['3.1.1', '5'].flatMap((version) =>
  (['tcp', 'websocket'] as const).map((transport) => ({ version, transport })),
);

describe.skipIf(!hasMosquitto)('mosquitto', () => {
  let broker: Mosquitto;
  let watch: Watch;

  beforeEach(async () => {
    broker = await startMosquitto();
    watch = startWatch();
  });
  afterEach(async () => {
    await watch.close();
    await broker.close();
  });

  async function follow(transport: 'tcp' | 'websocket', speak: object): Promise<Watched> {
    const source = await watch.add({
      protocol: 'mqtt',
      ladder: [{ transport, url: broker[transport] }],
      recipe: { name: 'broker', title: 'Broker', speak: { protocol: 'mqtt', topics: ['orders/#'], ...speak } },
    });
    await source.untilLive(transport);
    return source;
  }

  it.each(ways)(
    'MQTT $version over $transport: ten thousand events, restarted in the middle: none is missing, and none comes twice',
    { timeout: 180_000 },
    async ({ version, transport }) => {
      const source = await follow(transport, { version });
      await broker.publish('orders/a', bodies(1, half));
      await source.until('some came', () => source.events.length > 100);
      await broker.stop();
      await broker.start();
      await source.until('live again', () => source.liveOn() === transport && source.transitions.length > 2);
      await broker.publish('orders/a', bodies(half + 1, 2 * half));
      await source.until('all came', () => source.numbers().includes(2 * half), 90_000);
      expect(source.numbers(), storyOf(source)).toEqual(numbers(1, 2 * half));
      expect(source.gaps, storyOf(source)).toEqual([]);
      expect(new Set(source.events.map(({ stream }) => stream))).toEqual(new Set(['orders/a']));
    },
  );

  it.each(ways)('MQTT $version over $transport: a session that it lost is a gap', { timeout: 120_000 }, async (way) => {
    const source = await follow(way.transport, { version: way.version });
    await broker.publish('orders/a', bodies(1, half));
    await source.until('the first half', () => source.numbers().includes(half), 60_000);
    await broker.kill();
    await broker.start();
    await source.until('live again', () => source.liveOn() === way.transport && source.gaps.length > 0);
    await broker.publish('orders/a', bodies(half + 1, 2 * half));
    await source.until('the second half', () => source.numbers().includes(2 * half), 60_000);
    expect(source.numbers(), storyOf(source)).toEqual(numbers(1, 2 * half));
    expect(source.gaps.map(({ status, cause }) => [status, cause])).toEqual([['lost', 'retention']]);
  });

  it('killed with an older store it sends what we had acknowledged since once more, unmarked: nothing is missing', {
    timeout: 120_000,
  }, async () => {
    const source = await follow('tcp', { version: '3.1.1' });
    await broker.publish('orders/a', bodies(1, half));
    await source.until('some came', () => source.events.length > 100);
    await broker.save();
    await broker.kill();
    await broker.start();
    await source.until('live again', () => source.liveOn() === 'tcp' && source.transitions.length > 2);
    await broker.publish('orders/a', bodies(half + 1, 2 * half));
    await source.until('all came', () => source.numbers().includes(2 * half), 90_000);
    expect([...new Set(source.numbers())], storyOf(source)).toEqual(numbers(1, 2 * half));
    expect(source.gaps).toEqual([]);
  });

  it.each(ways)('MQTT $version over $transport: what is sent is acknowledged, and published', async (way) => {
    const source = await follow(way.transport, { version: way.version });
    for (const n of numbers(1, 200)) await source.send('orders/sent', `{"n":${n}}`);
    await source.until('all are acknowledged', () => source.sent().every((state) => state === 'acknowledged'), 90_000);
    await source.until('all came back', () => source.numbers().length === 200);
    expect(source.numbers()).toEqual(numbers(1, 200));
    await broker.stop();
    await source.until('gone', () => source.liveOn() === null);
    await source.send('orders/sent', '{"n":201}');
    expect(source.sent().at(-1)).toBe('queued');
    await broker.start();
    await source.until('acknowledged', () => source.sent().at(-1) === 'acknowledged');
    await source.until('came back', () => source.numbers().at(-1) === 201);
    expect(source.numbers(), storyOf(source)).toEqual(numbers(1, 201));
  });

  it('what is published with quality 0 makes a break a gap', async () => {
    const source = await follow('tcp', { version: '5' });
    await broker.publish('orders/a', bodies(1, 10), 0);
    await source.until('ten', () => source.events.length === 10);
    await broker.stop();
    await source.until('gone', () => source.liveOn() === null);
    await broker.start();
    await source.untilLive('tcp');
    await broker.publish('orders/a', bodies(11, 20), 0);
    await source.until('twenty', () => source.events.length === 20);
    expect(
      source.gaps.map(({ status, cause }) => [status, cause]),
      storyOf(source),
    ).toEqual([['lost', 'no-replay']]);
  });

  it('left open, both versions are found out; retained messages come as such; topics are streams', async () => {
    await broker.publish('orders/state', ['open'], 1, true);
    const source = await follow('tcp', {});
    await broker.publish('orders/a/b', ['21.5'], 2);
    await source.until('both', () => source.events.length === 2);
    expect(source.events.map(({ stream, type, body }) => [stream, type, body])).toEqual([
      ['orders/state', 'retained', 'open'],
      ['orders/a/b', 'message', '21.5'],
    ]);
  });
});

describe.skipIf(!hasMosquitto)('mosquitto with a login', () => {
  it('refuses another one, in both versions', async () => {
    const broker = await startMosquitto({ user: 'ada', password: 'right' });
    const watch = startWatch();
    for (const version of ['3.1.1', '5']) {
      const add = (password: string) =>
        watch.add({
          protocol: 'mqtt',
          ladder: [{ transport: 'tcp', url: broker.tcp }],
          recipe: { name: 'b', title: 'B', speak: { protocol: 'mqtt', version, user: 'ada', password } },
        });
      const wrong = await add('wrong');
      await wrong.until('refused', () => wrong.view().state.kind === 'stopped');
      expect(wrong.codes()).toContain('login-refused');
      await (await add('right')).untilLive('tcp');
    }
    await watch.close();
    await broker.close();
  });
});
