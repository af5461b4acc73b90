import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recipeSchema, secretsOfRecipe } from '../../../../shared/recipe';
import { compilePattern } from '../recipe/pattern';
import { createRecipeProtocol } from '../recipe/recipe-protocol';
import { shippedRecipes } from './shipped';

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));

describe('recipes that come with the application', () => {
  it('are all known, each by the name of its file', () => {
    expect([...shippedRecipes.keys()].sort()).toEqual(names.map((name) => name.replace('.json', '')).sort());
  });

  it.each(names)('%s keeps to the schema, says what it is for, and asks for secrets only as variables', (name) => {
    const recipe = recipeSchema.parse(JSON.parse(readFileSync(`${import.meta.dirname}/${name}`, 'utf8')));
    expect(recipe.about).not.toBe('');
    expect(secretsOfRecipe(recipe)).toEqual([]);
    expect(recipe.variables.filter(({ secret, value }) => secret && value !== '')).toEqual([]);
    const patterns = recipe.classes.flatMap(({ when }) => when.flatMap(({ matches = [] }) => matches));
    for (const pattern of patterns) expect(compilePattern(pattern), pattern).not.toBeNull();
    expect(createRecipeProtocol(recipe, [{ transport: 'sse', url: 'http://h/', intervalSeconds: 5 }]).promise).not.toBe(
      '',
    );
  });
});
