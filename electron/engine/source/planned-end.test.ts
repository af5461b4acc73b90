import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../shared/gap';
import { recipeSchema } from '../../../shared/recipe';
import type { ServerExchange, ServerSocket } from '../simulation/fake-server';
import { startEngineBench } from './testing/engine-bench';

type Said = Omit<Parameters<typeof recipeSchema.parse>[0] & object, 'name' | 'title'>;

/** A feed without numbers that is opened several times, and every gap that was told of it. */
async function start(
  said: Said | null,
  answer: { readonly stream?: (exchange: ServerExchange) => void; readonly socket?: (socket: ServerSocket) => void },
  isCut = false,
) {
  const gaps: Gap[] = [];
  const bodies: unknown[] = [];
  let opened = 0;
  const { clock, engine, cut } = await startEngineBench({
    server: () => ({
      exchange(exchange) {
        opened += 1;
        exchange.head(200, [['content-type', 'text/event-stream']]);
        exchange.write(`data: {"n":${opened}}\n\n`);
        answer.stream?.(exchange);
      },
      socket(socket) {
        opened += 1;
        socket.accept();
        socket.send(`{"n":${opened}}`);
        answer.socket?.(socket);
      },
    }),
    source: {
      protocol: 'json',
      ladder: [answer.socket ? ['websocket', '/feed'] : ['sse', '/feed']],
      ...(said ? { recipe: recipeSchema.parse({ name: 'r', title: 'R', ...said }) } : {}),
    },
    listen(engine) {
      engine.onGaps((_source, told) => gaps.push(...told));
      engine.onEvents((_source, events) => bodies.push(...events.map(({ body }) => body)));
    },
  });
  if (isCut) cut();
  await clock.advanceAsync(120_000);
  if (opened < 2) engine.command('s', 'retry');
  await clock.advanceAsync(5_000);
  expect(bodies).toEqual(expect.arrayContaining(['{"n":1}', '{"n":2}']));
  expect(opened).toBeGreaterThan(1);
  return gaps;
}

const done = 'data: [DONE]\n\n';
const bye = [{ when: [{ path: 'bye', exists: true }], is: 'end' as const }];

describe('behaviour 48: what a feed without numbers ended on purpose', () => {
  it.each<[string, Said | null, (exchange: ServerExchange) => void, boolean?]>([
    [
      'a marker and a clean end',
      null,
      (exchange) => {
        exchange.write(done);
        exchange.end();
      },
    ],
    ['a marker and a cut', null, (exchange) => exchange.write(done), true],
    [
      'a message that a recipe knows for the last word',
      { classes: bye.map((one) => ({ ...one, whole: true })) },
      (exchange) => {
        exchange.write('data: {"bye":1}\n\n');
        exchange.end();
      },
    ],
    [
      'the clean end of an answer that may be billed',
      { ask: { post: { body: '{}', billed: true } } },
      (exchange) => exchange.end(),
    ],
  ])('having said everything is no gap: %s', async (_, said, stream, isCut) => {
    expect(await start(said, { stream }, isCut)).toEqual([]);
  });

  it.each<[string, Said | null, (exchange: ServerExchange) => void, boolean?]>([
    ['a clean end without a word', null, (exchange) => exchange.end()],
    [
      'a marker that was not the last word',
      null,
      (exchange) => {
        exchange.write(`${done}data: {"m":1}\n\n`);
        exchange.end();
      },
    ],
    [
      'a message of a recipe that only says that it ends',
      { classes: bye },
      (exchange) => {
        exchange.write('data: {"bye":1}\n\n');
        exchange.end();
      },
    ],
    ['a cut of an answer that may be billed', { ask: { post: { body: '{}', billed: true } } }, () => {}, true],
  ])(
    'while the feed goes on leaves the gap that is promised, from the end to the next opening: %s',
    async (_, said, stream, isCut) => {
      const gaps = await start(said, { stream }, isCut);
      expect(gaps[0]).toMatchObject({ status: 'lost', cause: 'no-replay', epoch: '', to: null });
      expect(gaps[0]?.closedAt).toBeGreaterThan(gaps[0]?.openedAt ?? Number.POSITIVE_INFINITY);
    },
  );

  it('by a close code that a recipe knows: the feed goes on, and the gap says so', async () => {
    const closes = [{ from: 4900, to: 4900, means: 'planned' as const }];
    const gaps = await start({ closes }, { socket: (socket) => socket.close(4900, 'rotation') });
    expect(gaps[0]).toMatchObject({ status: 'lost', cause: 'no-replay', to: null });
  });
});
