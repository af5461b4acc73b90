import { z } from 'zod';
import { pathSchema } from './member-path';
import { secretsIn } from './secret-places';
import { speakSchema } from './speak';

/**
 * How a feed of no protocol of ours is read, asked and spoken to (docs/recipes.md). Data, no code: paths into JSON, texts
 * with places, tables. What a recipe leaves open is guessed from what messages commonly look like.
 *
 * A text that is sent may hold `{{name}}` for a variable of the recipe, `{{cursor}}`, `{{n}}` (a number that grows with
 * each message of a connection) and `{{now}}` (epoch ms), and places of secrets (`secret-places.ts`).
 */

const path = pathSchema;
const word = z.string().trim().min(1).max(120);
const sentence = z.string().trim().max(500);
/** A message that is sent. */
const message = z
  .string()
  .min(1)
  .max(16 * 1024);
const seconds = (least: number, most: number) => z.number().min(least).max(most);

/** One thing that a message must show; all that are named must hold. Matched against the parsed message, or its text. */
const conditionSchema = z.strictObject({
  /** Where to look; the message itself where left out. */
  path: path.optional(),
  /** It is exactly this, numbers and booleans as they are written. */
  is: z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]).optional(),
  /** It is one of these. */
  in: z
    .array(z.union([z.string().max(1000), z.number()]))
    .min(1)
    .max(100)
    .optional(),
  /** There is something there, or nothing. */
  exists: z.boolean().optional(),
  /** Its text matches, anywhere in it. RE2 syntax: linear in the text, whatever it says. */
  matches: z.string().min(1).max(500).optional(),
  /** SSE only: the name of the event. */
  event: z.string().max(120).optional(),
});

const conditionsSchema = z.array(conditionSchema).min(1).max(8);

export type Condition = z.output<typeof conditionSchema>;

/** How the texts of a feed become messages. `message`: each is one; `auto`: as it looks like. */
export const framings = ['auto', 'message', 'lines', 'records', 'joined', 'array', 'array-newest-first'] as const;

export const timeUnits = ['auto', 'iso', 's', 'ms', 'us', '100ns', 'ns'] as const;

/** How a body of bytes is written. */
export const bodyEncodings = ['text', 'messagepack', 'cbor', 'protobuf', 'hex'] as const;

/** So large a descriptor set may be, bytes: it is kept with the source, and told with it. */
export const mostDescriptorBytes = 128 * 1024;
/** The same in base64. */
export const mostDescriptorChars = 4 * Math.ceil(mostDescriptorBytes / 3);

const encodingSchema = z.strictObject({
  /** Names of streams, `*` for anything in one: `sensors/*`. */
  streams: z.string().min(1).max(500).default('*'),
  as: z.enum(bodyEncodings),
  /** `protobuf`: the full name of the message, `package.Name`; the descriptors of `read` have it. */
  message: z
    .string()
    .max(500)
    .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, { message: 'The full name of a message, as in weather.Reading.' })
    .optional(),
});

export type BodyEncoding = z.output<typeof encodingSchema>;

const readSchema = z.strictObject({
  framing: z.enum(framings).default('auto'),
  /** The messages of a frame stand here: a list. */
  items: path.optional(),
  /** Where the event itself is; the message where left out. Text there that is JSON is read as JSON. */
  body: path.optional(),
  /** These are looked for in the message, then in the event's body, then in what the message was taken out of. */
  stream: path.optional(),
  seq: path.optional(),
  epoch: path.optional(),
  id: path.optional(),
  time: path.optional(),
  timeUnit: z.enum(timeUnits).default('auto'),
  type: path.optional(),
  /** What `seq` means. */
  numbering: z.enum(['contiguous', 'rising', 'none']).default('none'),
  /** Each event has an id of its own: the same id is the same event. */
  uniqueIds: z.boolean().default(false),
  /** How bodies of bytes are written, the first whose streams match; left out: as text, else as hex. */
  encodings: z.array(encodingSchema).max(20).default([]),
  /** What the messages of Protobuf are: a FileDescriptorSet (descriptor.proto), in base64. */
  descriptors: z
    .string()
    .max(mostDescriptorChars, {
      message: `A descriptor set of ${mostDescriptorBytes / 1024} KiB at most, in base64.`,
    })
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, { message: 'A descriptor set in base64.' })
    .optional(),
});

/** What a message is that is no event, first match first. */
export const messageKinds = ['event', 'life', 'control', 'error', 'login-refused', 'end', 'cannot-resume'] as const;

const classSchema = z.strictObject({
  when: conditionsSchema,
  is: z.enum(messageKinds),
  /** `error`, `login-refused`: where the feed says why. */
  why: path.optional(),
  /** `end`: a planned one, after which the feed is asked again at the earliest after this. */
  afterSeconds: seconds(0, 3600).optional(),
  /** `end`: everything was said. Without it the feed goes on while nobody listens, and that is missed. */
  whole: z.boolean().default(false),
});

/** A message that is sent when the connection is open, on every reconnect again, each when the one before was answered. */
const stepSchema = z.strictObject({
  /** Waits for this before it is sent: a greeting, a question for a login. */
  after: conditionsSchema.optional(),
  send: message,
  /** What is sent is a credential: a refusal is a refused login. */
  login: z.boolean().default(false),
  /** How the answer looks; left out: none is waited for. */
  expect: conditionsSchema.optional(),
  /** How a refusal looks. */
  refused: conditionsSchema.optional(),
  withinSeconds: seconds(1, 60).default(10),
});

export type OpenStep = z.output<typeof stepSchema>;

/** Messages on open that there may be. */
export const mostSteps = 20;

const talkSchema = z.strictObject({
  open: z.array(stepSchema).max(mostSteps).default([]),
  /** Sent again and again while the connection is open. */
  every: z
    .array(z.strictObject({ seconds: seconds(1, 3600), send: message }))
    .max(5)
    .default([]),
  /** Sent when such a message comes: a ping of the feed's own. */
  answers: z
    .array(z.strictObject({ when: conditionsSchema, send: message }))
    .max(10)
    .default([]),
});

const tokenText = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, { message: 'One word, without spaces.' });

const askSchema = z.strictObject({
  /** What a poll asks for in `Accept`, where the server gives a feed only to who asks so; left out: JSON, then anything. */
  accept: z
    .string()
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, { message: 'One line of plain characters.' })
    .optional(),
  subprotocols: z.array(tokenText).max(10).default([]),
  /** An answer that ends on purpose is all there is: it is not asked for again by itself. */
  once: z.boolean().optional(),
  /** Sent as a POST with this body where the feed wants one. */
  post: z
    .strictObject({
      body: message,
      contentType: z.string().max(200).default('application/json'),
      /** Each answer may be billed: one that ends on purpose is not asked again by itself. */
      billed: z.boolean().default(false),
    })
    .optional(),
});

/** How a feed goes on behind the last message. */
const resumeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** SSE's own. */
  z.strictObject({ kind: z.literal('last-event-id') }),
  z.strictObject({ kind: z.literal('header'), name: tokenText, cursor: path.optional() }),
  /** `cursor`: where each message or answer says where to go on; the event's id where left out. */
  z.strictObject({ kind: z.literal('query'), name: word, cursor: path.optional() }),
  /** An opening message with `{{cursor}}` in it carries it; `first`: what it carries before there is one. */
  z.strictObject({ kind: z.literal('message'), cursor: path.optional(), first: z.string().max(200).default('') }),
]);

const closeSchema = z.strictObject({
  from: z.number().int().min(1000).max(4999),
  to: z.number().int().min(1000).max(4999),
  means: z.enum(['stop', 'again', 'planned', 'login-refused']),
  afterSeconds: seconds(0, 3600).optional(),
  text: sentence.optional(),
});

/** A number that is charted. */
const valueSchema = z.strictObject({
  /** In the event's body. A number inside text counts. */
  path,
  /** As it is called; its path where left out. */
  name: word.optional(),
  unit: z.string().trim().max(20).optional(),
  /** A counter is charted as its rate per second; one that falls has begun again. */
  kind: z.enum(['gauge', 'counter']).default('gauge'),
});

/** One series for each value that stands there, the greatest first. With stars, the item that the value is of. */
const labelSchema = z.strictObject({ path, name: word });

const listSchema = z.strictObject({
  /** What tells one thing of the list from another: its fingerprint. */
  identity: z.array(path).min(1).max(5),
  /** What is no longer in the list has ended, and is told so. */
  endsWhenGone: z.boolean().default(false),
  /** Members that change without meaning anything. */
  ignore: z.array(path).max(20).default([]),
});

export const recipeSchema = z.strictObject({
  wirewatch: z.literal('recipe/1').default('recipe/1'),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { message: 'Small letters, digits and dashes.' }),
  title: word,
  about: z.string().trim().max(1000).default(''),
  variables: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9_]{0,29}$/i),
        title: word,
        /** What it says, unless it is a secret: then the place of one. Empty: to be entered. */
        value: z.string().max(2000).default(''),
        secret: z.boolean().default(false),
      }),
    )
    .max(20)
    .default([]),
  /** What a protocol in code is told and asked for; the source's protocol is the one that it names. */
  speak: speakSchema.optional(),
  read: readSchema.prefault({}),
  classes: z.array(classSchema).max(40).default([]),
  talk: talkSchema.prefault({}),
  ask: askSchema.prefault({}),
  resume: resumeSchema.optional(),
  /** Of the same origin: what is there now, as one message or a list. A path with query. */
  snapshot: z.string().max(2000).startsWith('/').optional(),
  closes: z.array(closeSchema).max(40).default([]),
  /** The feed ends a connection on purpose at about this age. */
  plannedEndSeconds: seconds(1, 7 * 86_400).optional(),
  /** A sign of life comes at least so often. */
  heartbeatSeconds: seconds(1, 3600).optional(),
  /** An event is expected at least so often, once it was subscribed to. */
  eventSeconds: seconds(0.1, 86_400).optional(),
  /** Messages and pings a connection may send a second, when the feed takes fewer than the source's setting. */
  sendsPerSecond: seconds(0.1, 1000).optional(),
  values: z.array(valueSchema).max(60).default([]),
  labels: z.array(labelSchema).max(5).default([]),
  list: listSchema.optional(),
  /** What it can promise, in one sentence; composed from the rest where left out. */
  promise: sentence.optional(),
});

export type Recipe = z.output<typeof recipeSchema>;

/** Names of the secrets that a recipe's texts have places for. */
export function secretsOfRecipe(recipe: Recipe): readonly string[] {
  return secretsIn(JSON.stringify(recipe));
}
