import type { OutboxItem, OutboxView } from '../../../shared/outbox';
import type { RungConfig } from '../../../shared/source';
import { type Clock, deadline } from '../core/clock';
import { type CredentialPort, concealed } from '../core/credential';
import type { HttpHead, HttpPort } from '../core/network';
import type { OutboxStore } from '../core/outbox';
import type { Message, Protocol } from '../core/protocol';
import type { Random } from '../core/random';
import type { Posting, PostOutcome } from '../outbox/contract';
import { createOutbox } from '../outbox/outbox';
import { retryAfterOf } from '../transports/http-answer';
import type { SourceRungs } from './rungs';

export interface SourceOutboxDeps {
  readonly source: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly http: HttpPort;
  readonly credential: CredentialPort | null;
  readonly protocol: Protocol;
  readonly store: OutboxStore | null;
  /** Where messages go; null: wherever the source is. */
  readonly to: string | null;
  readonly rungs: () => SourceRungs;
  onChange(): void;
}

/** What a person sends to a source: over its WebSocket, or by POST while it is on a lower rung. */
export interface SourceOutbox {
  /** Rejects with a sentence when the feed is one-way or the message cannot be taken. */
  send(type: string, body: string): Promise<OutboxItem>;
  again(number: number): Promise<void>;
  dismiss(number: number): Promise<void>;
  view(): OutboxView;
  ready(): void;
  answered(answer: Extract<Message, { readonly kind: 'published' | 'send-refused' }>): void;
  sessionEnded(session: number): void;
  close(): void;
}

/** A POST is given up after this, ms, and asked again with the same key. */
const postTimeoutMs = 15_000;
/** Answers that say nothing of the message itself: it is asked again. */
const notNow: ReadonlySet<number> = new Set([401, 407, 408, 412, 425, 429]);
/** Those of them that whoever took the message never gives. 412: the server began anew, which the feed tells as well. */
const notTaken: ReadonlySet<number> = new Set([401, 407, 412, 425, 429]);

const oneWay: OutboxView = { promise: null, trouble: null, queued: 0, held: 0, unknown: 0, items: [] };

/**
 * What an answer to a POST says of the message. `confirms`: a 2xx body is the server's own word, not that of whoever
 * answers in its place. `wall`: epoch ms, for a `Retry-After` that is a date.
 */
export function outcomeOf(
  head: HttpHead | null,
  text: string,
  confirms: (body: string) => boolean,
  wall: number,
): PostOutcome {
  const status = head?.status ?? 0;
  const good = status >= 200 && status < 300;
  if (good && confirms(text)) return { kind: 'acknowledged', note: `Answered ${status}.` };
  if (good || head === null || status >= 500 || notNow.has(status)) {
    return { kind: 'later', floorMs: (head && retryAfterOf(head, wall)) ?? 0, answered: notTaken.has(status) };
  }
  return { kind: 'refused', note: `Answered ${status}: ${text.slice(0, 300)}` };
}

/** See `SourceOutbox`. */
export function createSourceOutbox(deps: SourceOutboxDeps): SourceOutbox {
  const { protocol, store, clock } = deps;
  const outlet = protocol.outlet ?? null;
  const refusal = async (): Promise<never> => {
    throw new Error(protocol.cannotSend ?? 'This feed is one-way: nothing can be sent to it.');
  };
  if (!outlet || !store) {
    const nothing = () => {};
    return {
      send: refusal,
      again: refusal,
      dismiss: refusal,
      view: () => oneWay,
      ready: nothing,
      answered: nothing,
      sessionEnded: nothing,
      close: nothing,
    };
  }

  function post(rung: RungConfig, item: OutboxItem, epoch: string): Posting | null {
    const request = outlet?.request(rung, item) ?? null;
    if (!outlet || !request) return null;
    let head: HttpHead | null = null;
    let text = '';
    let end: (outcome: PostOutcome) => void = () => {};
    const outcome = new Promise<PostOutcome>((resolve) => {
      end = resolve;
    });
    const cancel = () => {
      timer.cancel();
      exchange.destroy();
    };
    const settle = (outcome: PostOutcome) => {
      cancel();
      end(outcome);
    };
    const timer = deadline(clock, postTimeoutMs, () => settle({ kind: 'later', floorMs: 0 }));
    const headers = [
      ['content-type', 'application/json'],
      ['idempotency-key', item.key],
      ...(outlet.onlyIn?.(epoch) ?? []),
    ] as const;
    const exchange = deps.http.request(
      { method: 'POST', url: request.url, headers, body: request.body },
      {
        onHead(answered) {
          head = answered;
        },
        onBytes(chunk) {
          if (text.length < 500) text += Buffer.from(chunk).toString('utf8');
        },
        onEnd: () => settle(outcomeOf(head, concealed(text, deps.credential), outlet.confirms, clock.wall())),
        onError: () => settle({ kind: 'later', floorMs: 0 }),
      },
    );
    return { outcome, cancel };
  }

  const outbox = createOutbox({
    source: deps.source,
    clock,
    random: deps.random,
    store,
    keys: outlet.keys,
    answers: outlet.answers ?? false,
    to: deps.to,
    promise: outlet.promise,
    link: {
      send: (item) => deps.rungs().send(outlet.spoken?.(item) ?? null, item),
      open: () => deps.rungs().currentRung() !== null,
      place: () => deps.rungs().place(),
      confirm: (session, done) => deps.rungs().confirm(session, done),
      post(item, epoch) {
        const rung = deps.rungs().currentRung();
        return rung && rung.transport !== 'websocket' ? post(rung, item, epoch) : null;
      },
    },
    onChange: deps.onChange,
  });
  const opened = outbox.open();
  opened.catch(() => {});

  return {
    async send(type, body) {
      const problem = outlet.problemOf(body, type);
      if (problem !== null) throw new Error(problem);
      await opened;
      return outbox.add(type, body);
    },
    async again(number) {
      await opened;
      await outbox.again(number);
    },
    async dismiss(number) {
      await opened;
      await outbox.dismiss(number);
    },
    view: () => ({ ...outbox.view(), ...(outlet.form ? { form: outlet.form } : {}) }),
    ready: outbox.ready,
    answered(answer) {
      if (answer.kind === 'published') {
        const at = answer.position ? ` as ${answer.position.epoch}:${answer.position.seq}` : '';
        const repeated = answer.repeated ? ' It had it already.' : '';
        const note = answer.note === undefined ? '' : ` ${concealed(answer.note, deps.credential)}`;
        outbox.acknowledged(answer.ref, `The server has it${at}.${repeated}${note}`);
      } else outbox.refused(answer.ref, concealed(answer.message, deps.credential), answer.laterMs);
    },
    sessionEnded: outbox.sessionEnded,
    close: outbox.close,
  };
}
