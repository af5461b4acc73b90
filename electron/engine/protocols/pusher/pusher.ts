import type { Recipe } from '../../../../shared/recipe';
import { dialogueProtocol, withMissing } from '../dialogue-protocol';
import { isWeb, type ProtocolEntry, socketOnly } from '../entry';
import { filled } from '../recipe/filled';
import { PusherSession } from './session';

/** Close codes of the protocol (https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/#error-codes). */
const closes: Recipe['closes'] = [
  { from: 4009, to: 4009, means: 'login-refused', text: 'the connection is not authorised' },
  { from: 4000, to: 4099, means: 'stop', text: 'to connect again would change nothing' },
  { from: 4100, to: 4199, means: 'again', afterSeconds: 1, text: 'over capacity' },
  { from: 4200, to: 4299, means: 'planned' },
];

/** The protocol's own parameters: without its number a server refuses the connection. */
const parameters = { protocol: '7', client: 'wirewatch', version: '1', flash: 'false' };

/** Where an application's key stands. */
const keyPath = /^\/app\/[^/]+\/?$/;

/** Pusher protocol 7: hosted, and as Soketi, Laravel Reverb and others speak it. */
export const pusher: ProtocolEntry = {
  make({ recipe }) {
    const told = recipe?.speak?.protocol === 'pusher' ? recipe.speak.channels : [];
    const channels = recipe === null ? told : told.map((channel) => filled(channel, recipe, {}));
    return dialogueProtocol(recipe, {
      name: 'pusher',
      heartbeatMs: null,
      closes,
      unasked: channels.length > 0 ? null : 'Name the channels to subscribe to: nothing else is sent.',
      cannotSend:
        "Clients may send only over private and presence channels, and those need a signature of the application's own server, which Wirewatch does not have.",
      address: (url) => withMissing(url, parameters),
      dialogue: (read) => new PusherSession([...new Set(channels)], read),
    });
  },
  ladder: socketOnly,
  claims: (url) =>
    isWeb(url) && keyPath.test(url.pathname) && (/^ws/.test(url.protocol) || url.searchParams.has('protocol')),
  says: [
    'pusher:subscribe for each channel, once the server has greeted.',
    'pusher:ping as often as the server says, and an answer to each of its own.',
  ],
};
