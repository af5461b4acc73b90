import type { FieldError } from '../../../shared/errors';
import type { Understood } from '../../../shared/probe';
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
  const draft = {
    name: '',
    url: address.url,
    protocol: 'auto' as const,
    ...(address.reach ? { reach: address.reach } : {}),
  };
  return { ok: true, understood: { from: 'address', draft, secrets: taker.taken(), notes: address.notes } };
}

function wrong(message: string, fix: string): Understanding {
  return { ok: false, errors: [{ field: 'pasted', message, fix }] };
}
