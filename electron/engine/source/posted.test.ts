import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import type { TransportKind } from '../../../shared/transport';
import type { ServerExchange } from '../simulation/fake-server';
import { startEngineBench } from './testing/engine-bench';

/** A feed that is asked by POST, and what it was asked. */
async function start(
  transport: TransportKind,
  billed: boolean,
  answer: (exchange: ServerExchange, nth: number) => void,
  classes: unknown = [],
) {
  const asked: { readonly method: string; readonly body: string | null; readonly type: string | undefined }[] = [];
  const bodies: unknown[] = [];
  const said: string[] = [];
  const bench = await startEngineBench({
    server: () => ({
      exchange(exchange) {
        const { method, headers } = exchange.request;
        const body = exchange.request.body === null ? null : String(exchange.request.body);
        asked.push({ method, body, type: headers.find(([name]) => name === 'content-type')?.[1] });
        answer(exchange, asked.length);
      },
      socket: (socket) => socket.refuse(404, [], ''),
    }),
    source: {
      protocol: 'json',
      ladder: [[transport, '/v1/chat']],
      recipe: recipeSchema.parse({
        name: 'r',
        title: 'R',
        variables: [{ name: 'model', title: 'Model', value: 'm"1' }],
        ask: { post: { body: '{"model":"{{model}}"}', billed } },
        classes,
      }),
    },
    listen(engine) {
      engine.onEvents((_source, events) => bodies.push(...events.map(({ body }) => body)));
      engine.onTransition((_source, { code, text }) => said.push(`${code}: ${text}`));
    },
  });
  return { ...bench, asked, bodies, said };
}

const tokens = (exchange: ServerExchange) => {
  exchange.head(200, [['content-type', 'text/event-stream']]);
  exchange.write('data: {"n":1}\n\ndata: {"n":2}\n\n');
};

const inFull = { method: 'POST', body: '{"model":"m\\"1"}', type: 'application/json' };

describe('a feed that is asked by POST', () => {
  it.each([
    ['ends', (exchange: ServerExchange) => exchange.end()],
    ['says that it is done', (exchange: ServerExchange) => exchange.write('data: [DONE]\n\n')],
  ])(
    'and may be billed is asked once, whole: it %s on purpose, and is stopped until a person says so',
    async (_, end) => {
      const it_ = await start('sse', true, (exchange) => {
        tokens(exchange);
        end(exchange);
      });
      expect(it_.bodies).toEqual(['{"n":1}', '{"n":2}']);
      expect(it_.view()).toMatchObject({
        state: { kind: 'stopped', recheckAt: null },
        reason: { code: 'answer-complete' },
      });
      await it_.clock.advanceAsync(3_600_000);
      expect(it_.asked).toEqual([inFull]);
      it_.engine.command('s', 'retry');
      await it_.clock.advanceAsync(2_000);
      expect(it_.asked).toEqual([inFull, inFull]);
    },
  );

  it('and may be billed is not polled again', async () => {
    const it_ = await start('poll', true, (exchange) => {
      exchange.head(200, [['content-type', 'application/json']]);
      exchange.write('{"answer":42}');
      exchange.end();
    });
    await it_.clock.advanceAsync(600_000);
    expect(it_.view()).toMatchObject({ state: { kind: 'stopped' }, reason: { code: 'answer-complete' } });
    expect(it_.bodies).toEqual(['{"answer":42}']);
    expect(it_.asked).toEqual([inFull]);
  });

  it('and is not billed is asked again and again, as any other', async () => {
    const it_ = await start('poll', false, (exchange) => {
      exchange.head(200, [['content-type', 'application/json']]);
      exchange.write('{"answer":42}');
      exchange.end();
    });
    await it_.clock.advanceAsync(20_000);
    expect(it_.asked.length).toBeGreaterThan(3);
    expect(it_.asked.every(({ method, body }) => method === 'POST' && body === inFull.body)).toBe(true);
  });
});

describe('an error that a feed tells', () => {
  const classes = [{ when: [{ path: 'type', is: 'error' }], is: 'error', why: 'error.message' }];

  it('is said while it goes on, and is why it ended where it ends behind it', async () => {
    const it_ = await start(
      'sse',
      false,
      (exchange, nth) => {
        tokens(exchange);
        exchange.write('data: {"type":"error","error":{"message":"overloaded"}}\n\n');
        if (nth === 1) exchange.end();
      },
      classes,
    );
    expect(it_.bodies.slice(0, 2)).toEqual(['{"n":1}', '{"n":2}']);
    expect(it_.said).toContain('feed-error: The feed told of an error, and ended the connection: overloaded.');
    await it_.clock.advanceAsync(5_000);
    expect(it_.view()?.state.kind).toBe('live');
    expect(it_.view()?.findings?.join(' ')).toContain('told of an error, and of no event since: overloaded');
  });
});
