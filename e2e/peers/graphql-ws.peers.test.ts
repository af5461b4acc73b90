import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferLadder } from '../../electron/engine/protocols/ladder';
import { type GraphqlServer, startGraphqlServer } from './kit/graphql';
import { startWatch, storyOf, type Watch, type Watched } from './kit/watch';

const recipe = {
  name: 'ticks',
  title: 'Ticks',
  speak: { protocol: 'graphql-ws', query: 'subscription Ticks { tick { n } }', operationName: 'Ticks' },
};

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('graphql-ws’s own server', () => {
  let server: GraphqlServer;
  const watches: Watch[] = [];

  beforeAll(async () => {
    server = await startGraphqlServer();
  });
  afterAll(async () => {
    for (const watch of watches) await watch.close();
    await server?.kill();
  });

  async function watch(told: unknown = recipe): Promise<Watched> {
    const started = startWatch();
    watches.push(started);
    const found = inferLadder(server.url, 'auto');
    if (!found.ok) throw new Error('no address');
    expect(found.protocol).toBe('graphql-ws');
    return started.add({ protocol: found.protocol, ladder: found.ladder, recipe: told });
  }

  const untilLast = (source: Watched, n: number) => source.until(`event ${n}`, () => source.numbers().at(-1) === n);

  it('10,000 events, killed and started again in the middle: each once, in order, and the break is told', async () => {
    const source = await watch();
    await source.untilLive('websocket');
    expect(await server.publish(1, 5_000)).toBe(1);
    await untilLast(source, 5_000);
    await server.kill();
    await source.until('the loss seen', () => source.liveOn() === null);
    await server.start();
    await source.untilLive('websocket');
    expect(await server.publish(5_001, 5_000)).toBe(1);
    await untilLast(source, 10_000);
    expect(source.numbers(), storyOf(source)).toEqual(upTo(1, 10_000));
    // It numbers nothing and keeps nothing: what it said while we were away cannot be known.
    expect(source.gaps.at(-1), storyOf(source)).toMatchObject({ status: 'lost', cause: 'no-replay' });
    expect(source.view().counters.repeated).toBe(0);
    await server.complete();
    await source.until('the end told', () => source.transitions.some(({ text }) => text.includes('(complete)')));
    await source.untilLive('websocket');
  });

  it('a query that it does not take is refused, in its own words', async () => {
    const source = await watch({
      ...recipe,
      speak: { ...recipe.speak, query: 'subscription Ticks { nothing }' },
    });
    await source.until('stopped', () => source.view().state.kind === 'stopped');
    expect(source.view().reason.text).toBe(
      'The feed refused an opening message: Cannot query field "nothing" on type "Subscription".',
    );
  });
});
