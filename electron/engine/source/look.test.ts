import { describe, expect, it } from 'vitest';
import { createGovernor } from '../connection/governor';
import type { Transport, TransportSink } from '../core/transport';
import type { NewestPlace } from '../delivery/resume-proof';
import { createRecipeProtocol } from '../protocols/recipe/recipe-protocol';
import { createFakeClock } from '../simulation/fake-clock';
import { createLooks } from './look';

const rung = { transport: 'sse', url: 'http://feed.example/events', intervalSeconds: 5 } as const;
const origin = 'http://feed.example';

/** A look over a transport that a test plays the server of. */
function bench() {
  const clock = createFakeClock();
  const governor = createGovernor(clock, { maxInFlight: 2, maxPerSecond: 3 });
  const asked: (string | null)[] = [];
  const sinks: TransportSink[] = [];
  let destroyed = 0;
  const transport: Transport = {
    kind: 'sse',
    open(attach, _options, sink) {
      asked.push(attach().lastEventId);
      sinks.push(sink);
      return {
        bytesRead: () => 0,
        bytesQueued: () => 0,
        ping: () => false,
        send: () => false,
        askNow() {},
        pause() {},
        resume() {},
        close() {},
        destroy() {
          destroyed += 1;
        },
      };
    },
  };
  const looks = createLooks({
    id: 's',
    governor,
    clock,
    protocol: createRecipeProtocol(null, [rung]),
    transports: { sse: transport, websocket: transport, poll: transport, tcp: transport, 'long-poll': transport },
    maxFrameBytes: 1_000,
    holdMs: 0,
    originOf: () => origin,
  });
  const found: (NewestPlace | null)[] = [];
  const last = (): TransportSink => {
    const sink = sinks.at(-1);
    if (!sink) throw new Error('Nothing was opened.');
    return sink;
  };
  return {
    clock,
    governor,
    asked,
    found,
    looks,
    last,
    destroyed: () => destroyed,
    look: () => looks.look(1, rung, (newest) => found.push(newest)),
    open: () =>
      last().onOpen({
        head: { status: 200, headers: [] },
        timings: { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null },
        roundTripMs: null,
      }),
    say: (id: string) =>
      last().onFrame({ data: `{"n":"${id}"}`, bytes: 9, receivedAt: 0, event: null, id, headers: [] }),
  };
}

describe('the look at the newest place', () => {
  it('promise 9: asks without the cursor, and finds the greatest id of what comes in one go', () => {
    const it_ = bench();
    it_.look();
    it_.open();
    for (const id of ['34', '36', '35']) it_.say(id);
    it_.clock.advance(999);
    expect(it_.found).toEqual([]);
    it_.clock.advance(1);
    expect(it_.found).toEqual([{ place: '36', position: null }]);
    expect(it_.asked).toEqual([null]);
    expect(it_.destroyed()).toBe(1);
    expect(it_.clock.pending()).toBe(0);
  });

  it('promise 9: ends after 5 s, with its session, and after more than can be waited for', () => {
    const silent = bench();
    silent.look();
    silent.open();
    silent.clock.advance(5_000);
    expect(silent.found).toEqual([null]);
    const left = bench();
    left.look();
    left.looks.end(1);
    left.clock.advance(10_000);
    expect(left.found).toEqual([]);
    const flood = bench();
    flood.look();
    flood.open();
    for (let n = 1; n <= 2_001; n += 1) flood.say(String(n));
    expect(flood.found).toEqual([null]);
    const ended = bench();
    ended.look();
    ended.say('7');
    ended.last().onEnd({ kind: 'ended', whole: true });
    expect(ended.found).toEqual([{ place: '7', position: null }]);
    for (const it_ of [silent, left, flood, ended]) {
      expect(it_.destroyed()).toBe(1);
      expect(it_.clock.pending()).toBe(0);
      expect(it_.governor.size()).toEqual({ inFlight: 0, waiting: 0 });
    }
  });

  it("promise 6: takes its turn: in the source's own pace and in the budget of its origin", () => {
    const it_ = bench();
    it_.governor.begin('s');
    it_.look();
    expect(it_.asked).toHaveLength(0);
    it_.clock.advance(300);
    expect(it_.asked).toHaveLength(1);
    expect(it_.governor.size().inFlight).toBe(1);
    it_.open();
    expect(it_.governor.size().inFlight).toBe(0);
    // Others have all places: it waits, however long, and its own time begins with its turn.
    const full = bench();
    const others = ['a', 'b'].map((owner) => full.governor.request(origin, owner, 60_000, () => {}));
    full.look();
    full.clock.advance(20_000);
    expect(full.asked).toHaveLength(0);
    expect(full.found).toEqual([]);
    for (const other of others) other.release();
    expect(full.asked).toHaveLength(1);
    full.looks.close();
    expect(full.governor.size()).toEqual({ inFlight: 0, waiting: 0 });
    // One that is ended in line never asks.
    const gone = bench();
    for (const owner of ['a', 'b']) gone.governor.request(origin, owner, 60_000, () => {});
    gone.look();
    gone.looks.end(1);
    expect(gone.governor.size().waiting).toBe(0);
  });
});
