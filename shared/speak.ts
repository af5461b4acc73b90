import { z } from 'zod';

/**
 * What a feed of a protocol in code is told and asked for: its topics, channels, queries. Part of a recipe (`speak`), so that
 * it is exported, imported and mapped like any other; texts may hold `{{name}}` of the recipe's variables and places of
 * secrets, as everything that a recipe sends. What is left out is as the protocol's own clients have it.
 */

const name = (most: number) => z.string().min(1).max(most);
/** JSON text, sent as it stands, as a part of a message of JSON. */
const jsonText = z
  .string()
  .max(16 * 1024)
  .refine((text) => text.trim() === '' || isJson(text), { message: 'This is no JSON.' })
  .default('');
/** A text that is sent, usually the place of a secret. */
const said = z.string().max(2000).default('');

/** MQTT 3.1.1 and 5 (OASIS): topics as they are subscribed to, with wildcards. */
const mqttSchema = z.strictObject({
  protocol: z.literal('mqtt'),
  topics: z.array(name(1000)).min(1).max(50).default(['#']),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
  version: z.enum(['auto', '3.1.1', '5']).default('auto'),
  user: said,
  password: said,
  /** Left empty: one of the source's own, the same after each restart, so that the broker keeps what was missed. */
  clientId: z.string().max(120).default(''),
  /** The broker keeps messages of quality 1 and 2 for us while we are away. */
  keepSession: z.boolean().default(true),
});

/** Socket.IO v4: the address names the path (`/socket.io/`), the namespace stands here. */
const socketIoSchema = z.strictObject({
  protocol: z.literal('socket-io'),
  namespace: z.string().max(200).startsWith('/').default('/'),
  /** The payload of CONNECT: usually `{"token":"…"}`. */
  auth: jsonText,
  /** Sent once connected, each as an event: `["join","room-1"]`. */
  emit: z
    .array(
      z
        .string()
        .min(2)
        .max(16 * 1024),
    )
    .max(20)
    .default([]),
});

/** Pusher protocol 7: channels that need no signature of an application's own server. */
const pusherSchema = z.strictObject({
  protocol: z.literal('pusher'),
  channels: z.array(name(164)).max(50).default([]),
});

/** GraphQL subscriptions, in the form of today (graphql-transport-ws) and the older one (graphql-ws). */
const graphqlSchema = z.strictObject({
  protocol: z.literal('graphql-ws'),
  query: z
    .string()
    .max(16 * 1024)
    .default(''),
  variables: jsonText,
  operationName: z.string().max(200).default(''),
  /** The payload of `connection_init`. */
  payload: jsonText,
});

/** SignalR's JSON hub protocol over WebSocket: methods called once connected, `stream` where each item is an event. */
const signalrSchema = z.strictObject({
  protocol: z.literal('signalr'),
  invoke: z
    .array(z.strictObject({ target: name(200), arguments: jsonText, stream: z.boolean().default(false) }))
    .max(20)
    .default([]),
});

/** Phoenix channels, `vsn` 2.0.0. */
const phoenixSchema = z.strictObject({
  protocol: z.literal('phoenix'),
  topics: z
    .array(z.strictObject({ topic: name(500), payload: jsonText }))
    .max(50)
    .default([]),
});

/** STOMP 1.0 to 1.2, over WebSocket and TCP. */
const stompSchema = z.strictObject({
  protocol: z.literal('stomp'),
  destinations: z.array(name(500)).max(50).default([]),
  login: said,
  passcode: said,
  /** Virtual host; left empty: the broker's own. */
  host: z.string().max(250).default(''),
});

export const speakSchema = z.discriminatedUnion('protocol', [
  mqttSchema,
  socketIoSchema,
  pusherSchema,
  graphqlSchema,
  signalrSchema,
  phoenixSchema,
  stompSchema,
]);

export type Speak = z.output<typeof speakSchema>;

/** What is said in one of them. */
export type SpeakOf<Name extends Speak['protocol']> = Extract<Speak, { readonly protocol: Name }>;

/** What goes where there is a place may be any JSON, in a string or outside of one. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/\{\{[^{}\s]{1,200}\}\}|\*secret\.[A-Za-z0-9_.-]{1,80}\*/g, '0'));
    return true;
  } catch {
    return false;
  }
}
