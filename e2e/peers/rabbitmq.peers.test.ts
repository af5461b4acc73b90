import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foundAt } from '../../electron/engine/source/testing/found-at';
import { rabbitmqProgram } from './kit/installed';
import { type RabbitMq, startRabbitMq } from './kit/rabbitmq';
import { startWatch, storyOf, type Watch, type Watched } from './kit/watch';

const half = 5_000;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const bodies = (from: number, to: number) => numbers(from, to).map((n) => `{"n":${n}}`);

describe.skipIf(rabbitmqProgram === null)('RabbitMQ', () => {
  let broker: RabbitMq;
  let watch: Watch;

  beforeAll(async () => {
    broker = await startRabbitMq();
  }, 240_000);
  afterAll(() => broker?.close(), 60_000);
  beforeEach(() => {
    watch = startWatch();
  });
  afterEach(() => watch.close());

  async function follow(transport: 'tcp' | 'websocket', destination: string, told: object = {}): Promise<Watched> {
    const source = await watch.add({
      protocol: 'stomp',
      ladder: [{ transport, url: broker[transport] }],
      recipe: {
        name: 'broker',
        title: 'Broker',
        speak: { protocol: 'stomp', destinations: [destination], login: 'guest', passcode: 'guest', ...told },
      },
    });
    return source;
  }

  it('is found out by the subprotocol that it chooses, and by its address', async () => {
    expect(await foundAt(broker.websocket)).toBe('STOMP, stomp: certain');
    expect(await foundAt(broker.tcp)).toBe('STOMP, stomp: likely');
  });

  it.each(['tcp', 'websocket'] as const)(
    'over %s: ten thousand events of a topic, killed in the middle: one gap, and every other event once and in order',
    { timeout: 300_000 },
    async (transport) => {
      const source = await follow(transport, '/topic/orders');
      await source.untilLive(transport);
      await broker.publish('/topic/orders', bodies(1, half));
      await source.until('the first half', () => source.numbers().length === half, 90_000);
      await broker.kill();
      await source.until('gone', () => source.liveOn() === null);
      await broker.start();
      await source.untilLive(transport, 60_000);
      await broker.publish('/topic/orders', bodies(half + 1, 2 * half));
      await source.until('the second half', () => source.numbers().length === 2 * half, 90_000);
      expect(source.numbers(), storyOf(source)).toEqual(numbers(1, 2 * half));
      expect(source.gaps.map(({ status, cause }) => [status, cause])).toEqual([['lost', 'no-replay']]);
      expect(new Set(source.events.map(({ stream }) => stream))).toEqual(new Set(['/topic/orders']));
    },
  );

  it('a queue keeps for us what comes while we are away', { timeout: 120_000 }, async () => {
    const away = await follow('tcp', '/queue/kept');
    await away.untilLive('tcp');
    away.command('pause');
    await away.until('gone', () => away.liveOn() === null);
    await broker.publish('/queue/kept', bodies(1, half));
    away.command('resume');
    await away.until('all of it', () => away.numbers().length === half, 90_000);
    expect(away.numbers(), storyOf(away)).toEqual(numbers(1, half));
  });

  it('what is sent is taken with a receipt each, and comes back', { timeout: 120_000 }, async () => {
    const source = await follow('websocket', '/topic/sent');
    await source.untilLive('websocket');
    for (const n of numbers(1, 50)) await source.send('/topic/sent', `{"n":${n}}`);
    await source.until('all are acknowledged', () => source.sent().every((state) => state === 'acknowledged'), 60_000);
    await source.until('all came back', () => source.numbers().length === 50);
    expect(source.numbers()).toEqual(numbers(1, 50));
  });

  it('refuses a login that it does not know, and says so', { timeout: 60_000 }, async () => {
    const source = await follow('tcp', '/topic/orders', { passcode: 'wrong' });
    await source.until('stopped', () => source.view().state.kind === 'stopped');
    expect(source.view().reason.code, storyOf(source)).toBe('login-refused');
  });
});
