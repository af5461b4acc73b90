import type { Outlet } from '../../core/protocol';
import { dialogueProtocol } from '../dialogue-protocol';
import { type ProtocolEntry, streamOrSocket } from '../entry';
import { filled } from '../recipe/filled';
import { beatMs, StompSession } from './session';
import { stompLength } from './stomp-frame';

const schemes = ['stomp:', 'stomps:'];

const outlet: Outlet = {
  keys: null,
  answers: true,
  promise:
    'In order, with a receipt for each: one that has come means that the broker took the message. One that was cut before its receipt is shown as unknown, and is sent again only by you: the broker knows no repeat of it.',
  form: { to: { label: 'Destination', usual: '', example: '/queue/orders' }, body: '{"item":"tea","count":2}' },
  problemOf: (_body, type) => (type.trim() === '' ? 'Name the destination, as in /queue/orders.' : null),
  request: () => null,
  confirms: () => false,
};

/** STOMP 1.0 to 1.2 over TCP, TLS and WebSocket: destinations are streams. */
export const stomp: ProtocolEntry = {
  make({ recipe }) {
    const told = recipe?.speak?.protocol === 'stomp' ? recipe.speak : null;
    const text = (said: string): string => (recipe === null ? said : filled(said, recipe, {}));
    return dialogueProtocol(recipe, {
      name: 'stomp',
      heartbeatMs: beatMs,
      subprotocols: ['v12.stomp', 'v11.stomp', 'v10.stomp'],
      packets: stompLength,
      besides: ' A queue gives each message to one reader: what is seen here of a queue is taken from the others.',
      outlet,
      unasked: told?.destinations.length ? null : 'Name the destinations to subscribe to: a broker sends nothing else.',
      address: (url) => url,
      dialogue: (read) =>
        new StompSession(
          {
            destinations: (told?.destinations ?? []).map(text),
            login: text(told?.login ?? ''),
            passcode: text(told?.passcode ?? ''),
            // RabbitMQ takes the name of a host for a virtual host of its own, and refuses one that it does not have.
            host: text(told?.host ?? ''),
          },
          read,
        ),
    });
  },
  ladder: (url) => streamOrSocket(url, schemes),
  claims: (url) => schemes.includes(url.protocol),
  says: [
    'CONNECT, with user, password and virtual host where they are entered.',
    'SUBSCRIBE for each destination.',
    'A line feed as a sign of life, where the broker wants one.',
  ],
};
