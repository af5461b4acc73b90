import { isNamedProtocol, type NamedProtocol, protocolTexts } from '../../../../shared/protocols';
import type { Speak } from '../../../../shared/speak';
import type { FeedKind } from '../draft';
import { bareRecipe } from '../mapping/mapping';
import type { Adding } from './adding';
import { emptySpeak, speakFields } from './speak-fields';

/** What the protocol of the form is told; null where it is none that is told anything. */
export function spokenIn(kind: FeedKind, url: string, adding: Adding): Speak | null {
  const { recipe } = adding;
  const protocol = protocolIn(kind, url, adding);
  if (protocol === null || !isSpoken(protocol)) return null;
  return recipe?.speak?.protocol === protocol ? recipe.speak : emptySpeak(protocol);
}

/** The protocol that the form comes to, where one is known that has a name; null for messages that a recipe reads, or a guess. */
export function protocolIn(kind: FeedKind, url: string, { reading }: Adding): NamedProtocol | null {
  const protocol = kind === 'found' ? (reading?.protocol ?? null) : kind === 'auto' ? protocolOfScheme(url) : kind;
  return protocol !== null && isNamedProtocol(protocol) ? protocol : null;
}

/** How a feed is read that has no recipe, in words. */
export function readBare(protocol: NamedProtocol | null): string {
  return protocol === null ? 'read as is guessed' : `read as ${protocolTexts[protocol].name}`;
}

/** What is sent where nothing is known of it but the protocol. */
export function saysUnlooked(protocol: NamedProtocol | null): readonly string[] {
  if (protocol === null || !isSpoken(protocol)) return [];
  return [`What ${protocolTexts[protocol].name} itself says, and nothing else.`];
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
