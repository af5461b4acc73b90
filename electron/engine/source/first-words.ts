import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import type { Clock, MonotonicMs } from '../core/clock';
import type { Frame } from '../core/frame';
import { closeDenies } from '../core/login-words';
import { ownText } from '../core/own-text';
import type { DecodedEvent, Message, Protocol } from '../core/protocol';
import type { TransportEnd } from '../core/transport';
import { parseJson } from '../protocols/json-scan';
import { askedLogin, isBareError, isGreeting, refusedLogin } from '../protocols/login-answer';
import type { OpenSilence } from './open-silence';

/** So many greetings may come before the answer to a login. */
const mostGreetings = 2;
/** A close that refuses a login follows its message within this, ms: later it has another cause. */
const closesWithinMs = 5_000;
/** Code of a close that only says that the server restarts (RFC 6455 registry). */
const restarting = 1012;

/**
 * What a session's first message tells of our login. Feeds report failed logins of others in the same words, so that it
 * counts only where nothing was delivered before it, and where the close follows; and where we sent no message of our own
 * that it could answer, only when it is an error and nothing else.
 */
export class FirstWords {
  private greetings = 0;
  private done: boolean;
  private readonly answers: boolean;
  private letIn = false;
  private openedAt: MonotonicMs | null = null;
  private refusal: { readonly message: string; readonly at: MonotonicMs } | null = null;
  private error: { readonly message: string; readonly at: MonotonicMs } | null = null;

  /**
   * `credentialed`: the source's requests or messages on open carry a credential. `found.loginAsked`: in which words the feed
   * asks for a login, or refuses one, and says nothing else since; null where it does not. `found.error`: of what error it
   * told last. `billed`: see `Protocol`.
   */
  constructor(
    rung: RungConfig,
    private readonly clock: Clock,
    credentialed: boolean,
    private readonly found: { loginAsked: string | null; error: string | null; readonly silence?: OpenSilence },
    private readonly billed = false,
  ) {
    this.done = rung.transport === 'poll' || rung.transport === 'long-poll';
    this.answers = credentialed && rung.transport === 'websocket';
  }

  /** `answers`: it is a part of what is said on open. The first message may be the answer to our login; a greeting or the question for one may come before. */
  hear(event: DecodedEvent, answers = false): void {
    if (!answers) this.found.silence?.heard(event);
    if (this.done) {
      this.letIn = true;
      if (this.found.loginAsked !== null) this.found.loginAsked = askedLogin(event);
      return;
    }
    const message = this.answers || isBareError(event) ? refusedLogin(event) : null;
    this.refusal = message === null ? null : { message, at: this.clock.now() };
    this.found.loginAsked = message ?? askedLogin(event);
    const greeting = isGreeting(event);
    this.letIn = message === null && !greeting;
    this.done = !greeting || this.greetings === mostGreetings;
    this.greetings += 1;
  }

  /** The feed told of an error: where it ends behind it, that is why. */
  failed(message: string): void {
    this.error = { message, at: this.clock.now() };
    this.found.error = message;
  }

  /** The feed let us in. */
  accepted(): void {
    this.done = true;
    this.letIn = true;
    this.refusal = null;
    this.found.loginAsked = null;
  }

  opened(): void {
    this.openedAt = this.clock.now();
  }

  /** Whether the session ended because we were not let in: then it never was one, and nothing was missed since it began. */
  refused(end: TransportEnd): boolean {
    // Nobody answered the question for a login, so that nothing was sent to us.
    if (!this.letIn && !this.answers && this.found.loginAsked !== null && this.openedAt !== null) return true;
    const denied =
      end.kind === 'login-refused' || (end.kind === 'closed' && closeDenies(end.code, end.reason) !== null);
    return denied && !this.letIn && this.openedAt !== null && this.clock.now() - this.openedAt <= 2 * closesWithinMs;
  }

  /** A feed that refuses a login in a message of its own, and closes, has refused it as surely as with a 401. */
  read(end: TransportEnd): TransportEnd {
    if (this.billed && end.kind === 'ended' && end.whole) return { kind: 'complete' };
    const told = this.refusal ?? this.error;
    if (told === null || this.clock.now() - told.at > closesWithinMs) return end;
    const gone =
      (end.kind === 'closed' && end.code !== restarting) ||
      end.kind === 'ended' ||
      (end.kind === 'failed' && end.failure.phase === 'body');
    return gone ? { kind: told === this.refusal ? 'login-refused' : 'feed-error', message: told.message } : end;
  }
}

/**
 * An address is a hint: what it says of our gateway is confirmed by a message that only our gateway sends. `null` where it
 * is, or where nothing needs to be confirmed; else how the session ends. JSON of another kind is another feed; what is no
 * JSON, or is a broken message of ours, may be an accident on the way.
 */
export function strangerIn(
  protocol: Protocol,
  { positions }: ResumePoint,
  messages: readonly Message[],
  frame: Frame,
): TransportEnd | null {
  // What gave out numbers before was our gateway.
  if (protocol.name !== 'gateway' || Object.keys(positions).length > 0) return null;
  if (messages.some(({ kind }) => kind !== 'undecodable' && kind !== 'control')) return null;
  const text = typeof frame.data === 'string' ? frame.data : '';
  const found = text === '' ? 'it is empty, or no text' : `its first message is ${ownText(text.slice(0, 120))}`;
  const value = parseJson(text);
  const foreign = value.ok && typeof value.value === 'object' && !ours.test(text);
  return { kind: foreign ? 'not-our-gateway' : 'garbled', found };
}

/** How a session ends whose answer is no list where the feed has always been one. */
export function noListIn(events: readonly DecodedEvent[]): TransportEnd {
  const body = events[0]?.body ?? '';
  return { kind: 'no-list', found: typeof body === 'string' ? ownText(body.slice(0, 120)) : `${body.length} bytes` };
}

/** How messages of our gateway begin that can come first. */
const ours = /^\{"kind":"(hello|event|answer|heartbeat|goodbye|cannot-resume)"/;
