import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferLadder } from '../../electron/engine/protocols/ladder';
import { type SocketIoServer, startSocketIoServer } from './kit/socket-io';
import { pause, startWatch, storyOf, type Watch, type Watched } from './kit/watch';

const recipe = {
  name: 'ticks',
  title: 'Ticks',
  speak: { protocol: 'socket-io', auth: '{"name":"us"}', emit: ['["join",{"room":1}]'] },
};

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe.each([
  { recovery: true, transport: 'websocket' },
  { recovery: true, transport: 'long-poll' },
  { recovery: false, transport: 'websocket' },
  { recovery: false, transport: 'long-poll' },
] as const)('Socket.IO’s own server, recovery $recovery, over $transport alone', ({ recovery, transport }) => {
  let server: SocketIoServer;
  const watches: Watch[] = [];

  beforeAll(async () => {
    server = await startSocketIoServer(recovery);
  });
  afterAll(async () => {
    for (const watch of watches) await watch.close();
    await server?.kill();
  });

  async function watch(told: unknown = recipe): Promise<Watched> {
    const started = startWatch();
    watches.push(started);
    const found = inferLadder(`${server.url}/socket.io/`, 'auto');
    if (!found.ok) throw new Error('no address');
    expect(found.protocol).toBe('socket-io');
    const ladder = found.ladder.filter((rung) => rung.transport === transport);
    return started.add({ protocol: found.protocol, ladder, recipe: told });
  }

  const untilLast = (source: Watched, n: number) => source.until(`event ${n}`, () => source.numbers().at(-1) === n);
  const gaps = (source: Watched) => new Set(source.gaps.map(({ id }) => id)).size;

  it('10,000 events, cut, then killed and started again in the middle: each once, in order, and what a break cost is told', async () => {
    const source = await watch();
    await source.untilLive(transport);
    expect(await server.heard()).toEqual(['us', ['join', { room: 1 }]]);
    expect(await server.publish(1, 4_000)).toBe(1);
    await untilLast(source, 4_000);
    // Between two polls there is nothing to cut: the next one is held by then.
    await pause(600);
    const before = source.transitions.length;
    await server.cut();
    await source.until('the loss seen', () => source.transitions.length > before);
    await server.publish(4_001, 1_000);
    await source.untilLive(transport);
    if (recovery) await untilLast(source, 5_000);
    expect(gaps(source), storyOf(source)).toBe(recovery ? 0 : 1);
    await server.publish(5_001, 500);
    await untilLast(source, 5_500);
    await server.kill();
    await source.until('the loss seen', () => source.liveOn() === null);
    await server.start();
    await source.untilLive(transport);
    expect(await server.publish(5_501, 4_500)).toBe(1);
    await untilLast(source, 10_000);
    const missed = recovery ? [] : upTo(4_001, 5_000);
    const wanted = upTo(1, 10_000).filter((n) => !missed.includes(n));
    expect(source.numbers(), storyOf(source)).toEqual(wanted);
    expect(gaps(source), storyOf(source)).toBe(recovery ? 1 : 2);
    expect(source.gaps.at(-1)).toMatchObject({ status: 'lost', cause: recovery ? 'retention' : 'no-replay' });
    expect(source.view().counters).toMatchObject({ repeated: 0, undecodable: 0 });
    expect(source.events[0]).toMatchObject({ type: 'tick', body: '{"n":1}' });
  });

  it('what is sent arrived where it answers, and is sent where it does not', async () => {
    const source = await watch();
    await source.untilLive(transport);
    await source.send('ask', '["ask",{"n":1}]');
    await source.send('message', '["tell",{"n":2}]');
    await source.until('both are known', () => source.sent().join() === 'acknowledged,sent');
    const heard = (await server.heard()) as readonly unknown[];
    expect(heard.slice(-2)).toEqual([expect.arrayContaining(['ask']), ['tell', { n: 2 }]]);
  });

  it('a namespace that it does not let us into is a refused login, in its own words', async () => {
    const source = await watch({ ...recipe, speak: { protocol: 'socket-io', namespace: '/closed' } });
    await source.until('stopped', () => source.view().state.kind === 'stopped');
    expect(source.view().reason).toMatchObject({
      code: 'login-refused',
      text: expect.stringContaining('invalid token'),
    });
  });
});
