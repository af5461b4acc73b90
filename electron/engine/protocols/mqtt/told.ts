import type { Recipe } from '../../../../shared/recipe';
import { speakSchema } from '../../../../shared/speak';
import { parseUrl } from '../../../../shared/url';
import { hashText } from '../../core/hash-text';
import { filled } from '../recipe/filled';

/** What a broker is told of a source. Texts may still hold places of secrets. */
export interface Told {
  readonly topics: readonly string[];
  readonly qos: 0 | 1 | 2;
  readonly version: 'auto' | '3.1.1' | '5';
  readonly clientId: string;
  readonly user: string;
  readonly password: string;
  /** The broker keeps our session while we are away. */
  readonly keeps: boolean;
}

/** `source`: id of the source; empty where it is only looked at, for which no broker keeps anything. */
export function toldOf(recipe: Recipe | null, source: string, address: string): Told {
  const speak = recipe?.speak?.protocol === 'mqtt' ? recipe.speak : speakSchema.parse({ protocol: 'mqtt' });
  if (speak.protocol !== 'mqtt') throw new TypeError('Not of MQTT.');
  const said = (text: string): string => (recipe === null ? text : filled(text, recipe, {}));
  const url = parseUrl(address);
  const own = said(speak.clientId);
  return {
    topics: speak.topics.map(said),
    qos: speak.qos,
    version: speak.version,
    // 23 letters and digits are what every broker has to take (3.1.1 §3.1.3.1).
    clientId: own !== '' ? own : source === '' ? '' : `wirewatch${hashText(source)}`.slice(0, 23),
    user: said(speak.user) || decoded(url?.username ?? ''),
    password: said(speak.password) || decoded(url?.password ?? ''),
    keeps: speak.keepSession && source !== '' && speak.qos > 0,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
