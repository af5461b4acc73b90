import type { Recipe } from '../../../../shared/recipe';
import { isPlaceOfSecret } from '../../../../shared/secret-places';
import { type Speak, speakSchema } from '../../../../shared/speak';

/** How one thing that a protocol is told is entered. */
export type SpeakInput =
  /** One text. */
  | { readonly kind: 'text'; readonly placeholder?: string }
  /** Kept with the secrets once it is entered. */
  | { readonly kind: 'secret' }
  /** Text of several lines: JSON, a query. */
  | { readonly kind: 'long'; readonly placeholder?: string }
  /** One a line. */
  | { readonly kind: 'lines'; readonly placeholder?: string }
  | { readonly kind: 'choice'; readonly choices: readonly (readonly [string, string])[] }
  | { readonly kind: 'flag' };

export interface SpeakField {
  /** Its member of `speak`. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly input: SpeakInput;
}

const json = (placeholder: string): SpeakInput => ({ kind: 'long', placeholder });

/** What is asked of a person, most wanted first. */
export const speakFields: Readonly<Record<Speak['protocol'], readonly SpeakField[]>> = {
  mqtt: [
    {
      name: 'topics',
      label: 'Topics',
      hint: 'One a line. + stands for one level, # for all below.',
      input: { kind: 'lines', placeholder: '#' },
    },
    { name: 'user', label: 'User', input: { kind: 'text' } },
    { name: 'password', label: 'Password', input: { kind: 'secret' } },
    {
      name: 'qos',
      label: 'Quality',
      input: {
        kind: 'choice',
        choices: [
          ['0', 'At most once (0)'],
          ['1', 'At least once (1)'],
          ['2', 'Exactly once (2)'],
        ],
      },
    },
    {
      name: 'version',
      label: 'Version',
      input: {
        kind: 'choice',
        choices: [
          ['auto', 'The newest that the broker takes'],
          ['5', '5'],
          ['3.1.1', '3.1.1'],
        ],
      },
    },
    {
      name: 'keepSession',
      label: 'The broker keeps what was missed while away',
      input: { kind: 'flag' },
    },
    { name: 'clientId', label: 'Client id', input: { kind: 'text', placeholder: "The source's own" } },
  ],
  'socket-io': [
    { name: 'namespace', label: 'Namespace', input: { kind: 'text', placeholder: '/' } },
    {
      name: 'emit',
      label: 'Sent once connected',
      hint: 'One a line, as in ["join","room-1"].',
      input: { kind: 'lines', placeholder: '["join","room-1"]' },
    },
    { name: 'auth', label: 'Login (JSON)', hint: 'Its secrets are kept apart.', input: json('{"token":"…"}') },
  ],
  pusher: [
    {
      name: 'channels',
      label: 'Channels',
      hint: 'One a line. Private channels need a signature of your own server, and cannot be watched.',
      input: { kind: 'lines', placeholder: 'orders' },
    },
  ],
  'graphql-ws': [
    { name: 'query', label: 'Subscription', input: json('subscription { priceChanged { symbol price } }') },
    { name: 'variables', label: 'Variables (JSON)', input: json('{}') },
    { name: 'operationName', label: 'Operation', input: { kind: 'text', placeholder: 'The only one' } },
    {
      name: 'payload',
      label: 'Login (JSON, connection_init)',
      hint: 'Its secrets are kept apart.',
      input: json('{"authorization":"Bearer …"}'),
    },
  ],
  signalr: [
    {
      name: 'invoke',
      label: 'Called once connected',
      hint: 'One a line: the method, then its arguments as a JSON list; stream before it where each item is an event.',
      input: { kind: 'lines', placeholder: 'Join ["room-1"]' },
    },
  ],
  phoenix: [
    {
      name: 'topics',
      label: 'Topics',
      hint: 'One a line: the topic, then what it is joined with as JSON.',
      input: { kind: 'lines', placeholder: 'room:lobby {}' },
    },
  ],
  stomp: [
    {
      name: 'destinations',
      label: 'Destinations',
      hint: 'One a line. A queue gives each message to one reader: what is seen here is taken from the others.',
      input: { kind: 'lines', placeholder: '/topic/orders' },
    },
    { name: 'login', label: 'User', input: { kind: 'text' } },
    { name: 'passcode', label: 'Password', input: { kind: 'secret' } },
    { name: 'host', label: 'Virtual host', input: { kind: 'text', placeholder: 'The broker’s own' } },
  ],
};

/** What is said where nothing was entered. */
export function emptySpeak(protocol: Speak['protocol']): Speak {
  return speakSchema.parse({ protocol });
}

/** A member as it is entered: lists one a line. A secret that is kept is not shown. */
export function speakText(speak: Speak, { name, input }: SpeakField): string {
  const value: unknown = Reflect.get(speak, name);
  if (Array.isArray(value)) return value.map(lineOf).join('\n');
  const text = String(value ?? '');
  return input.kind === 'secret' && isPlaceOfSecret(text) ? '' : text;
}

/** A secret is kept for it already. */
export function isKept(speak: Speak, { name, input }: SpeakField): boolean {
  return input.kind === 'secret' && isPlaceOfSecret(String(Reflect.get(speak, name) ?? ''));
}

/** With one member as it was typed; what is wrong with it, in a sentence, where it cannot be. */
export function withTyped(
  speak: Speak,
  { name, label, input }: SpeakField,
  typed: string | boolean,
): { readonly ok: true; readonly speak: Speak } | { readonly ok: false; readonly message: string } {
  const value = typeof typed === 'boolean' ? typed : memberOf(speak, name, input, typed);
  const read = speakSchema.safeParse({ ...speak, [name]: value });
  if (read.success) return { ok: true, speak: read.data };
  return { ok: false, message: `${label}: ${read.error.issues[0]?.message ?? 'not understood'}` };
}

function memberOf(speak: Speak, name: string, input: SpeakInput, typed: string): unknown {
  if (input.kind === 'lines') {
    const lines = typed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    if (lines.length === 0) return undefined;
    return lines.map((line) => itemOf(speak.protocol, line));
  }
  if (speak.protocol === 'mqtt' && name === 'qos') return Number(typed);
  return typed === '' ? undefined : typed;
}

/** Lines of a name and JSON behind it; of all others the line is the item. */
function itemOf(protocol: Speak['protocol'], line: string): unknown {
  const [, first = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
  switch (protocol) {
    case 'signalr': {
      const streams = /^stream\s+(?=\S)/.exec(line);
      const [, target = '', called = ''] = /^(\S+)\s*(.*)$/s.exec(streams ? line.slice(streams[0].length) : line) ?? [];
      return { target, arguments: called, stream: streams !== null };
    }
    case 'phoenix':
      return { topic: first, payload: rest };
    case 'mqtt':
    case 'socket-io':
    case 'pusher':
    case 'graphql-ws':
    case 'stomp':
      return line;
  }
}

function lineOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const said = item as Readonly<Record<string, unknown>>;
  const words = [said.stream === true ? 'stream' : '', said.target ?? said.topic, said.arguments ?? said.payload];
  return words.filter((word) => word !== '' && word !== undefined).join(' ');
}

/** A recipe as it goes to a source of this protocol: what another one was told is left out. */
export function speakingOnly(recipe: Recipe | null, protocol: string): Recipe | null {
  if (recipe?.speak === undefined || protocol === 'auto' || recipe.speak.protocol === protocol) return recipe;
  const { speak: _other, ...rest } = recipe;
  return rest;
}
