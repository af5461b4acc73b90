import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../shared/source';
import type { Frame } from '../core/frame';
import type { DecodedEvent, Decoder } from '../core/protocol';
import { ReorderWindow, WindowBudget } from '../delivery/reorder-window';
import { event } from '../delivery/testing/harness';
import { FrameRing } from '../frames/frame-ring';
import { gatewayProtocol } from '../protocols/gateway';
import { nchanProtocol } from '../protocols/nchan';
import { createRecipeProtocol } from '../protocols/recipe/recipe-protocol';
import { createEventStreamTap } from '../transports/event-stream-tap';
import { createLatestState } from './latest';

const million = 1_000_000;
const messages = 60;
/** V8 itself keeps a text or two of the last ones looked at, and other tests leave their own. */
const most = (messages * million) / 2;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes of memory that are held by what `make` returns. */
function heldBy(make: () => unknown): number {
  const memory = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = memory();
  const held = make();
  const bytes = memory() - before;
  // Held until here.
  expect(held).toBeDefined();
  return bytes;
}

/** As bytes become text when they are received. */
const received = (text: string): string => Buffer.from(text).toString();

function frameOf(text: string): Frame {
  const data = received(text);
  return { data, bytes: data.length, receivedAt: 1, event: null, id: null, headers: [] };
}

const events = (decoder: Decoder, text: string): readonly DecodedEvent[] =>
  decoder
    .decode(frameOf(text))
    .flatMap((message) => (message.kind === 'event' ? [message.event] : message.kind === 'page' ? message.events : []));

const rung = (transport: 'websocket' | 'poll'): RungConfig => ({
  transport,
  url: transport === 'websocket' ? 'ws://h/v1/metrics/ws' : 'http://h/v1/metrics/poll',
  intervalSeconds: 5,
});

const name = (n: number): string => `a-name-of-some-length-${n}`;
const padding = 'x'.repeat(million);

/** What a feed may send: much, of which little is the event. */
const feeds: readonly (readonly [string, (n: number) => readonly DecodedEvent[]])[] = [
  [
    'a gateway’s event, padded behind its data',
    (n) =>
      events(
        gatewayProtocol.createDecoder(rung('websocket'), null),
        `{"kind":"event","stream":"${name(n)}","epoch":"${name(n)}","seq":1,"time":1,"type":"${name(n)}","data":"${name(n)}","junk":"${padding}"}`,
      ),
  ],
  [
    'a gateway’s event in another order, padded before it',
    (n) =>
      events(
        gatewayProtocol.createDecoder(rung('websocket'), null),
        `{"junk":"${padding}","kind":"event","stream":"${name(n)}","epoch":"e","seq":1,"type":"${name(n)}","data":{"a":"${name(n)}"},"id":"i"}`,
      ),
  ],
  [
    'an event of a large poll answer',
    (n) =>
      events(
        gatewayProtocol.createDecoder(rung('poll'), null),
        `{"kind":"answer","stream":"s","epoch":"e","from":0,"head":1,"events":[{"kind":"event","stream":"${name(n)}","epoch":"${name(n)}","seq":1,"time":1,"type":"${name(n)}","data":"${name(n)}"},{"kind":"event","stream":"s","epoch":"e","seq":1,"time":1,"type":"t","data":"${padding}"}]}`,
      ).slice(0, 1),
  ],
  [
    'one of a large list',
    (n) =>
      events(
        createRecipeProtocol(null, [rung('poll')]).createDecoder(rung('poll'), null),
        `[{"type":"${name(n)}","x":"${name(n)}"},{"x":"${padding}"}]`,
      ).slice(0, 1),
  ],
  [
    'one of a large batch',
    (n) =>
      events(
        createRecipeProtocol(null, [rung('websocket')]).createDecoder(rung('websocket'), null),
        `[{"type":"${name(n)}","id":${'1'.repeat(30)}${n}},{"x":"${padding}"}]`,
      ).slice(0, 1),
  ],
  [
    'a message of nchan, padded in its head',
    (n) =>
      events(
        nchanProtocol.createDecoder(rung('websocket'), null),
        `id: ${1_000_000_000_000 + n}:0\ncontent-type: ${padding}\n\n{"type":"${name(n)}","a":"${name(n)}"}`,
      ),
  ],
];

describe('what is kept of messages', () => {
  it.each(feeds)('hostile 9: %s holds on to no more than about twice itself', (_, message) => {
    expect(message(7)).toHaveLength(1);
    expect(heldBy(() => Array.from({ length: messages }, (_, n) => message(n)))).toBeLessThan(most);
  });

  it('hostile 9: of a large event whose names are kept, the names alone are', () => {
    const decoder = gatewayProtocol.createDecoder(rung('websocket'), null);
    const streams = new Map<string, string>();
    const held = heldBy(() => {
      for (let n = 0; n < messages; n += 1) {
        const text = `{"kind":"event","stream":"${name(n)}","epoch":"${name(n)}","seq":1,"time":1,"type":"${name(n)}","data":"${padding}"}`;
        for (const { stream, position, type } of events(decoder, text)) {
          streams.set(stream, type);
          streams.set(position?.epoch ?? '', type);
        }
      }
      return streams;
    });
    expect(streams.size).toBe(messages);
    expect(held).toBeLessThan(most);
  });

  it('hostile 9: the state of one type, and what waits for its turn, hold on to nothing that came with them', () => {
    const cut = (n: number) => received(`{"a":"${name(n)}"}${padding}`).slice(0, 30);
    const binary = (n: number) => new Uint8Array(million).subarray(n, n + 20);
    const body = (n: number) => (n % 2 === 0 ? cut(n) : binary(n));
    const state = createLatestState();
    const window = new ReorderWindow(new WindowBudget(1_000, million));
    const held = heldBy(() => {
      for (let n = 1; n <= messages; n += 1) {
        const one = { ...event(n, { type: `t${n}` }), id: received(`${name(n)}${padding}`).slice(0, 20), late: false };
        state.apply([{ ...one, body: body(n) }]);
        state.merge('s', 'a', [{ ...one, type: `u${n}`, body: body(n) }]);
        window.put(n, { ...one, body: body(n) });
      }
      return [state, window];
    });
    expect(state.entries('s')).toHaveLength(2 * messages);
    expect(window.size).toBe(messages);
    expect(held).toBeLessThan(most);
  });

  it('hostile 9: an id of its own per event counts by its length where events wait and where frames are kept', () => {
    const budget = new WindowBudget(1_000, 10_000);
    const window = new ReorderWindow(budget);
    for (let n = 1; n <= 50; n += 1) window.put(n, { ...event(n), id: 'i'.repeat(1_000), bytes: 1 });
    expect(window.size).toBeLessThan(10);
    const ring = new FrameRing({ frames: 1_000, bytes: 10_000 });
    for (let n = 1; n <= 50; n += 1) ring.add({ ...frameOf('x'), id: 'i'.repeat(500), event: 'e'.repeat(500) });
    expect(ring.newest(1_000).length).toBeLessThan(11);
    expect(ring.newest(1_000).length + ring.evicted).toBe(50);
  });

  it('hostile 9: an id without measure goes with its event as its beginning, and is still told from another', () => {
    const long = (end: string) => `${'i'.repeat(100_000)}${end}`;
    const json = createRecipeProtocol(null, [{ ...rung('websocket'), transport: 'sse' }]).createDecoder(
      rung('websocket'),
      null,
    );
    const ways: readonly ((id: string) => readonly DecodedEvent[])[] = [
      (id) =>
        events(
          gatewayProtocol.createDecoder(rung('websocket'), null),
          `{"kind":"event","stream":"s","epoch":"e","seq":1,"time":1,"type":"t","data":1,"id":"${id}"}`,
        ),
      (id) => json.decode({ ...frameOf('{"a":1}'), id }).flatMap((one) => (one.kind === 'event' ? [one.event] : [])),
    ];
    for (const way of ways) {
      const [one, other] = [way(long('1'))[0]?.id ?? '', way(long('2'))[0]?.id ?? ''];
      expect(one.length).toBeGreaterThan(1_000);
      expect(one.length).toBeLessThan(1_100);
      expect(one).not.toBe(other);
      expect(way('i'.repeat(1_200))[0]?.id).toBe('i'.repeat(1_200));
    }
  });

  it('hostile 9: a name of a stream or numbering of any length is none, and one of an event’s kind is cut', () => {
    const decoder = gatewayProtocol.createDecoder(rung('websocket'), null);
    const long = 'n'.repeat(1_001);
    const kinds = (text: string) => decoder.decode(frameOf(text)).map(({ kind }) => kind);
    const message = (stream: string, epoch: string, type: string) =>
      `{"seq":1,"kind":"event","stream":"${stream}","epoch":"${epoch}","type":"${type}","data":1}`;
    expect(kinds(message('s', 'e', 't'))).toEqual(['event']);
    for (const [stream, epoch, type] of [
      [long, 'e', 't'],
      ['s', long, 't'],
      ['s', 'e', long],
    ] as const) {
      expect(kinds(message(stream, epoch, type))).toEqual(['undecodable']);
    }
    for (const kind of ['hello', 'cannot-resume']) {
      const rest = `"from":1,"cause":"retention"`;
      expect(kinds(`{"kind":"${kind}","stream":"s","epoch":"${long}",${rest}}`)).toEqual(['undecodable']);
      expect(kinds(`{"kind":"${kind}","stream":"${long}","epoch":"e",${rest}}`)).toEqual(['undecodable']);
    }
    const told: (string | null)[] = [];
    const tap = createEventStreamTap(million, {
      onBlock: (type) => told.push(type),
      onId() {},
      onComment() {},
      onRetry() {},
      onSkipping() {},
      onSkipped() {},
      onTooLarge() {},
    });
    tap.feed(Buffer.from(`event: ${long}\ndata: 1\n\n`));
    expect(told).toEqual(['n'.repeat(1_000)]);
  });
});
