import type { Recipe } from '../../../../shared/recipe';
import type { Outlet } from '../../core/protocol';
import { dialogueProtocol } from '../dialogue-protocol';
import { type ProtocolEntry, socketOnly } from '../entry';
import { parseJson } from '../json-scan';
import { filled } from '../recipe/filled';
import { type Call, keepAliveMs, listOf, SignalrSession } from './session';

/** A segment of a path that names a hub by custom: `hubs`, `chatHub`; not a word that only ends so. */
const hubName = /\/(hubs?|\w+Hub|(?!git)[a-z]+hub)(\/|$)/;

const outlet: Outlet = {
  keys: null,
  answers: true,
  promise:
    'In order, each a call of a method of the hub, which says when it is done and with what. One that was cut before that is shown as unknown, and is called again only by you.',
  form: { to: { label: 'Method', usual: '', example: 'SendMessage' }, body: '["Ann", "hello"]' },
  problemOf(body, type) {
    if (type.trim() === '') return 'Name the method of the hub, as in SendMessage.';
    return parseJson(listOf(body)).ok ? null : 'Arguments are JSON: a list of them, or the only one.';
  },
  request: () => null,
  confirms: () => false,
};

/**
 * SignalR's JSON hub protocol over WebSocket, without the negotiation that other transports and Azure SignalR need: a server
 * of one's own takes a WebSocket that was not negotiated.
 */
export const signalr: ProtocolEntry = {
  make({ recipe }) {
    const calls = recipe?.speak?.protocol === 'signalr' ? recipe.speak.invoke.map((call) => callOf(call, recipe)) : [];
    return dialogueProtocol(recipe, {
      name: 'signalr',
      heartbeatMs: keepAliveMs,
      outlet,
      address: (url) => url,
      dialogue: (read) => new SignalrSession(calls, read),
    });
  },
  ladder: socketOnly,
  claims: (url) => /^wss?:$/.test(url.protocol) && hubName.test(url.pathname),
  says: [
    'The handshake, which asks for JSON.',
    'A call of each method that is entered, once the hub has taken that.',
    `A ping every ${keepAliveMs / 1000} s.`,
  ],
};

function callOf(
  call: { readonly target: string; readonly arguments: string; readonly stream: boolean },
  recipe: Recipe,
): Call {
  const list = listOf(filled(call.arguments, recipe, {}));
  return { target: filled(call.target, recipe, {}), arguments: list, stream: call.stream };
}
