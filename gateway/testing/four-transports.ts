import { type Answer, ask, type Json, openSse, openWebSocket } from './independent-client';

/** A client on any transport, seen the same way; for suites that hold for all four. */
export interface Follow {
  /** The hello, or the poll answer that stands for it. */
  readonly hello: Json;
  readonly cannotResume: Json | null;
  events(): Json[];
  seqs(): number[];
  /** Waits until the event with this number is there. */
  untilSeq(seq: number): Promise<void>;
  untilGoodbye(): Promise<Json>;
  close(): Promise<void>;
}

export const transports = ['websocket', 'sse', 'long-poll', 'poll'] as const;
export type Transport = (typeof transports)[number];

export interface FollowOptions {
  readonly after?: string;
  readonly last?: number;
  readonly headers?: Record<string, string>;
}

/** Attaches and keeps reading. */
export async function follow(
  transport: Transport,
  streamUrl: string,
  { after, last, headers = {} }: FollowOptions = {},
): Promise<Follow> {
  const query = new URLSearchParams();
  if (after !== undefined) query.set('after', after);
  if (last !== undefined) query.set('last', String(last));
  switch (transport) {
    case 'websocket':
    case 'sse': {
      const open = transport === 'sse' ? openSse : openWebSocket;
      const listening = await open(streamUrl, `?${query}`, headers);
      const hello = await listening.until(({ kind }) => kind === 'hello');
      const first = listening.received[0]?.message;
      return {
        hello,
        cannotResume: first?.kind === 'cannot-resume' ? first : null,
        events: listening.events,
        seqs: listening.seqs,
        untilSeq: async (seq) => {
          await listening.until((message) => message.kind === 'event' && message.seq === seq);
        },
        untilGoodbye: () => listening.until(({ kind }) => kind === 'goodbye'),
        async close() {
          listening.close();
          await listening.closed;
        },
      };
    }
    case 'long-poll':
    case 'poll':
      return followPolling(streamUrl, query, transport === 'poll' ? 0 : 20, headers);
  }
}

async function followPolling(
  streamUrl: string,
  query: URLSearchParams,
  wait: number,
  headers: Record<string, string>,
): Promise<Follow> {
  const events: Json[] = [];
  let goodbye: Json | null = null;
  let stopped = false;
  let abort: (() => void) | null = null;
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  const poll = (parameters: URLSearchParams): Promise<Answer> =>
    ask(`${streamUrl}/poll?${parameters}`, {
      headers,
      onRequest: (outgoing) => {
        abort = () => outgoing.destroy();
      },
    });

  function take(answer: Json): string {
    const got = answer.events as Json[];
    events.push(...got);
    if (answer.goodbye !== undefined) goodbye = answer.goodbye as Json;
    const newest = got.at(-1);
    return newest === undefined ? `${answer.epoch}:${answer.from}` : `${newest.epoch}:${newest.seq}`;
  }

  const first = await poll(query);
  if (first.status !== 200) throw new Error(`The poll was refused with ${first.status}: ${first.text}`);
  let cursor = take(first.json);
  const looping = (async () => {
    while (!stopped && goodbye === null) {
      const answer = await poll(new URLSearchParams({ after: cursor, wait: String(wait) })).catch(() => null);
      if (answer?.status === 200) cursor = take(answer.json);
      if (answer?.json.more !== true && wait === 0) await sleep(20);
    }
  })();

  async function until(done: () => boolean): Promise<void> {
    const deadline = performance.now() + 3_000;
    while (!done()) {
      if (performance.now() > deadline) throw new Error(`Not within 3 s; got ${JSON.stringify(events.slice(-3))}`);
      await sleep(5);
    }
  }

  return {
    hello: first.json,
    cannotResume: (first.json.cannotResume as Json | undefined) ?? null,
    events: () => events,
    seqs: () => events.map(({ seq }) => Number(seq)),
    untilSeq: (seq) => until(() => events.some((event) => event.seq === seq)),
    async untilGoodbye() {
      await until(() => goodbye !== null);
      return goodbye ?? {};
    },
    async close() {
      stopped = true;
      abort?.();
      await looping;
    },
  };
}
