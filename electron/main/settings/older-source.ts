import { ownedHeader, reachSchema } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import { withOpening } from '../../../shared/recipe-opening';
import { placeOfSecret } from '../../../shared/secret-places';

/** A source as an earlier version wrote it, as it is written now. */
export function ofOlderVersion(source: unknown): unknown {
  return withoutOwnedHeaders(withoutFirstMessage(source));
}

/** A message that was sent before anything else was a kind of credential: it is the first of the messages on open. */
export function withoutFirstMessage(source: unknown): unknown {
  if (!isRecord(source) || !isRecord(source.reach) || !isRecord(source.reach.credential)) return source;
  const { kind, message } = source.reach.credential;
  if (kind !== 'first-message' || typeof message !== 'string') return source;
  const recipe = source.recipe === undefined ? undefined : recipeSchema.safeParse(source.recipe).data;
  return {
    ...source,
    reach: { ...source.reach, credential: { kind: 'none' } },
    recipe: withOpening(recipe, [{ send: placeOfSecret(message), login: true }]),
  };
}

/**
 * Settings of an earlier version could hold headers that a handshake writes itself. A file must not become unreadable
 * for that: they are left out, since they never reached the server, and what named subprotocols does so in its place.
 */
function withoutOwnedHeaders(source: unknown): unknown {
  if (!isRecord(source) || !isRecord(source.reach) || !Array.isArray(source.reach.headers)) return source;
  const isOwned = (pair: unknown): pair is readonly [string, unknown] =>
    Array.isArray(pair) && typeof pair[0] === 'string' && ownedHeader(pair[0]) !== null;
  const owned = source.reach.headers.filter(isOwned);
  if (owned.length === 0) return source;
  const named = owned.find(([name]) => /^sec-websocket-protocol$/i.test(name))?.[1];
  const words = typeof named === 'string' ? [...new Set(named.split(/[\s,]+/).filter(Boolean))] : [];
  const fits = words.length > 0 && reachSchema.shape.subprotocols.safeParse(words).success;
  const reach = {
    ...source.reach,
    headers: source.reach.headers.filter((pair) => !isOwned(pair)),
    ...(fits && source.reach.subprotocols === undefined ? { subprotocols: words } : {}),
  };
  return { ...source, reach };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
