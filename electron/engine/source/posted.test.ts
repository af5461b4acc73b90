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
  text = '{"model":"{{model}}"}',
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
        ask: { post: { body: text, billed } },
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

/** A feed that is asked by POST to go on behind a place, and what it was asked. */
async function startAgain(answer: (exchange: ServerExchange, body: string) => void) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const bench = await startEngineBench({
    server: () => ({
      exchange(exchange) {
        const body = String(exchange.request.body);
        asked.push(body);
        answer(exchange, body);
      },
      socket: (socket) => socket.refuse(404, [], ''),
    }),
    source: {
      protocol: 'json',
      ladder: [['sse', '/v1/after']],
      recipe: recipeSchema.parse({
        name: 'r',
        title: 'R',
        ask: { post: { body: '{"after":"{{cursor}}"}' } },
        resume: { kind: 'message', cursor: 'id', first: '0' },
      }),
    },
    listen(engine) {
      engine.onEvents((_source, events) => bodies.push(...events.map(({ body }) => body)));
    },
  });
  return { ...bench, asked, bodies };
}

const tokens = (exchange: ServerExchange) => {
  exchange.head(200, [['content-type', 'text/event-stream']]);
  exchange.write('data: {"n":1}\n\ndata: {"n":2}\n\n');
};

const json = (exchange: ServerExchange) => {
  exchange.head(200, [['content-type', 'application/json']]);
  exchange.write('{"answer":42}');
  exchange.end();
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

describe('what is posted', () => {
  it.each(['poll', 'sse'] as const)(
    'over %s says when it is, and which request of its connection',
    async (transport) => {
      const answer = (exchange: ServerExchange): void => {
        if (transport === 'sse') tokens(exchange);
        else json(exchange);
      };
      const { asked, clock } = await start(transport, false, answer, [], '{"at":{{now}},"n":{{n}}}');
      await clock.advanceAsync(12_000);
      const said = asked.map(({ body }) => JSON.parse(body ?? '') as { readonly at: number; readonly n: number });
      expect(said.map(({ n }) => n)).toEqual(transport === 'sse' ? [1] : [1, 2, 3]);
      for (const { at } of said) expect(Math.abs(clock.wall() - at)).toBeLessThan(20_000);
    },
  );

  it('holds the place that a server refuses: that is dropped, once', async () => {
    let cut = false;
    const { asked, clock, bodies } = await startAgain((exchange, body) => {
      if (body.includes('"7"')) {
        exchange.head(410, []);
        exchange.end();
        return;
      }
      exchange.head(200, [['content-type', 'text/event-stream']]);
      exchange.write(`data: {"id":"${cut ? 90 : 7}"}\n\n`);
      if (!cut) exchange.end();
      cut = true;
    });
    await clock.advanceAsync(10_000);
    expect(asked).toEqual(['{"after":"0"}', '{"after":"7"}', '{"after":"0"}']);
    expect(bodies).toEqual(['{"id":"7"}', '{"id":"90"}']);
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
