import type { FieldError } from '../../../shared/errors';
import { type ProtocolName, protocolNames } from '../../../shared/protocols';
import { isPlaceOfSecret } from '../../../shared/secret-places';
import { isSecretName, redactUrls } from '../../../shared/secret-words';
import { addressSchemes, type RungConfig, rungSchema } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import { entryOf } from './registry';

/** What an address turned out to be, or what is wrong with it. */
export type InferredLadder =
  | { readonly ok: true; readonly protocol: ProtocolName; readonly ladder: readonly RungConfig[] }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** From what a person typed to protocol and ladder, as the first protocol has it that claims the address. */
export function inferLadder(typed: string, protocol: ProtocolName | 'auto'): InferredLadder {
  // A file on this machine: a recording, which plays without any transport.
  if (/^file:\/\/\/|^\/[^/]|^[a-z]:[\\/]/i.test(typed.trim())) return { ok: true, protocol: 'recording', ladder: [] };
  const url = readAddress(typed.trim());
  if (!(url instanceof URL)) return { ok: false, errors: [url] };
  const chosen = protocol === 'auto' ? guessOf(url) : protocol;
  const rungs = entryOf(chosen).ladder(url);
  if ('message' in rungs) return problem(rungs.message, rungs.fix);
  const ladder: RungConfig[] = [];
  for (const [transport, { href }] of rungs) {
    const rung = rungSchema.safeParse({ transport, url: href });
    // What was chosen by name need not be what the address is of.
    if (!rung.success) {
      const fix = 'Leave the choice to the address, or write it as https:// or wss://.';
      return problem(`What was chosen is not spoken over ${url.protocol}//.`, fix);
    }
    ladder.push(rung.data);
  }
  return { ok: true, protocol: chosen, ladder };
}

/** What an address looks like; what answers there decides. */
function guessOf(url: URL): ProtocolName {
  return protocolNames.find((name) => entryOf(name).claims?.(url)) ?? 'json';
}

function problem(message: string, fix: string): InferredLadder & { readonly ok: false } {
  return { ok: false, errors: [{ field: 'url', message, fix }] };
}

/** The address, or what is wrong with it and how to write it. */
function readAddress(text: string): URL | FieldError {
  const wrong = (message: string, fix: string): FieldError => ({ field: 'url', message, fix });
  if (text === '') return wrong('There is no address.', 'Type the address of the feed, as in https://host/path.');
  if (text.length > 4096) return wrong('The address is longer than 4,096 characters.', 'Use a shorter one.');
  if (/\s/.test(text)) {
    return wrong('There is a space in the address.', 'Take it out, or write %20 where it belongs.');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return wrong('The address has no scheme.', `Write it whole: ${suggestion(text)}`);
  if (!addressSchemes.includes(`${scheme}:`)) {
    return wrong(
      `Wirewatch does not speak ${scheme}://.`,
      'Use http://, https://, ws:// or wss://, for a broker mqtt://, mqtts://, stomp:// or stomps://.',
    );
  }
  const url = parseUrl(text);
  if (!url) return wrong('This is not an address.', 'Check host and port: https://host:8443/path.');
  if ((url.username !== '' && !isPlaceOfSecret(url.username)) || url.password !== '') {
    return wrong(
      'There is a user name or password in the address.',
      'Take it out: an address is shown and stored openly. Secrets have a place of their own.',
    );
  }
  const held = [...url.searchParams].find(
    ([name, value]) => value !== '' && isSecretName(name) && !isPlaceOfSecret(value),
  );
  if (held !== undefined || redactUrls(text) !== text) {
    return wrong(
      `There is a secret in the address${held === undefined ? '' : ` (${held[0]})`}.`,
      'Take it out: an address is shown and stored openly. Enter it as the credential: a query parameter of this name.',
    );
  }
  return url;
}

/** The address with the scheme it most likely wants. */
function suggestion(text: string): string {
  const rest = text.replace(/^[a-z]*:?\/*(?=[^/])/i, (start) => (start.includes('/') ? '' : start));
  const local = /^(localhost|127\.|\[::1\]|10\.|192\.168\.)/i.test(rest);
  return `${local ? 'http' : 'https'}://${rest}`;
}
