import { describe, expect, it } from 'vitest';
import type { HttpPort, HttpSink } from '../core/network';
import type { TransportEnd } from '../core/transport';
import { createFakeClock } from '../simulation/fake-clock';
import { createPollLoop } from './poll-loop';

const request = { url: 'http://h/list', headers: [], subprotocols: [], lastEventId: null };
const noTimings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };

/** A poll whose answers a test writes itself. */
function poll() {
  const clock = createFakeClock();
  let answer: HttpSink | null = null;
  let asked = 0;
  const http: HttpPort = {
    request(_request, sink) {
      answer = sink;
      asked += 1;
      return { bytesRead: () => 0, pause() {}, resume() {}, destroy() {} };
    },
  };
  const said: string[] = [];
  const ends: TransportEnd[] = [];
  createPollLoop('poll', { http, clock }).open(
    () => request,
    { maxFrameBytes: 1_000_000, pollIntervalMs: 5_000, holdMs: 0 },
    {
      onOpen: () => said.push('open'),
      onFrame: () => said.push('frame'),
      onStream: () => said.push('stream'),
      onFloor() {},
      onAnswer: () => said.push('answer'),
      onHeartbeat() {},
      onEnd: (end) => ends.push(end),
    },
  );
  clock.advance(1);
  return {
    clock,
    said,
    ends,
    asked: () => asked,
    head(length: number | null) {
      const named = length === null ? [] : [['content-length', String(length)] as const];
      answer?.onHead({ status: 200, headers: [['content-type', 'application/json'], ...named] }, noTimings);
    },
    bytes: (text: string) => answer?.onBytes(Buffer.from(text)),
    end: () => answer?.onEnd(),
  };
}

describe('a poll answer that names its length', () => {
  it('promise 14: is one once it has it: until then the rung is not open', () => {
    const it_ = poll();
    it_.head(7);
    it_.bytes('{"n":');
    it_.clock.advance(4_000);
    expect(it_.said).toEqual([]);
    it_.bytes('1}');
    it_.end();
    expect(it_.said).toEqual(['open', 'frame', 'answer']);
    // The next one opens nothing.
    it_.clock.advance(5_000);
    expect(it_.asked()).toBe(2);
    it_.head(7);
    it_.bytes('{"n":2}');
    it_.end();
    expect(it_.said).toEqual(['open', 'frame', 'answer', 'frame', 'answer']);
  });

  it('promise 14: one that comes too slowly ever to have it is none, and never opened the rung', () => {
    const it_ = poll();
    it_.head(900_000);
    for (let second = 0; second < 12; second += 1) {
      it_.bytes(' ');
      it_.clock.advance(500);
    }
    expect(it_.said).toEqual([]);
    expect(it_.ends).toMatchObject([{ kind: 'endless' }]);
    expect(it_.clock.pending()).toBe(0);
  });

  it('promise 14: a slow one that will have it is waited for', () => {
    const it_ = poll();
    it_.head(100_000);
    for (let second = 0; second < 20; second += 1) {
      it_.bytes(' '.repeat(5_000));
      it_.clock.advance(1_000);
    }
    expect(it_.said).toEqual(['open']);
    it_.end();
    expect(it_.said).toEqual(['open', 'frame', 'answer']);
    expect(it_.ends).toEqual([]);
  });

  it('promise 22: one that names more than is taken is told by its head', () => {
    const it_ = poll();
    it_.head(100_000_000);
    expect(it_.ends).toEqual([{ kind: 'too-large', bytes: 100_000_000, limit: 1_000_000 }]);
    expect(it_.said).toEqual([]);
  });

  it('what names none opens the rung with its head', () => {
    const it_ = poll();
    it_.head(null);
    expect(it_.said).toEqual(['open']);
  });
});
