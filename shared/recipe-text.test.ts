import { describe, expect, it } from 'vitest';
import { recipeSchema } from './recipe';
import { readRecipeText, recipeText } from './recipe-text';

const recipe = recipeSchema.parse({ name: 'own', title: 'Own', read: { time: 'E' } });

describe('the file of a recipe', () => {
  it('is read as it was written', () => {
    expect(readRecipeText(recipeText(recipe))).toEqual({ ok: true, recipe });
  });

  it('names the field of what is wrong in it, and the rest in a sentence', () => {
    const wrong = { ...recipe, read: { ...recipe.read, time: 'a..b', framing: 'csv' }, stray: 1 };
    const read = readRecipeText(JSON.stringify(wrong));
    const said = read.ok ? [] : read.problems.map(({ field, message }) => `${field}: ${message}`);
    expect(said[0]).toMatch(/^read\.framing: It has to be auto, message, lines, .* or array-newest-first\.$/);
    expect(said[1]).toMatch(/^read\.time: Not a path\./);
    expect(said[2]).toMatch(/stray/);
  });

  it.each([
    ['no JSON', 'curl', /not JSON/],
    ['no recipe', '{"sources":[]}', /no recipe of Wirewatch/],
    ['a list', '[]', /no recipe of Wirewatch/],
    ['millions of brackets', '['.repeat(1_000_000), /more than/],
    ['another version', '{"wirewatch":"recipe/2","name":"a","title":"A"}', /It has to be recipe\/1\./],
  ])('refuses %s', (_what, text, says) => {
    const read = readRecipeText(text);
    expect(read.ok ? '' : read.problems[0]?.message).toMatch(says);
  });

  it('takes no secret, and no name of one, out to others', () => {
    const own = recipeSchema.parse({
      ...recipe,
      variables: [
        { name: 'token', title: 'Token', value: '*secret.a.token*', secret: true },
        { name: 'symbol', title: 'Symbol', value: 'BTC' },
      ],
      talk: { open: [{ send: '{"key":"*secret.b.key*","s":"{{symbol}}"}' }] },
    });
    const text = recipeText(own);
    expect(text).not.toContain('secret.');
    expect(readRecipeText(text)).toMatchObject({
      ok: true,
      recipe: {
        variables: [{ value: '' }, { value: 'BTC' }],
        talk: { open: [{ send: '{"key":"…","s":"{{symbol}}"}' }] },
      },
    });
  });
});
