import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryCheckpoint } from '../core/delivery';
import type { ProtocolFacts } from './contract';
import { attach, event, type Rig, rig, unnumbered, upTo } from './testing/harness';

/** What was delivered and what was told to be missing, in order, over all runs of the client. */
type Told = number | 'gap';

type Move =
  | { readonly do: 'publish'; readonly count: number }
  | { readonly do: 'carry'; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut' | 'connect' | 'crash' }
  /** The server forgets all but the newest few. */
  | { readonly do: 'trim'; readonly keep: number };

const count = fc.integer({ min: 1, max: 9 });
const moves = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: count.map((n): Move => ({ do: 'publish', count: n })) },
    { weight: 5, arbitrary: count.map((n): Move => ({ do: 'carry', count: n })) },
    { weight: 2, arbitrary: fc.constantFrom(100, 20_000).map((ms): Move => ({ do: 'wait', ms })) },
    { weight: 1, arbitrary: fc.nat(6).map((keep): Move => ({ do: 'trim', keep })) },
    {
      weight: 5,
      arbitrary: fc
        .constantFrom<'cut' | 'connect' | 'crash'>('cut', 'connect', 'connect', 'crash')
        .map((what): Move => ({ do: what })),
    },
  ),
  { maxLength: 60, size: 'max' },
);

/** How a kind of feed answers an attach, and what its frames do to the sequencer. */
interface Feed {
  readonly facts: ProtocolFacts;
  /** What the new session is sent at once: numbers of events. */
  connect(client: Rig, session: number, server: Server): readonly number[];
  hear(client: Rig, session: number, seq: number): void;
}

interface Server {
  head: number;
  oldest: number;
  /** Where the client began. */
  began: number;
}

/** One client, one server that sends each of its events in order to whoever is connected, and a journal. */
function play(feed: Feed, story: readonly Move[]): { readonly told: readonly Told[]; readonly head: number } {
  const server: Server = { head: 0, oldest: 1, began: 0 };
  const told: Told[] = [];
  let stored: DeliveryCheckpoint | null = null;
  let client = rig({ facts: feed.facts });
  let taken = 0;
  let flight: number[] = [];
  let session = 0;
  let connected = false;

  function commit(): void {
    for (; taken < client.steps.length; taken++) {
      const step = client.steps[taken];
      if (step?.gaps.some(({ status }) => status === 'lost')) told.push('gap');
      for (const { body } of step?.events ?? []) told.push(Number(body));
    }
    stored = client.checkpoint();
  }

  function cut(): void {
    if (!connected) return;
    connected = false;
    flight = [];
    client.sequencer.sessionEnded(session);
    client.sequencer.flush();
    commit();
  }

  function connect(): void {
    if (connected) return;
    connected = true;
    session++;
    flight = [...feed.connect(client, session, server)];
    client.sequencer.flush();
    commit();
  }

  function carry(much: number): void {
    for (const seq of flight.splice(0, much)) feed.hear(client, session, seq);
    client.sequencer.flush();
    commit();
  }

  function perform(move: Move): void {
    switch (move.do) {
      case 'publish':
        for (let made = 0; made < move.count; made++) {
          server.head++;
          if (connected) flight.push(server.head);
        }
        return;
      case 'carry':
        carry(move.count);
        return;
      case 'wait':
        client.clock.advance(move.ms);
        commit();
        return;
      case 'cut':
        cut();
        return;
      case 'connect':
        connect();
        return;
      case 'trim':
        server.oldest = Math.max(server.oldest, server.head - move.keep + 1);
        return;
      case 'crash':
        // Whatever was under way is gone with the process.
        client.sequencer.close();
        connected = false;
        flight = [];
        client = rig({ facts: feed.facts, restored: stored, clock: client.clock });
        taken = 0;
        return;
    }
  }

  connect();
  for (const move of story) perform(move);
  cut();
  connect();
  perform({ do: 'publish', count: 1 });
  carry(1_000);
  client.sequencer.close();
  expect(client.clock.pending()).toBe(0);
  return { told, head: server.head };
}

/** Each once and in order; where one is missing, a gap stands there. */
function judge({ told, head }: ReturnType<typeof play>): void {
  let last = 0;
  let gap = true;
  for (const each of told) {
    if (each === 'gap') gap = true;
    else {
      expect(each, `${each} after ${last}: ${told.join(' ')}`).toBeGreaterThan(last);
      if (each > last + 1) expect(gap, `a gap before ${each}: ${told.join(' ')}`).toBe(true);
      last = each;
      gap = false;
    }
  }
  expect(last).toBe(head);
}

const bare: Feed = {
  facts: unnumbered,
  connect(client, session) {
    client.sequencer.sessionOpened(session, { polls: false, resumedFrom: null });
    client.sequencer.answered(session, null);
    return [];
  },
  hear: (client, session, seq) => client.sequencer.event(session, event(null, { body: `${seq}` })),
};

const compare = (a: string, b: string): number => Number(a) - Number(b);

/** `replay`: how many it sends again of what was had. A place that it forgot it answers with what it still has, and says so. */
function withIds(replay: number): Feed {
  return {
    facts: { ...unnumbered, resumable: true, comparePlaces: compare },
    connect(client, session, server) {
      const { head, oldest } = server;
      const { token } = client.sequencer.resumePoint();
      client.sequencer.sessionOpened(session, { polls: false, resumedFrom: token });
      if (token === null) server.began = head;
      const after = token === null ? head : Math.max(oldest - 1, server.began, Number(token) - replay);
      const knows = token !== null && Number(token) >= oldest - 1;
      client.sequencer.answered(session, knows || token === null ? null : `${after}`);
      return upTo(head, after + 1);
    },
    hear(client, session, seq) {
      client.sequencer.event(session, event(null, { id: `${seq}`, body: `${seq}` }));
      client.sequencer.token(session, `${seq}`);
    },
  };
}

const pages: Feed = {
  facts: unnumbered,
  connect(client, session, server) {
    client.sequencer.sessionOpened(session, { polls: true, resumedFrom: null });
    client.sequencer.answered(session, null);
    return server.head >= server.oldest ? [server.head] : [];
  },
  // A page of the newest five as of some number: what is older is not in it.
  hear(client, session, seq) {
    const entries = upTo(seq, Math.max(1, seq - 4)).map((n) => event(null, { id: `${n}`, body: `${n}` }));
    client.sequencer.page(session, entries, true);
  },
};

const rising: Feed = {
  facts: { numbering: 'rising', uniqueIds: true, resumable: true },
  connect(client, session, { head, oldest }) {
    const position = client.sequencer.resumePoint().positions.s ?? null;
    client.sequencer.sessionOpened(session, { polls: false, resumedFrom: null });
    const had = position === null ? head : Math.floor(position.seq / 10);
    const from = Math.max(had, oldest - 1);
    if (from > had) {
      client.sequencer.cannotResume(session, {
        stream: 's',
        epoch: 'a',
        cause: 'retention',
        requested: position,
        oldest: (from + 1) * 10,
        head: null,
      });
    }
    attach(client, from * 10, null, session);
    // It sends the last one again, as nchan does.
    return upTo(head, Math.max(1, from === had ? had : from + 1));
  },
  hear: (client, session, seq) => client.sequencer.event(session, event(seq * 10, { body: `${seq}` })),
};

describe('for any order of cuts, crashes and silences: each once and in order, or behind a visible gap', () => {
  const feeds: readonly (readonly [name: string, feed: Feed])[] = [
    ['a push feed with neither numbers nor ids', bare],
    ['SSE with ids', withIds(0)],
    ['SSE with ids that sends a few again', withIds(3)],
    ['a list that is polled', pages],
    ['rising numbers', rising],
  ];
  it.each(feeds)('%s', (_, feed) => {
    fc.assert(
      fc.property(moves, (story) => judge(play(feed, story))),
      { numRuns: 150 },
    );
  });

  it('many streams of one source, whose frames are lost and asked for again', () => {
    const frame = fc.record({ stream: fc.nat(5), lost: fc.boolean() });
    const limits = fc.constantFrom({}, { windowEvents: 4, repairEvents: 2 }, { windowEvents: 9, repairsInFlight: 1 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 80, size: 'max' }), limits, (frames, bounds) => {
        const it_ = rig({ limits: bounds });
        const heads = new Map<string, number>();
        for (const name of upTo(6)) {
          it_.sequencer.attached(1, { stream: `s${name - 1}`, epoch: 'a', from: 0, head: null });
        }
        for (const { stream, lost } of frames) {
          const name = `s${stream}`;
          const seq = (heads.get(name) ?? 0) + 1;
          heads.set(name, seq);
          if (!lost) it_.sequencer.event(1, event(seq, { stream: name }));
        }
        it_.sequencer.flush();
        for (let round = 0; round < 200; round++) {
          for (const [stream, head] of heads) it_.sequencer.heartbeat(1, stream, 'a', head);
          it_.clock.advance(300);
          for (const { ref, stream, after, to } of it_.repairs.splice(0)) {
            for (const seq of upTo(to, after.seq + 1)) it_.sequencer.event(1, event(seq, { stream }));
            it_.sequencer.replayed(1, { ref, stream, epoch: 'a', after: after.seq, to, missing: false, oldest: null });
            it_.sequencer.flush();
          }
        }
        for (const [stream, head] of heads) {
          const got = it_.events().filter((each) => each.stream === stream);
          const inOrder = got.filter(({ late }) => !late).map(({ position }) => position?.seq ?? 0);
          expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
          expect(got.map(({ position }) => position?.seq ?? 0).sort((a, b) => a - b)).toEqual(upTo(head));
        }
        expect(it_.clock.pending()).toBe(0);
        it_.sequencer.close();
      }),
      { numRuns: 60 },
    );
  });
});
