import type { Recipe } from '../../../../shared/recipe';
import type { Outlet } from '../../core/protocol';
import { dialogueProtocol, withMissing } from '../dialogue-protocol';
import { isWeb, type ProtocolEntry, withScheme } from '../entry';
import { parseJson } from '../json-scan';
import { filled } from '../recipe/filled';
import { heartbeatMs, type Joined, PhoenixSession, pushOf } from './session';

/** Phoenix channels, in the form that `vsn` 2.0.0 names. */
export const phoenix: ProtocolEntry = {
  make({ recipe }) {
    const told = recipe?.speak?.protocol === 'phoenix' ? recipe.speak.topics : [];
    const topics = recipe === null ? [] : told.map((topic) => joinedOf(topic, recipe));
    return dialogueProtocol(recipe, {
      name: 'phoenix',
      heartbeatMs,
      outlet: outletOf(topics),
      unasked: topics.length > 0 ? null : 'Name the topics to join: nothing else is sent.',
      address: (url) => withMissing(url, { vsn: '2.0.0' }),
      dialogue: (read) => new PhoenixSession(topics, read),
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
  says: ['phx_join for each topic.', `A heartbeat every ${heartbeatMs / 1000} s.`],
};

function outletOf(topics: readonly Joined[]): Outlet {
  const first = topics[0]?.topic ?? 'room:lobby';
  return {
    keys: null,
    promise:
      'In order, each at most once. A channel answers only where its application does: then it is shown as arrived or refused, else as sent. One that was cut in flight is shown as unknown, and is sent again only by you.',
    form: {
      to: { label: 'Channel and event', usual: topics.length > 0 ? `${first} ` : '', example: `${first} new_msg` },
      body: '{"body":"hello"}',
    },
    problemOf(body, type) {
      const { topic, event } = pushOf(type, topics);
      if (event === '' || topic === '') return `Name the channel and the event, as in ${first} new_msg.`;
      if (!topics.some((joined) => joined.topic === topic)) {
        return `The channel ${topic.slice(0, 200)} is not joined by this source: add it to its channels first.`;
      }
      return parseJson(body).ok ? null : 'A payload is JSON, as in {"body":"hello"}.';
    },
    request: () => null,
    confirms: () => false,
  };
}

function joinedOf({ topic, payload }: { readonly topic: string; readonly payload: string }, recipe: Recipe): Joined {
  const said = filled(payload, recipe, {}).trim();
  return { topic: filled(topic, recipe, {}), payload: said === '' ? '{}' : said };
}
