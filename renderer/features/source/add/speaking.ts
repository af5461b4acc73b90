import type { Recipe } from '../../../../shared/recipe';
import type { Speak } from '../../../../shared/speak';
import type { FeedKind } from '../draft';
import { bareRecipe } from '../mapping/mapping';
import type { Adding } from './adding';
import { emptySpeak, speakFields } from './speak-fields';

/** What the protocol of the form is told; null where it is none that is told anything. */
export function spokenIn(kind: FeedKind, url: string, { recipe, reading }: Adding): Speak | null {
  const protocol = kind === 'found' ? (reading?.protocol ?? null) : kind === 'auto' ? protocolOfScheme(url) : kind;
  if (protocol === null || !isSpoken(protocol)) return null;
  return recipe?.speak?.protocol === protocol ? recipe.speak : emptySpeak(protocol);
}

/** Schemes that only one protocol has. */
function protocolOfScheme(url: string): Speak['protocol'] | null {
  const scheme = /^(mqtt|stomp)s?:/i.exec(url.trim())?.[1]?.toLowerCase();
  return scheme === 'mqtt' || scheme === 'stomp' ? scheme : null;
}

function isSpoken(name: string): name is Speak['protocol'] {
  return Object.hasOwn(speakFields, name);
}

/** The form with what a protocol is told. */
export function withSpeak(adding: Adding, speak: Speak): Adding {
  return { ...adding, recipe: { ...(adding.recipe ?? bareRecipe()), speak } };
}

/** A recipe as it goes to a source of this protocol: what another one was told is left out. */
export function speakingOnly(recipe: Recipe | null, protocol: string): Recipe | null {
  if (recipe?.speak === undefined || protocol === 'auto' || recipe.speak.protocol === protocol) return recipe;
  const { speak: _other, ...rest } = recipe;
  return rest;
}
