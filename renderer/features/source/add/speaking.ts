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
