import type { Recipe } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import type { AttachOptions, Message, Outlet, Protocol } from '../../core/protocol';
import type { AttachRequest } from '../../core/transport';
import { decoderOf } from '../dialogue';
import { withMissing } from '../dialogue-protocol';
import { isWeb, type ProtocolEntry, withScheme } from '../entry';
import { fieldsOf, parseJson } from '../json-scan';
import { createEnvelopeReader, type EnvelopeReader } from '../recipe/envelope';
import { filled } from '../recipe/filled';
import { promiseOf } from '../recipe/promise';
import { placeIn } from './place';
import { asked, type Opening, SocketIoSession } from './session';

const contentType = 'text/plain;charset=UTF-8';
/** Where the server stands unless it is said otherwise. */
const usualPath = '/socket.io/';
/** Parameters of a session, which an address has that was copied from a browser. */
const ofSession = ['EIO', 'transport', 'sid', 't', 'b64', 'j'];

/** Socket.IO 3 and 4. A session of our own is not moved from one transport to another: the ladder is for that. */
export const socketIo: ProtocolEntry = {
  make: ({ recipe }) => createSocketIo(recipe),
  ladder(url) {
    if (!isWeb(url)) {
      return { message: `Socket.IO is not spoken over ${url.protocol}//.`, fix: 'Write it as https://host.' };
    }
    const plain = new URL(url.href);
    if (plain.pathname === '/') plain.pathname = usualPath;
    for (const name of ofSession) plain.searchParams.delete(name);
    return [
      ['websocket', withScheme(plain, 'ws')],
      ['long-poll', withScheme(plain, 'http')],
    ];
  },
  claims: (url) => isWeb(url) && /\/socket\.io\/?$/.test(url.pathname),
  says: [
    'CONNECT to the namespace, with the login where one is entered, and our place after a break.',
    'Each event that is entered as sent once connected.',
    'An answer to each ping of the server.',
  ],
};

function createSocketIo(recipe: Recipe | null): Protocol {
  const { numbering = 'none', uniqueIds = false } = recipe?.read ?? {};
  const opening = openingOf(recipe);
  const numbered = numbering === 'contiguous';
  const told = recipe !== null && (recipe.promise !== undefined || numbering !== 'none' || uniqueIds);
  return {
    name: 'socket-io',
    numbering,
    uniqueIds,
    resumable: !numbered,
    headless: true,
    heartbeatMs: recipe?.heartbeatSeconds === undefined ? null : recipe.heartbeatSeconds * 1000,
    promise: told
      ? promiseOf(recipe, false)
      : 'In order of arrival. After a break it goes on behind the last event where the server keeps the state of connections; what it kept no longer is shown as a gap of unknown size.',
    ...(told
      ? {}
      : {
          promiseWithoutPlace:
            'In order of arrival. So far the server has shown no state that outlives a connection: what a break costs cannot be known, and is shown as a gap.',
        }),
    placeOf: (token) => placeIn(token)?.offset ?? null,
    comparePlaces: () => null,
    // Whether it went on is said in the answer to CONNECT.
    opaquePlaces: true,
    placesOneSession: true,
    attach: (rung) => attach(rung, null),
    createDecoder(rung, resume = null) {
      const polled = rung.transport !== 'websocket';
      const envelope = withoutGuessedIds(recipe);
      const session = new SocketIoSession({ opening, polled, numbered, resume, envelope });
      return {
        ...decoderOf(session),
        attach: (_options: AttachOptions) => (session.sid === null ? null : attach(rung, session.sid)),
      };
    },
    replayMessage: () => null,
    replayRequest: () => null,
    outlet,
    snapshotUrl: () => null,
  };
}

function openingOf(recipe: Recipe | null): Opening {
  if (recipe?.speak?.protocol !== 'socket-io') return { namespace: '/', auth: '', emit: [] };
  const { namespace, auth, emit } = recipe.speak;
  const text = (said: string) => filled(said, recipe, {}).trim();
  return { namespace: text(namespace), auth: text(auth), emit: emit.map(text) };
}

/** An id in a body names a thing as often as an event: only offsets, and what a recipe points at, tell what comes again. */
function withoutGuessedIds(recipe: Recipe | null): EnvelopeReader {
  const read = createEnvelopeReader(recipe);
  if (recipe?.read.id !== undefined) return read;
  return (frame, envelope) => {
    const message: Message = read(frame, envelope);
    if (message.kind !== 'event' || envelope.id !== null) return message;
    return { kind: 'event', event: { ...message.event, id: null } };
  };
}

function attach(rung: RungConfig, sid: string | null): AttachRequest {
  const plain = { headers: [], subprotocols: [], lastEventId: null };
  if (rung.transport === 'websocket') {
    return { ...plain, url: withMissing(rung.url, { EIO: '4', transport: 'websocket' }) };
  }
  const url = withMissing(rung.url, { EIO: '4', transport: 'polling', ...(sid === null ? {} : { sid }) });
  return {
    ...plain,
    url,
    headers: [['accept', '*/*']],
    sends: { url: sid === null ? null : url, contentType },
    endsWith: (status, body) => (sid !== null && status === 400 ? unknownSession(body) : null),
  };
}

/** `{"code":1,"message":"Session ID unknown"}`: it began anew, or another instance was asked. */
function unknownSession(body: string): string | null {
  const parsed = parseJson(body);
  const fields = parsed.ok ? fieldsOf(parsed.value) : null;
  return fields?.number('code') === 1 ? 'the server does not know this session any more (Session ID unknown)' : null;
}

const outlet: Outlet = {
  keys: null,
  promise:
    'In order, each at most once. The server says something of an event only where it is asked to and its application does: then it is shown as arrived, else as sent. One that was cut in flight is shown as unknown, and sent again only by you.',
  form: {
    to: {
      ...{ label: 'An answer of the server', usual: 'message', example: '' },
      choices: [
        { value: 'message', text: 'is not asked for' },
        { value: asked, text: 'is asked for (acknowledgement)' },
      ],
    },
    body: '["name", {"key": "value"}]',
  },
  problemOf(body) {
    const parsed = parseJson(body);
    const list: unknown = parsed.ok ? parsed.value : null;
    const named = Array.isArray(list) && typeof list[0] === 'string';
    return named ? null : 'An event is a JSON list that begins with its name: ["name", {"key": "value"}].';
  },
  request: () => null,
  confirms: () => false,
};
