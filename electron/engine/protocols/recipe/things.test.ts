import { expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import type { Message } from '../../core/protocol';
import { shippedRecipes } from '../recipes/shipped';
import { createRecipeProtocol } from './recipe-protocol';
import { mostThings } from './things';

const rung: RungConfig = { transport: 'poll', url: 'http://h/x', intervalSeconds: 5 };

function pollOf(recipe: Parameters<typeof createRecipeProtocol>[0]) {
  const decoder = createRecipeProtocol(recipe, [rung]).createDecoder(rung);
  return (body: unknown) => {
    const data = typeof body === 'string' ? body : JSON.stringify(body);
    return decoder.decode({
      data,
      bytes: data.length,
      receivedAt: 1_760_000_000_000,
      event: null,
      id: null,
      headers: [],
    });
  };
}

function pageIn(messages: readonly Message[]) {
  const page = messages.find(({ kind }) => kind === 'page');
  if (page?.kind !== 'page') throw new Error('There is no page.');
  return page;
}

const alert = (fingerprint: string, changed: object = {}) => ({
  fingerprint,
  labels: { alertname: 'Down', n: '1' },
  status: { state: 'active' },
  updatedAt: '2025-10-09T08:53:20Z',
  endsAt: '2025-10-09T08:58:20Z',
  ...changed,
});

it('an alert is known by its fingerprint, and moves of its clock change nothing', () => {
  const poll = pollOf(shippedRecipes.get('alertmanager') ?? null);
  const page = (body: unknown) => pageIn(poll(body));
  const first = page([alert('f1'), alert('f2')]);
  expect(first).toMatchObject({
    list: true,
    events: [{ id: 'f1', type: 'active', sentAt: 1_760_000_000_000 }, { id: 'f2' }],
    things: { endsWhenGone: true, of: [{ identity: 'f1' }, { identity: 'f2' }] },
  });
  const content = (body: unknown) => page([body]).things?.of[0]?.content;
  expect(content(alert('f1', { endsAt: '2025-10-09T09:58:20Z', updatedAt: 'later' }))).toBe(content(alert('f1')));
  expect(content(alert('f1', { status: { state: 'suppressed' } }))).not.toBe(content(alert('f1')));
  expect(page([])).toMatchObject({ list: true, events: [], things: { of: [] } });
  expect(poll({ status: 'error' })).toMatchObject([{ kind: 'unusable' }]);
});

it('digits that a float would lose tell a change, an identity may be of several parts, and none is what it says', () => {
  const poll = pollOf(
    recipeSchema.parse({ name: 'l', title: 'L', list: { identity: ['kind', 'name'], ignore: ['at', 'rows[*].at'] } }),
  );
  const of = (...bodies: string[]) => pageIn(poll(`[${bodies.join(',')}]`)).things?.of ?? [];
  const [a, b, c] = of(
    '{"kind":"x","name":1,"n":9007199254740993,"at":1,"rows":[{"at":1,"v":2}]}',
    '{"kind":"x","name":1,"n":9007199254740992,"at":1,"rows":[{"at":1,"v":2}]}',
    '{"kind":"x","name":1,"n":9007199254740993,"at":2,"rows":[{"at":9,"v":2}]}',
  );
  expect(a?.identity).toBe('x · 1');
  expect(a?.content).not.toBe(b?.content);
  expect(a?.content).toBe(c?.content);
  const [nameless, other] = of('{"n":1}', '{"n":2}');
  expect(nameless?.identity).toMatch(/^#/);
  expect(nameless?.identity).not.toBe(other?.identity);
});

it('a list without measure is watched as far as there is room, and that is counted', () => {
  const poll = pollOf(recipeSchema.parse({ name: 'l', title: 'L', list: { identity: ['id'] } }));
  const messages = poll(Array.from({ length: mostThings + 5 }, (_, id) => ({ id })));
  expect(messages).toMatchObject(
    [{ kind: 'undecodable', why: /first 20000/ }, { kind: 'page' }].map((one) =>
      'why' in one ? { kind: one.kind } : one,
    ),
  );
  expect(pageIn(messages).events).toHaveLength(mostThings);
});
