import { defaultReach, type Reach, secretsOf } from '../../../shared/reach';
import { secretsOfRecipe } from '../../../shared/recipe';
import { secretsIn } from '../../../shared/secret-places';
import type { SourceConfig } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';

/**
 * Where a secret may go. A place is a role and an address (`feed https://host`): what a proxy is shown is not for the feed,
 * though both belong to one source. Addresses are origins; ws and http are one (RFC 6455 §3 asks for the same ports).
 */
export interface Agreement {
  /** A secret by its name, or a command for tokens by its text. */
  readonly kind: 'secret' | 'command';
  readonly name: string;
  readonly places: readonly string[];
}

/** What of a source may go where nobody has agreed to yet. */
export interface Growth extends Agreement {
  /** Where it was agreed to go; null where it was never agreed to at all. */
  readonly held: readonly string[] | null;
}

/** What the parts of a dialog say of a role, by the first word of a place. */
const roleWords: Readonly<Record<string, string>> = {
  feed: '',
  connect: 'connected to instead of the address',
  proxy: 'proxy',
  token: 'token address',
  fetched: 'shown the tokens that are fetched',
  certificate: 'shown the client certificate',
};

/** A place as a person reads it. */
export function placeInWords(place: string): string {
  const gap = place.indexOf(' ');
  const words = roleWords[place.slice(0, gap)] ?? '';
  return words === '' ? place.slice(gap + 1) : `${place.slice(gap + 1)} (${words})`;
}

/** What is dialled for a source, best rung first, with everything that stands in between; as a person reads it. */
export function dialledFor({ url, ladder, reach }: SourceConfig): readonly string[] {
  const origins = distinct((ladder.length > 0 ? ladder.map((rung) => rung.url) : [url]).flatMap(originOf));
  return reach ? [...origins, ...detours(reach), ...tokenPlaces(reach)].map(wordsOf) : origins;
}

/** By source as it is held: settings are replaced, never changed, and each order asks about all the others again. */
const known = new WeakMap<SourceConfig, readonly Agreement[]>();

/** Everything of a source that is kept from others, and where its settings would send it. */
export function agreementsFor(config: SourceConfig): readonly Agreement[] {
  const before = known.get(config);
  if (before) return before;
  const now = readAgreements(config);
  known.set(config, now);
  return now;
}

function readAgreements(config: SourceConfig): readonly Agreement[] {
  const { url, ladder } = config;
  const reach = config.reach ?? defaultReach;
  const addresses = [url, ...ladder.map((rung) => rung.url)];
  const as = (role: string, at: readonly string[] = addresses) => [
    ...at.flatMap(originOf).map((origin) => `${role} ${origin}`),
    ...detours(reach),
  ];
  const tokens = tokenPlaces(reach);
  const found: Agreement[] = [];
  const add = (name: string | null, places: readonly string[]) => {
    if (name !== null) found.push({ kind: 'secret', name, places });
  };
  for (const address of addresses) for (const name of secretsIn(address)) add(name, as('feed', [address]));
  const { tls, proxy, credential } = reach;
  for (const name of [tls.key, tls.pkcs12, tls.passphrase]) add(name, [...as('certificate'), ...tokens]);
  if (proxy.kind !== 'direct') add(proxy.password, proxyPlaces(reach, 'of the system'));
  if (credential.kind === 'token-command') {
    found.push({ kind: 'command', name: credential.command, places: as('fetched') });
  }
  const places = tokens.length > 0 ? [...tokens, ...as('fetched')] : as('feed');
  for (const name of secretsOf({ ...defaultReach, credential })) add(name, places);
  // Whatever else a profile names, or may come to name, goes with every request.
  const rest: Reach = { ...reach, tls: defaultReach.tls, proxy: { kind: 'direct' }, credential: { kind: 'none' } };
  for (const name of secretsOf(rest)) add(name, as('feed'));
  for (const name of config.recipe ? secretsOfRecipe(config.recipe) : []) add(name, as('feed'));
  return joined(found);
}

/** Whether an address hides its host: what stands there could change without anybody being asked. */
export function hidesHost({ url, ladder, reach }: SourceConfig): boolean {
  const credential = reach?.credential;
  const more =
    credential?.kind === 'oauth' ? [credential.tokenUrl] : credential?.kind === 'token-url' ? [credential.url] : [];
  return [url, ...ladder.map((rung) => rung.url), ...more].some(
    (text) => secretsIn(parseUrl(text)?.host ?? '').length > 0,
  );
}

/** What has been agreed to: as it is kept, and for what has no record (older than they are) what the sources say. */
export function agreedBy(kept: readonly Agreement[], sources: readonly SourceConfig[]): readonly Agreement[] {
  const recorded = new Set(kept.map(keyOf));
  const present = joined(sources.flatMap(agreementsFor)).filter((one) => !recorded.has(keyOf(one)));
  return [...kept, ...present];
}

/** What a source would send farther than agreed. To a subset, or in another order, is no growth. */
export function growthOf(agreed: readonly Agreement[], config: SourceConfig): readonly Growth[] {
  const byKey = new Map(agreed.map((one) => [keyOf(one), one.places]));
  return agreementsFor(config).flatMap((one) => {
    const held = byKey.get(keyOf(one)) ?? null;
    const places = one.places.filter((place) => !held?.includes(place));
    return places.length === 0 ? [] : [{ ...one, places, held }];
  });
}

/** Agreements with everything in them that these sources need; of what none of them names any more none stay. */
export function settled(agreed: readonly Agreement[], sources: readonly SourceConfig[]): readonly Agreement[] {
  const needed = sources.flatMap(agreementsFor);
  const used = new Set(needed.map(keyOf));
  return joined([...agreed, ...needed]).filter((one) => used.has(keyOf(one)));
}

/** One text for what is agreed to, whatever its places. */
export function keyOf({ kind, name }: Pick<Agreement, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

function joined(agreements: readonly Agreement[]): readonly Agreement[] {
  const byKey = new Map<string, Agreement>();
  for (const one of agreements) {
    const before = byKey.get(keyOf(one))?.places ?? [];
    byKey.set(keyOf(one), { ...one, places: distinct([...before, ...one.places]) });
  }
  return [...byKey.values()];
}

function detours(reach: Reach): readonly string[] {
  const connect = reach.connectTo === '' ? [] : [`connect ${reach.connectTo.toLowerCase()}`];
  return [...connect, ...proxyPlaces(reach, null)];
}

function proxyPlaces({ proxy }: Reach, ofSystem: string | null): readonly string[] {
  if (proxy.kind === 'manual') return originOf(proxy.url).map((origin) => `proxy ${origin}`);
  return proxy.kind === 'system' && ofSystem !== null ? [`proxy ${ofSystem}`] : [];
}

function tokenPlaces({ credential }: Reach): readonly string[] {
  const url = credential.kind === 'oauth' ? credential.tokenUrl : credential.kind === 'token-url' ? credential.url : '';
  return originOf(url).map((origin) => `token ${origin}`);
}

function wordsOf(place: string): string {
  return place.startsWith('http') ? place : placeInWords(place);
}

/** Scheme, host and port of an address, or nothing where it has none. */
function originOf(text: string): readonly string[] {
  const url = text === '' ? null : parseUrl(text.trim());
  if (!url || url.host === '') return [];
  const scheme = url.protocol.replace(/^ws/, 'http');
  return [`${scheme}//${url.host.toLowerCase()}`];
}

function distinct(places: readonly string[]): readonly string[] {
  return [...new Set(places)];
}
