import { mostSteps, type OpenStep, type Recipe, recipeSchema } from './recipe';

/** A recipe with these messages to be sent on open, before those that it has; one of its own where there is none. */
export function withOpening(recipe: Recipe | undefined, steps: readonly Partial<OpenStep>[]): Recipe {
  const base = recipe ?? recipeSchema.parse({ name: 'own', title: 'Messages on open' });
  return recipeSchema.parse({
    ...base,
    talk: { ...base.talk, open: [...steps, ...base.talk.open].slice(0, mostSteps) },
  });
}

/** Whether one of the messages on open is a login: rungs that cannot send it are never let in. */
export function logsInByMessage(recipe: Recipe | null | undefined): boolean {
  return (recipe?.talk.open ?? []).some(({ login }) => login);
}
