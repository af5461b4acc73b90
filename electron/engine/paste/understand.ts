import type { FieldError } from '../../../shared/errors';
import type { Understood } from '../../../shared/probe';
import type { Reach } from '../../../shared/reach';
import { type Recipe, recipeSchema } from '../../../shared/recipe';
import { placeOfSecret } from '../../../shared/secret-places';
import { addressOf } from './address';
import { readCurl } from './curl';
import { createSecretTaker } from './secret-taker';
import { curlLine } from './shell-line';

/** More than any address or command that is pasted, characters. */
export const longestPaste = 64 * 1024;

export type Understanding =
  | { readonly ok: true; readonly understood: Understood }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/**
 * Reads what a person pasted: an address, or a whole `curl` command. Nothing is asked, sent or stored. Secrets come out
 * under names of their own, and the draft speaks of them by these. `newId`: letters and digits, never the same twice.
 */
export function understand(pasted: string, newId: () => string): Understanding {
  const text = pasted.trim();
  if (text === '') return wrong('There is nothing to read.', 'Paste the address of a feed, or a whole curl command.');
  if (text.length > longestPaste) {
    return wrong(`This is longer than ${longestPaste} characters.`, 'Paste one address, or one curl command.');
  }
  const taker = createSecretTaker(newId);
  const line = curlLine(text);
  if (line !== null) {
    const command = readCurl(line, taker);
    if (!command.ok) return wrong(command.message, command.fix);
    const { draft, notes } = command;
    return { ok: true, understood: { from: 'curl', draft, secrets: taker.taken(), notes } };
  }
  const address = addressOf(text, taker);
  if (!address.ok) return wrong(address.message, address.fix);
  const told = toldBroker(address.url, address.reach);
  const draft = {
    name: '',
    url: address.url,
    protocol: 'auto' as const,
    ...(told ? { recipe: told } : address.reach ? { reach: address.reach } : {}),
  };
  return { ok: true, understood: { from: 'address', draft, secrets: taker.taken(), notes: address.notes } };
}

function wrong(message: string, fix: string): Understanding {
  return { ok: false, errors: [{ field: 'pasted', message, fix }] };
}

/** A login before the host of a broker is said in its own protocol, and is no credential of requests. */
function toldBroker(url: string, reach: Reach | null): Recipe | null {
  const protocol = /^(mqtt|stomp)s?:/i.exec(url)?.[1]?.toLowerCase();
  const login = reach?.credential;
  if (login?.kind !== 'basic' || login.password === null) return null;
  const password = placeOfSecret(login.password);
  const speak =
    protocol === 'mqtt'
      ? { protocol, user: login.user, password }
      : { protocol: 'stomp', login: login.user, passcode: password };
  if (protocol !== 'mqtt' && protocol !== 'stomp') return null;
  return recipeSchema.parse({ name: 'own', title: 'My own', speak });
}
