import type { Recipe } from '../../../../shared/recipe';
import { dialogueProtocol } from '../dialogue-protocol';
import { type ProtocolEntry, socketOnly } from '../entry';
import { filled } from '../recipe/filled';
import { type Call, keepAliveMs, SignalrSession } from './session';

/** A segment of a path that names a hub by custom: `hubs`, `chatHub`; not a word that only ends so. */
const hubName = /\/(hubs?|\w+Hub|(?!git)[a-z]+hub)(\/|$)/;

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
      address: (url) => url,
      dialogue: (read) => new SignalrSession(calls, read),
    });
  },
  ladder: socketOnly,
  claims: (url) => /^wss?:$/.test(url.protocol) && hubName.test(url.pathname),
};

/** Arguments are a list; what is none is the only one. */
function callOf(
  call: { readonly target: string; readonly arguments: string; readonly stream: boolean },
  recipe: Recipe,
): Call {
  const said = filled(call.arguments, recipe, {}).trim();
  const list = said === '' ? '[]' : said.startsWith('[') ? said : `[${said}]`;
  return { target: filled(call.target, recipe, {}), arguments: list, stream: call.stream };
}
