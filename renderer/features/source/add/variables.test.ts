import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { withNewSecret, withVariables } from './variables';

const recipe = recipeSchema.parse({
  name: 'own',
  title: 'Own',
  variables: [
    { name: 'token', title: 'Token', secret: true },
    { name: 'symbol', title: 'Symbol', value: 'BTC' },
  ],
});

describe('the variables of a recipe', () => {
  it('hold the place of what is secret, and what is not as it was typed', () => {
    const typed = withVariables(recipe, { token: 'hush', symbol: 'ETH' }, () => 'x');
    expect(typed.recipe.variables.map(({ value }) => value)).toEqual(['*secret.x.token*', 'ETH']);
    expect(typed.secrets).toEqual([{ name: 'x.token', value: 'hush' }]);
    expect(JSON.stringify(typed.recipe)).not.toContain('hush');
  });

  it('stay as they are where nothing was typed', () => {
    const kept = withVariables(recipe, { token: 'hush' }, () => 'x').recipe;
    expect(withVariables(kept, { token: '' }, () => 'y')).toEqual({ recipe: kept, secrets: [] });
  });

  it('gain a secret under a name that none has', () => {
    const one = withNewSecret(recipe);
    const two = withNewSecret(one.recipe);
    expect([one.place, two.place]).toEqual(['{{secret1}}', '{{secret2}}']);
    expect(recipeSchema.safeParse(two.recipe).success).toBe(true);
  });
});
