import type { PublishedEvent } from './fake-gateway-log';

/** Kinds of docs/protocol.md, *Errors*, with which a message can be refused: the first three mean *later*. */
export type Refusal = 'rate' | 'closing' | 'internal' | 'bad-event';

const statuses: Record<Refusal, number> = { rate: 429, closing: 503, internal: 500, 'bad-event': 400 };

/** What clients sent, and what became of it. A key is taken once. */
export interface GatewayInbox {
  overSocket(stream: string, text: string, refusal: Refusal | null): string;
  overPost(stream: string, body: string, refusal: Refusal | null): { readonly status: number; readonly text: string };
  /** In the order they were taken, with the epoch whose memory of keys they went into. */
  taken(): readonly { readonly body: string; readonly epoch: string }[];
  /** Keys are forgotten with the epoch. */
  forget(): void;
}

interface Sent {
  readonly key: string;
  readonly type: string;
}

export function createGatewayInbox(
  publish: (stream: string, type: string, data: string) => PublishedEvent,
): GatewayInbox {
  const taken: { readonly body: string; readonly epoch: string }[] = [];
  let keys = new Map<string, PublishedEvent>();

  function take(stream: string, text: string): Record<string, unknown> {
    const { key, type } = JSON.parse(text) as Sent;
    const data = text.slice(text.indexOf(',"data":') + 8, -1);
    const before = keys.get(key);
    const event = before ?? publish(stream, type, data);
    if (!before) {
      keys.set(key, event);
      taken.push({ body: data, epoch: event.epoch });
    }
    return { kind: 'published', stream, epoch: event.epoch, seq: event.seq, repeated: before !== undefined };
  }

  return {
    overSocket(stream, text, refusal) {
      const { ref } = JSON.parse(text) as { ref: string };
      if (refusal) return JSON.stringify({ kind: 'refused', ref, error: refusal, message: `refused: ${refusal}` });
      return JSON.stringify({ ...take(stream, text), ref });
    },
    overPost(stream, body, refusal) {
      if (refusal)
        return { status: statuses[refusal], text: JSON.stringify({ error: { kind: refusal, message: refusal } }) };
      return { status: 201, text: JSON.stringify(take(stream, body)) };
    },
    taken: () => taken,
    forget() {
      keys = new Map();
    },
  };
}
