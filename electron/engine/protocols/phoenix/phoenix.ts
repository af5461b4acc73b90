import type { Recipe } from '../../../../shared/recipe';
import { dialogueProtocol, withMissing } from '../dialogue-protocol';
import { isWeb, type ProtocolEntry, withScheme } from '../entry';
import { filled } from '../recipe/filled';
import { heartbeatMs, type Joined, PhoenixSession } from './session';

/** Phoenix channels, in the form that `vsn` 2.0.0 names. */
export const phoenix: ProtocolEntry = {
  make({ recipe }) {
    const told = recipe?.speak?.protocol === 'phoenix' ? recipe.speak.topics : [];
    return dialogueProtocol(recipe, {
      name: 'phoenix',
      heartbeatMs,
      address: (url) => withMissing(url, { vsn: '2.0.0' }),
      dialogue: (read) => new PhoenixSession(recipe === null ? [] : told.map((topic) => joinedOf(topic, recipe)), read),
    });
  },
  ladder(url) {
    if (!isWeb(url)) {
      return { message: `Phoenix is not spoken over ${url.protocol}//.`, fix: 'Write it as wss://host/socket.' };
    }
    // Its own clients are given the address of the socket, and add the name of the transport to it.
    const socket = withScheme(url, 'ws');
    if (/\/socket\/?$/.test(socket.pathname)) socket.pathname = `${socket.pathname.replace(/\/$/, '')}/websocket`;
    return [['websocket', socket]];
  },
  claims: (url) =>
    isWeb(url) && (url.pathname.endsWith('/socket/websocket') || /^2\./.test(url.searchParams.get('vsn') ?? '')),
};

function joinedOf({ topic, payload }: { readonly topic: string; readonly payload: string }, recipe: Recipe): Joined {
  const said = filled(payload, recipe, {}).trim();
  return { topic: filled(topic, recipe, {}), payload: said === '' ? '{}' : said };
}
