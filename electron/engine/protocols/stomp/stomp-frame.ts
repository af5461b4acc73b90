import { ownText } from '../../core/own-text';
import type { PacketLength } from '../../core/packets';

/** One frame of STOMP (https://stomp.github.io/stomp-specification-1.2.html). Of a header that is repeated the first counts. */
export interface StompFrame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | Uint8Array;
}

/** A head without an end is none, bytes; more headers are not read. */
const longestHead = 64 * 1024;
const mostHeaders = 200;

const lf = 0x0a;
const cr = 0x0d;

/** How long the first frame of a stream of bytes is; an end of line between two is a sign of life, and a frame of its own. */
export function stompLength(bytes: Uint8Array): PacketLength {
  const [first] = bytes;
  if (first === lf) return { kind: 'whole', bytes: 1 };
  if (first === cr) return bytes.length < 2 ? { kind: 'more', bytes: 2 } : { kind: 'whole', bytes: 2 };
  if (first === undefined) return { kind: 'more', bytes: null };
  if (first < 0x41 || first > 0x5a) return { kind: 'none', why: 'what begins here is no command of STOMP' };
  const head = headEnd(bytes);
  if (head === null) {
    return bytes.length > longestHead
      ? { kind: 'none', why: 'the head of a frame of STOMP does not end' }
      : { kind: 'more', bytes: null };
  }
  const named = /^content-length:\s*(\d{1,10})\s*$/im.exec(latin1(bytes.subarray(0, head)))?.[1];
  if (named !== undefined) {
    const whole = head + Number(named) + 1;
    if (bytes.length < whole) return { kind: 'more', bytes: whole };
    if (bytes[whole - 1] !== 0) return { kind: 'none', why: 'no NUL stands behind the body of a frame of STOMP' };
    return { kind: 'whole', bytes: whole };
  }
  const end = bytes.indexOf(0, head);
  return end < 0 ? { kind: 'more', bytes: null } : { kind: 'whole', bytes: end + 1 };
}

/** Where the body begins; null where the head has not ended. */
function headEnd(bytes: Uint8Array): number | null {
  for (let at = bytes.indexOf(lf); at >= 0 && at < longestHead; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at + 1] === lf) return at + 2;
    if (bytes[at + 1] === cr && bytes[at + 2] === lf) return at + 3;
  }
  return null;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** The frames of one message. `escapes`: headers have them, as in all versions but 1.0. */
export function readStomp(
  data: string | Uint8Array,
  escapes: boolean,
): { readonly frames: readonly StompFrame[]; readonly why: string | null } {
  const frames: StompFrame[] = [];
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const length = stompLength(rest);
    if (length.kind === 'none') return { frames, why: length.why };
    if (length.kind === 'more') return { frames, why: 'the frame has no end' };
    const whole = rest.subarray(0, length.bytes);
    at += length.bytes;
    const found = frameIn(whole, typeof data === 'string', escapes);
    if (found === null) return { frames, why: 'a header of it has no colon' };
    frames.push(found);
  }
  return { frames, why: null };
}

/** A sign of life has no command. */
function frameIn(whole: Uint8Array, asText: boolean, escapes: boolean): StompFrame | null {
  const head = headEnd(whole);
  if (head === null) return { command: '', headers: new Map(), body: '' };
  const [command = '', ...lines] = utf8(whole.subarray(0, head)).trimEnd().split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const line of lines.slice(0, mostHeaders)) {
    const colon = line.indexOf(':');
    if (colon < 0) return null;
    const escaped = escapes && command !== 'CONNECTED';
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)].map((text) =>
      escaped ? unescaped(text) : text,
    );
    if (name !== undefined && value !== undefined && !headers.has(name)) headers.set(ownText(name), ownText(value));
  }
  const body = whole.subarray(head, whole.length - 1);
  return { command: ownText(command), headers, body: asText ? utf8(body) : body.slice() };
}

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

const escapesOf: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\c': ':', '\\\\': '\\' };

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\[nrc\\]/g, (found) => escapesOf[found] ?? found) : text;
}

/** Values of CONNECT are not escaped: what would end the header is left out. */
export function writeStomp(command: string, headers: readonly (readonly [string, string])[], body = ''): string {
  const lines = headers.map(([name, value]) => `${name}:${command === 'CONNECT' ? plain(value) : escaped(value)}`);
  return `${[command, ...lines].join('\n')}\n\n${body}\u0000`;
}

const plain = (value: string): string => value.replaceAll('\r', '').replaceAll('\n', '').replaceAll('\u0000', '');

function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll(':', '\\c')
    .replaceAll('\u0000', '');
}
