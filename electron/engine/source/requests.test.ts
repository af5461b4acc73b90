import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../shared/source';
import type { HttpPort, HttpSink } from '../core/network';
import { createSequencer } from '../delivery/sequencer';
import { gatewayProtocol } from '../protocols/gateway';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import { createSourceRepairs, type SnapshotFetched } from './requests';

const rung: RungConfig = { transport: 'sse', url: 'http://feed.test/v1/s/sse', intervalSeconds: 5 };

/** Requests that are answered by hand. `at`: the rung in use; `send`: what its socket makes of a message. */
function rig(at: RungConfig = rung, send: (text: string) => boolean = () => false) {
  const clock = createFakeClock({ wall: 0 });
  const open = new Map<string, HttpSink>();
  let asked = 0;
  const http: HttpPort = {
    request({ url }, sink) {
      asked += 1;
      open.set(url, sink);
      return { pause() {}, resume() {}, destroy: () => open.delete(url), bytesRead: () => 0 };
    },
  };
  const nothing = () => undefined;
  const failed: boolean[] = [];
  const sequencer = createSequencer(
    { facts: gatewayProtocol, clock, random: createSeededRandom(1), restored: null },
    {
      onDelivery: nothing,
      onRepair: nothing,
      onRepairEnded: nothing,
      onReattach: nothing,
      onLook: nothing,
      onChanged: nothing,
      onSnapshotWanted: nothing,
      onCaughtUp: nothing,
      onEpochChanged: nothing,
      onDiagnosis: nothing,
    },
  );
  const requests = createSourceRepairs({
    credential: null,
    clock,
    http,
    protocol: { ...gatewayProtocol, snapshotUrl: (_rung, stream) => `http://feed.test/v1/${stream}/snapshot` },
    ladder: [at],
    send,
    currentRung: () => at,
    sequencer: Object.assign(Object.create(sequencer), {
      repairFailed: (_ref: string, again: boolean) => failed.push(again),
    }),
  });
  return { clock, open, requests, asked: () => asked, failed };
}

describe('promise 12: snapshots of many streams', () => {
  it('are fetched a few at a time, each once, and all of them answered', async () => {
    const { clock, open, requests, asked } = rig();
    const answers: SnapshotFetched[] = [];
    for (let n = 0; n < 500; n++) {
      expect(requests.snapshot(`stream-${n}`, (fetched) => answers.push(fetched))).toBe(true);
    }
    // Of one that waits there is one request, however often it is wanted.
    for (let n = 0; n < 100; n++) requests.snapshot('stream-499', (fetched) => answers.push(fetched));
    let most = 0;
    while (open.size > 0) {
      most = Math.max(most, open.size);
      const [sink] = open.values();
      sink?.onError({ phase: 'body', code: 'ECONNRESET', message: 'reset', certificate: null, proxy: null });
    }
    expect(most).toBe(4);
    expect(asked()).toBe(500);
    expect(answers).toHaveLength(600);
    requests.close();
    await clock.advanceAsync(0);
    expect(clock.pending()).toBe(0);
  });

  it('wait in bounds: what is too much is refused at once', () => {
    const { open, requests } = rig();
    const taken = Array.from({ length: 6_000 }, (_, n) => requests.snapshot(`stream-${n}`, () => undefined));
    expect(taken.filter(Boolean)).toHaveLength(1_004);
    expect(open.size).toBe(4);
    requests.close();
    expect(open.size).toBe(0);
  });
});

describe('promise 3: a stream that comes along over the connection of another', () => {
  const socket: RungConfig = { transport: 'websocket', url: 'ws://feed.test/v1/s/ws', intervalSeconds: 5 };
  const repair = (stream: string) => ({ ref: 'r', stream, after: { epoch: 'e', seq: 4 }, to: 9 });

  it('is not asked for in the words for the one that the connection is of, and is given up: there is no way to ask', () => {
    const sent: string[] = [];
    const { requests, failed, asked } = rig(socket, (text) => sent.push(text) > 0);
    requests.repair(repair('beside'));
    expect(sent).toEqual([]);
    expect(asked()).toBe(0);
    expect(failed).toEqual([false]);
    requests.repair(repair('s'));
    expect(sent).toEqual(['{"kind":"replay","after":4,"to":9,"ref":"r"}']);
  });

  it('leaves that one what it has: without an open socket it is asked for by a request', () => {
    const { requests, open } = rig(socket);
    requests.repair(repair('s'));
    expect([...open.keys()]).toEqual(['http://feed.test/v1/s/poll?after=e%3A4&wait=0&limit=5']);
    requests.close();
  });
});
