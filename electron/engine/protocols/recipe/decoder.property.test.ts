import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import { transportKinds } from '../../../../shared/transport';
import type { Message } from '../../core/protocol';
import { createRecipeProtocol } from './recipe-protocol';

const name = fc.constantFrom('a', 'b', 'data', 'id', '__proto__', 'constructor', 'length', '0');
const step = fc.oneof(name, fc.constantFrom('[0]', '[-1]', '[*]', '["a.b"]'));
const path = fc
  .tuple(name, fc.array(step, { maxLength: 4 }))
  .map(([first, rest]) => rest.reduce<string>((text, one) => text + (one.startsWith('[') ? one : `.${one}`), first));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const recipe: fc.Arbitrary<Recipe> = fc
  .record(
    {
      read: fc.record(
        {
          framing: fc.constantFrom('auto', 'message', 'lines', 'records', 'joined', 'array', 'array-newest-first'),
          items: path,
          body: path,
          stream: path,
          seq: path,
          epoch: path,
          id: path,
          time: path,
          timeUnit: fc.constantFrom('auto', 'iso', 's', 'ns'),
          type: path,
          numbering: fc.constantFrom('contiguous', 'rising', 'none'),
          uniqueIds: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      classes: fc.array(
        fc.record({
          when: fc.tuple(
            fc.record(
              {
                path,
                is: fc.constantFrom('x', 1, null),
                exists: fc.boolean(),
                matches: fc.constantFrom('(', '^x', '(a+)+$'),
              },
              { requiredKeys: [] },
            ),
          ),
          is: fc.constantFrom('event', 'life', 'control', 'error', 'login-refused', 'end', 'cannot-resume'),
        }),
        { maxLength: 3 },
      ),
      resume: fc.oneof(
        fc.constantFrom({ kind: 'none' }, { kind: 'last-event-id' }),
        fc.record({ kind: fc.constantFrom('header', 'query', 'message'), name: fc.constant('c'), cursor: path }),
      ),
      values: fc.array(fc.record({ path, kind: fc.constantFrom('gauge', 'counter') }), { maxLength: 2 }),
      labels: fc.array(fc.record({ path, name }), { maxLength: 2 }),
      list: fc.record({
        identity: fc.tuple(path),
        endsWhenGone: fc.boolean(),
        ignore: fc.array(path, { maxLength: 2 }),
      }),
    },
    { requiredKeys: [] },
  )
  .map((said) => {
    const { resume } = said;
    const kept =
      resume && 'cursor' in resume && resume.kind === 'message' ? { kind: resume.kind, cursor: resume.cursor } : resume;
    return recipeSchema.parse({ name: 'r', title: 'R', ...said, ...(kept ? { resume: kept } : {}) });
  });

const json = fc.json({ maxDepth: 4 });
const text = fc.oneof(
  json,
  fc.string(),
  fc
    .array(json, { maxLength: 4 })
    .chain((parts) => fc.constantFrom('\n', '\u001e', '', ',').map((between) => parts.join(between))),
  fc.array(json, { maxLength: 4 }).map((parts) => `[${parts.join(',')}]`),
  json.map((inner) => JSON.stringify({ a: inner, data: [inner], id: inner, b: { a: [inner] } })),
);

const frameOf = (data: string) =>
  ({ data, bytes: data.length, receivedAt: 1_760_000_000_000, event: null, id: null, headers: [] }) as const;

const rungOf = (transport: RungConfig['transport']): RungConfig => ({
  transport,
  url: 'http://h/',
  intervalSeconds: 5,
});

function bodiesIn(messages: readonly Message[]): readonly unknown[] {
  return messages
    .flatMap((one) => (one.kind === 'event' ? [one.event] : one.kind === 'page' ? one.events : []))
    .map(({ body }) => body);
}

describe('any recipe', () => {
  it('reads any text without an exception, and what it makes of it is well-formed', () => {
    fc.assert(
      fc.property(
        maybe(recipe),
        fc.constantFrom(...transportKinds),
        fc.array(text, { minLength: 1, maxLength: 3 }),
        (said, transport, texts) => {
          const rung = rungOf(transport);
          const protocol = createRecipeProtocol(said ?? null, [rung]);
          const decoder = protocol.createDecoder(rung, { positions: { main: { epoch: '-', seq: 3 } }, token: 'c' });
          for (const one of texts) {
            for (const message of decoder.decode(frameOf(one))) {
              if (message.kind === 'token')
                protocol.attach(rung, { positions: {}, token: message.token }, { holdMs: 0 });
              if (message.kind === 'page' && message.things)
                expect(message.things.of).toHaveLength(message.events.length);
              if (message.kind !== 'event') continue;
              const { position, sentAt, body, bytes } = message.event;
              expect(bytes).toBe(Buffer.byteLength(body));
              if (position !== null) expect(Number.isSafeInteger(position.seq) && position.seq >= 0).toBe(true);
              if (sentAt !== null) expect(Number.isSafeInteger(sentAt)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('behaviour 56: values one after another come out as they went in, whatever stands between them', () => {
    const value = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
      fc.array(fc.jsonValue({ maxDepth: 2 })),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 2, maxLength: 5 }),
        fc.constantFrom('\n', '\r\n', '\u001e', '', ' '),
        (values, between) => {
          const texts = values.map((one) => JSON.stringify(one)).filter((one) => !/^\[\{/.test(one) && one !== '[]');
          fc.pre(texts.length > 1);
          const decoder = createRecipeProtocol(null, []).createDecoder(rungOf('websocket'));
          const said = decoder.decode(frameOf(texts.join(between)));
          // A value may look like a sign of life.
          const events = said.filter(({ kind }) => kind !== 'heartbeat');
          expect(said).toHaveLength(texts.length);
          expect(texts).toEqual(expect.arrayContaining([...bodiesIn(events)]));
        },
      ),
      { numRuns: 300 },
    );
  });
});
