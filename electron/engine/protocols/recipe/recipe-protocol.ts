import type { Recipe } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import type { TransportKind } from '../../../../shared/transport';
import { parseUrl } from '../../../../shared/url';
import type { Outlet, Protocol } from '../../core/protocol';
import { attachRequest } from './attach';
import { createRecipeDecoder, etagMark } from './decoder';
import { filled, placesIn } from './filled';
import { planOf } from './plan';
import { promiseOf, withoutPlace } from './promise';

/** A WebSocket of no known protocol takes any text and says nothing of it. */
const outlet: Outlet = {
  keys: null,
  promise:
    'In order, each at most once. The feed says nothing of messages: one that was cut in flight is shown as unknown, and sent again only by you.',
  problemOf: (body) => (body === '' ? 'An empty message says nothing.' : null),
  spoken: ({ body }) => body,
  request: () => null,
  confirms: () => false,
};

/**
 * Any feed of messages that has no protocol of ours, read, asked and spoken to as its recipe says. Where that says nothing,
 * or there is none (null), it is guessed: over SSE ids are a token to resume from, over poll an `Etag` saves an answer that
 * brings nothing new; type, id and time come from common member names.
 */
export function createRecipeProtocol(recipe: Recipe | null, ladder: readonly RungConfig[]): Protocol {
  const plan = planOf(recipe);
  const resumable = ladder.length > 0 && ladder.every(({ transport }) => carries(recipe, transport));
  const opaque = plan.cursor !== null;
  return {
    name: 'json',
    numbering: plan.numbering,
    uniqueIds: recipe?.read.uniqueIds ?? false,
    resumable,
    headless: true,
    heartbeatMs: recipe?.heartbeatSeconds === undefined ? null : recipe.heartbeatSeconds * 1000,
    promise: promiseOf(recipe, resumable),
    ...(plan.keeping === 'ids' && recipe?.promise === undefined && recipe?.list === undefined
      ? { promiseWithoutPlace: withoutPlace }
      : {}),
    placeOf: (token) => (token.startsWith(etagMark) ? null : token),
    // A cursor that is no id of an event is the feed's own business.
    comparePlaces: (a, b) => (opaque ? null : compareNumbers(a, b)),
    opaquePlaces: opaque,
    attach: (rung, resume, { asking }) => attachRequest(recipe, rung, resume, asking),
    createDecoder: (rung, resume) => createRecipeDecoder({ recipe, plan, resumable }, rung, resume ?? null),
    replayMessage: () => null,
    replayRequest: () => null,
    snapshotUrl: ({ url }) => (recipe === null ? null : snapshotOf(recipe, url)),
    outlet: ladder.some((rung) => rung.transport === 'websocket') ? outlet : null,
  };
}

/** Whether a transport's requests have room for the place to resume from. */
function carries(recipe: Recipe | null, transport: TransportKind): boolean {
  switch (recipe?.resume?.kind) {
    case undefined:
    case 'last-event-id':
      return transport === 'sse';
    case 'none':
      return false;
    case 'header':
    case 'query':
      return true;
    case 'message':
      // What is posted is a message as well.
      return transport === 'websocket' || placesIn(recipe?.ask.post?.body ?? '').includes('cursor');
  }
}

/** Of the origin of a rung, with its variables; null where the recipe names none. */
function snapshotOf({ snapshot, variables }: Recipe, address: string): string | null {
  if (snapshot === undefined) return null;
  const encoded = variables.map((variable) => ({ ...variable, value: encodeURIComponent(variable.value) }));
  const url = parseUrl(address.replace(/^ws/i, 'http'));
  const found = url === null ? null : parseUrl(filled(snapshot, { variables: encoded }, {}), url.href);
  return found?.origin === url?.origin ? (found?.href ?? null) : null;
}

/** Ids that are whole numbers can be told apart by age; of others nobody knows. */
function compareNumbers(a: string, b: string): number | null {
  if (!/^\d{1,40}$/.test(a) || !/^\d{1,40}$/.test(b)) return null;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
