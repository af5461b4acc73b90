import { describe, expect, it } from 'vitest';
import { parsePath } from '../../../../shared/member-path';
import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import { bareRecipe, choicesFor, type Place, type Role, roleAt, withRole } from './mapping';
import { placeIn } from './samples';

const trade = { stream: 'btc@trade', data: { e: 'trade', E: 1_700_000_000_000, s: 'BTC', p: '60000.12', t: 5 } };
const at = (path: string, body = ''): Place => placeIn(parsePath(path) ?? [], parsePath(body) ?? []);

function mapped(recipe: Recipe, body: unknown, says: Readonly<Record<string, Role>>): Recipe {
  return Object.entries(says).reduce(
    (before, [path, role]) => withRole(before, at(path, recipe.read.body), role, body),
    recipe,
  );
}

describe('mapping by pointing', () => {
  const inData = recipeSchema.parse({ name: 'own', title: 'Own', read: { body: 'data' } });
  const says = {
    stream: 'stream',
    'data.e': 'type',
    'data.E': 'time',
    'data.s': 'label',
    'data.p': 'number',
    'data.t': 'unique-id',
  } as const;

  it('makes what was pointed at the recipe, numbers and labels within the body', () => {
    const recipe = mapped(inData, trade.data, says);
    expect(recipe.read).toMatchObject({
      stream: 'stream',
      type: 'data.e',
      time: 'data.E',
      id: 'data.t',
      uniqueIds: true,
    });
    expect(recipe.values).toEqual([{ path: 'p', kind: 'gauge' }]);
    expect(recipe.labels).toEqual([{ path: 's', name: 's' }]);
    expect(recipeSchema.safeParse(recipe).success).toBe(true);
    for (const [path, role] of Object.entries(says)) expect(roleAt(recipe, at(path, 'data'))).toBe(role);
  });

  it('takes back what it said of a value, and moves what there is one of', () => {
    const recipe = mapped(inData, trade.data, { ...says, 'data.p': 'nothing' });
    expect(recipe.values).toEqual([]);
    const moved = withRole(recipe, at('data.s', 'data'), 'type', trade.data);
    expect(moved.read.type).toBe('data.s');
    expect(moved.labels).toEqual([]);
    expect(withRole(moved, at('data.t', 'data'), 'nothing', trade.data).read).toMatchObject({ uniqueIds: false });
  });

  it('says of all things of a list what was said of one, and of a place in a row what it is', () => {
    const answer = { data: { result: [{ metric: { instance: 'a' }, value: [1_700_000_000, '1.5'] }] } };
    const recipe = mapped(bareRecipe(), answer, {
      'data.result[0].value[1]': 'number',
      'data.result[0].metric.instance': 'label',
    });
    expect(recipe.values).toEqual([{ path: 'data.result[*].value[1]', kind: 'gauge' }]);
    expect(recipe.labels).toEqual([{ path: 'data.result[*].metric.instance', name: 'instance' }]);
    expect(roleAt(recipe, at('data.result[7].value[1]'))).toBe('number');
    expect(roleAt(recipe, at('data.result[7].value[0]'))).toBe('nothing');
  });

  it('behaviour 58: never offers a time or an id as a chart, and a number only where the body is', () => {
    const charts = (sign: Parameters<typeof choicesFor>[1], path = 'data.p') =>
      choicesFor(at(path, 'data'), sign).filter((role) => role === 'number' || role === 'counter');
    expect(charts({ kind: 'time', at: 0 })).toEqual([]);
    expect(charts({ kind: 'id' })).toEqual([]);
    expect(charts({ kind: 'number', value: 1 })).toEqual(['number', 'counter']);
    expect(charts({ kind: 'number', value: 1 }, 'stream')).toEqual([]);
  });

  it('tells numbers without holes from ones that only grow', () => {
    const grows = withRole(bareRecipe(), at('n'), 'seq', { n: 1 });
    expect(grows.read).toMatchObject({ seq: 'n', numbering: 'rising' });
    const whole = withRole(grows, at('n'), 'contiguous-seq', { n: 1 });
    expect(whole.read).toMatchObject({ seq: 'n', numbering: 'contiguous' });
    expect(withRole(whole, at('n'), 'nothing', { n: 1 }).read).toMatchObject({ numbering: 'none' });
  });

  it('holds no more than a recipe may', () => {
    const message = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`v${index}`, index]));
    const all = Object.keys(message);
    const numbers = all.reduce((recipe, path) => withRole(recipe, at(path), 'number', message), bareRecipe());
    const labels = all.reduce((recipe, path) => withRole(recipe, at(path), 'label', message), bareRecipe());
    expect(recipeSchema.safeParse(numbers).success && recipeSchema.safeParse(labels).success).toBe(true);
  });
});
