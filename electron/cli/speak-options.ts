import { isPlaceOfSecret } from '../../shared/secret-places';
import { type Speak, speakSchema } from '../../shared/speak';

/** One thing that a protocol is told, by the name it has in a terminal. */
interface SpeakField {
  readonly name: string;
  /** The member of `shared/speak.ts`. */
  readonly member: string;
  /** What stands for it in the help. */
  readonly value: string;
  /** It is a secret: only its place is taken, since every process sees arguments. */
  readonly secret?: true;
  /** It may be said several times. */
  readonly list?: true;
  read(text: string): unknown;
}

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => (text.trim() === '' ? text : Number(text));
const asBoolean = (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : text);

const text = (name: string, value: string, member = name): SpeakField => ({ name, member, value, read: asText });
const list = (name: string, value: string, member: string, read = asText): SpeakField => ({
  ...{ name, member, value, read },
  list: true,
});
const secret = (name: string): SpeakField => ({ ...text(name, '*secret.NAME*'), secret: true });

/** `Join ["a"]`: a name, and JSON behind it. */
function named(said: string): readonly [string, string] {
  const at = said.trim().search(/\s/);
  return at < 0 ? [said.trim(), ''] : [said.trim().slice(0, at), said.trim().slice(at).trim()];
}

const called = (stream: boolean) => (said: string) => {
  const [target, list] = named(said);
  return { target, arguments: list, stream };
};

const joined = (said: string): unknown => {
  const [topic, payload] = named(said);
  return { topic, payload };
};

type Spoken = Speak['protocol'];

const fields: Readonly<Record<Spoken, readonly SpeakField[]>> = {
  mqtt: [
    list('topic', 'home/#', 'topics'),
    { ...text('qos', '0|1|2'), read: asNumber },
    text('version', 'auto|3.1.1|5'),
    text('user', 'NAME'),
    secret('password'),
    text('client-id', 'ID', 'clientId'),
    { ...text('keep-session', 'true', 'keepSession'), read: asBoolean },
  ],
  'socket-io': [text('namespace', '/admin'), text('auth', 'JSON'), list('emit', '["join","a"]', 'emit')],
  pusher: [list('channel', 'NAME', 'channels')],
  'graphql-ws': [
    text('query', '"subscription { … }"'),
    text('variables', 'JSON'),
    text('operation', 'NAME', 'operationName'),
    text('payload', 'JSON'),
  ],
  signalr: [
    list('invoke', '"Join [\\"a\\"]"', 'invoke', called(false)),
    list('stream', '"Ticks [1]"', 'invoke', called(true)),
  ],
  phoenix: [list('topic', '"room:a {…}"', 'topics', joined)],
  stomp: [
    list('destination', '/topic/a', 'destinations'),
    text('login', 'NAME'),
    secret('passcode'),
    text('host', 'VHOST'),
  ],
};

/** Every protocol that is told something, as it is named by `--kind`. */
export const spokenProtocols = Object.keys(fields).filter(isSpoken);

/** Whether it can be told something. */
export function isSpoken(name: string): name is Spoken {
  return Object.hasOwn(fields, name);
}

/** For the help: a line for each protocol. */
export const speakUsage = spokenProtocols
  .map(
    (name) => `                           ${name}: ${fields[name].map((one) => `${one.name}=${one.value}`).join(' ')}`,
  )
  .join('\n');

/**
 * What was said by `--speak NAME=VALUE` of a protocol, put over `before`, what its recipe says; a sentence about what is wrong
 * otherwise. `sealed` rejects texts with secrets in them.
 */
export function readSpeak(
  protocol: Spoken,
  said: readonly string[],
  before: Speak | undefined,
  sealed: (text: string) => string,
): Speak | { readonly error: string } {
  const told: Record<string, unknown> = before?.protocol === protocol ? { ...before } : { protocol };
  const begun = new Set<string>();
  for (const pair of said) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at));
    const field = fields[protocol].find((one) => one.name === name);
    if (field === undefined) {
      const names = fields[protocol].map((one) => one.name).join(', ');
      const wrong = at < 0 ? `"${pair.slice(0, 40)}" has no name` : `${protocol} takes no "${name.slice(0, 40)}"`;
      return { error: `--speak: ${wrong}. Write NAME=VALUE, with one of ${names}.` };
    }
    const value = pair.slice(at + 1);
    if (field.secret && !isPlaceOfSecret(value)) {
      return {
        error: `--speak ${name}: it is a secret, and every process sees arguments: write ${name}=*secret.NAME*, and --secret-env NAME=VAR.`,
      };
    }
    const taken = field.read(field.secret ? value : sealed(value));
    if (field.list) {
      // What is said in the terminal stands in the place of what the recipe has.
      const first = !begun.has(field.member);
      told[field.member] = [...(first ? [] : (told[field.member] as readonly unknown[])), taken];
    } else if (begun.has(field.member)) {
      return { error: `--speak ${name} is said twice: once is enough.` };
    } else told[field.member] = taken;
    begun.add(field.member);
  }
  const read = speakSchema.safeParse(told);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = fields[protocol].find(({ member }) => member === issue?.path[0]);
  return {
    error: `--speak ${field?.name ?? ''}: ${issue?.message ?? 'not understood'} Write it as ${field?.name}=${field?.value}.`,
  };
}
