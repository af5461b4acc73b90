import { useEffect, useState } from 'react';
import type { Recipe } from '../../../../shared/recipe';
import { useServices } from '../../../store/services';
import { Button } from '../../../ui/button';
import { visible } from '../../../ui/format/visible';
import styles from './add.module.css';

interface RecipeBarProps {
  /** The one in use; null for none. */
  readonly recipe: Recipe | null;
  /** How the feed is read without one, in words. */
  readonly bare: string;
  readonly onChange: (recipe: Recipe | null) => void;
}

/** Takes a recipe of those that come with the application or of a file, and writes the one in use to a file. */
export function RecipeBar({ recipe, bare, onChange }: RecipeBarProps) {
  const { call, notify } = useServices();
  const shipped = useShippedRecipes();
  const known = shipped.findIndex(({ name }) => name === recipe?.name);
  const bring = async (): Promise<void> => {
    const read = await call('recipes.import', {});
    if (read !== null) onChange(read);
  };
  const write = async (): Promise<void> => {
    if (recipe === null) return;
    const name = await call('recipes.export', { recipe });
    if (name !== null) notify(`The recipe is in ${name}. What is secret in it stayed here.`);
  };
  return (
    <div className={styles.recipeBar}>
      <label>
        Recipe{' '}
        <select
          value={recipe === null ? 'none' : known < 0 ? 'own' : String(known)}
          onChange={({ target: { value } }) => {
            if (value !== 'own') onChange(value === 'none' ? null : (shipped[Number(value)] ?? null));
          }}
        >
          <option value="none">None: {bare}</option>
          {recipe !== null && known < 0 ? <option value="own">{visible(recipe.title)}</option> : null}
          {shipped.map(({ name, title }, at) => (
            <option key={name} value={at}>
              {visible(title)}
            </option>
          ))}
        </select>
      </label>
      <Button look="quiet" onClick={() => void bring()}>
        Import…
      </Button>
      <Button look="quiet" onClick={() => void write()} disabled={recipe === null}>
        Export…
      </Button>
    </div>
  );
}

/** Recipes that come with the application; none until main has told them. */
function useShippedRecipes(): readonly Recipe[] {
  const { bridge } = useServices();
  const [recipes, setRecipes] = useState<readonly Recipe[]>([]);
  useEffect(() => {
    let wanted = true;
    bridge.call('recipes.list', {}).then(
      (result) => {
        if (wanted && result.ok) setRecipes(result.value);
      },
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [bridge]);
  return recipes;
}
