import type { RungConfig } from '../../../shared/source';
import type { Frame } from '../core/frame';
import type { DecodedEvent, Message, Protocol } from '../core/protocol';
import type { TransportEnd } from '../core/transport';
import { parseJson } from '../protocols/json-scan';
import { refusedLogin } from '../protocols/login-answer';

/** So many messages at the beginning may be a greeting and the answer to a login. */
const firstWords = 3;
/** Code of a close that only says that the server restarts (RFC 6455 registry). */
const restarting = 1012;

/** What a session's first messages tell of who speaks, beside what they mean. */
export class FirstWords {
  private said = 0;
  /** What the last one said against our login. */
  private refusal: string | null = null;

  constructor(private readonly rung: RungConfig) {}

  /** Among the first messages of a WebSocket may be the answer to our login. */
  hear(event: DecodedEvent): void {
    if (this.said >= firstWords) return;
    this.said += 1;
    this.refusal = this.rung.transport === 'websocket' ? refusedLogin(event) : null;
  }

  /** A feed that refuses a login in a message of its own, and closes, has refused it as surely as with a 401. */
  read(end: TransportEnd): TransportEnd {
    const gone =
      (end.kind === 'closed' && end.code !== restarting) || (end.kind === 'failed' && end.failure.phase === 'body');
    return this.refusal !== null && gone ? { kind: 'login-refused', message: this.refusal } : end;
  }
}

/**
 * An address is a hint: what it says of our gateway is confirmed by a message that only our gateway sends. `null` where it
 * is, or where nothing needs to be confirmed; else how the session ends. JSON of another kind is another feed; what is no
 * JSON, or is a broken message of ours, may be an accident on the way.
 */
export function strangerIn(protocol: Protocol, messages: readonly Message[], frame: Frame): TransportEnd | null {
  if (protocol.name !== 'gateway') return null;
  if (messages.some(({ kind }) => kind !== 'undecodable' && kind !== 'control')) return null;
  const text = typeof frame.data === 'string' ? frame.data : '';
  const found = text === '' ? 'it is empty, or no text' : `its first message is ${text.slice(0, 120)}`;
  const value = parseJson(text);
  const foreign = value.ok && typeof value.value === 'object' && !ours.test(text);
  return { kind: foreign ? 'not-our-gateway' : 'garbled', found };
}

/** How messages of our gateway begin that can come first. */
const ours = /^\{"kind":"(hello|event|answer|heartbeat|goodbye|cannot-resume)"/;
