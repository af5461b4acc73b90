import type { FoundReading, Understood } from '../../../../shared/probe';
import type { Reach } from '../../../../shared/reach';
import type { Recipe } from '../../../../shared/recipe';
import type { SourceConfig } from '../../../../shared/source';
import { draftOf, type Reading, type SourceFields } from '../draft';
import { bareRecipe } from '../mapping/mapping';
import { emptyReach, type ReachFields, reachDraftOf, type TypedSecret } from '../reach/reach-fields';
import { speakingOnly } from './speak-fields';
import { type TypedVariables, withVariables } from './variables';

/** What the form holds besides its fields. */
export interface Adding {
  /** Profile that the fields began with: its secrets go by their names. */
  readonly reach: Reach | undefined;
  /** Secrets that stood in what was pasted; not kept yet. */
  readonly secrets: readonly TypedSecret[];
  /** What of it was left out or taken apart. */
  readonly notes: readonly string[];
  readonly recipe: Recipe | null;
  /** What was typed for the recipe's variables. */
  readonly typed: TypedVariables;
  /** What was found and is taken; null for none. */
  readonly found: FoundReading | null;
  /** What the kind *found* means; null where there is none. */
  readonly reading: Reading | null;
}

/** What the form begins with. */
export function addingOf(source: SourceConfig | undefined): Adding {
  return {
    reach: source?.reach,
    secrets: [],
    notes: [],
    recipe: source?.recipe ?? null,
    typed: {},
    found: null,
    reading: source ? { url: source.url, protocol: source.protocol, ladder: source.ladder } : null,
  };
}

/** What follows from what was pasted. A bare address leaves what was entered beside it. */
export function pasted(before: Adding, { draft, secrets, notes }: Understood): Adding {
  return {
    ...before,
    reach: draft.reach ?? before.reach,
    secrets: [...before.secrets.filter(({ name }) => !secrets.some((one) => one.name === name)), ...secrets],
    notes,
    // What was found at another address says nothing of this one.
    recipe: draft.recipe ?? (before.found === null || before.reading?.url === draft.url ? before.recipe : null),
    found: null,
    reading: null,
  };
}

/** A reading that was found and is taken, in place of another; what a pasted command asks with goes on with it. */
export function taken(before: Adding, found: FoundReading, url: string): Adding {
  const { protocol, ladder } = found;
  const post = before.recipe?.ask.post;
  // What another reading suggested is not this one's.
  const own = before.found === null ? before.recipe : post === undefined ? null : bareRecipe();
  const recipe = found.recipe ?? own;
  const asked = recipe !== null && post !== undefined ? { ...recipe, ask: { ...recipe.ask, post } } : recipe;
  return { ...before, found, recipe: asked, reading: { url, protocol, ladder } };
}

/** The form as main is to have it, and the secrets that go with it. A profile that nobody touched is none. */
export function wholeOf(fields: SourceFields & { readonly reach: ReachFields }, adding: Adding, newName: () => string) {
  const { reach, secrets } = reachDraftOf(fields.reach, adding.reach, newName);
  const touched = adding.reach !== undefined || JSON.stringify(fields.reach) !== JSON.stringify(emptyReach);
  const own = adding.recipe === null ? null : withVariables(adding.recipe, adding.typed, newName);
  const read = draftOf(fields, adding.reading);
  const draft = {
    ...read,
    ...(touched ? { reach } : {}),
    recipe: speakingOnly(own?.recipe ?? null, read.protocol),
  };
  // What was pasted and is no longer spoken of is not kept.
  const text = JSON.stringify(draft);
  const still = adding.secrets.filter(({ name }) => text.includes(name));
  return { draft, secrets: [...still, ...secrets, ...(own?.secrets ?? [])] };
}
