import { createServer, connect as dial, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Transition } from '../../../shared/connection';
import { createSystemClock } from '../../node/clock';
import { createSystemRandom } from '../../node/random';
import { createRounds } from '../core/rounds';
import { createConnection } from './connection';
import { createGovernor } from './governor';
import { createRungMemory } from './memory';
import { createPortalWatch } from './portals';
import { createBench, facts } from './testing/bench';
import { defaultTiming } from './timing';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** Two ends of one TCP connection of this machine. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const far = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = dial(address.port, '127.0.0.1');
  const ends = [near, await far] as const;
  closers.push(() => {
    for (const end of ends) end.destroy();
    server.close();
  });
  return ends;
}

describe('a process that was busy', () => {
  it('promise 18: reads what has arrived before it judges a deadline', async () => {
    const [near, far] = await pair();
    const clock = createSystemClock();
    const transitions: Transition[] = [];
    let bytes = 0;
    let block = false;
    let blocked = 0;
    const connection = createConnection(
      {
        id: 's',
        rungs: [facts('websocket')],
        clock,
        random: createSystemRandom(),
        governor: createGovernor(clock),
        memory: createRungMemory(clock),
        portals: createPortalWatch(clock),
        ticks: createRounds(clock, defaultTiming.tickMs),
        host: { network: () => 'home', online: () => true, subscribe: () => () => {} },
        credential: null,
        options: {
          pinned: null,
          paused: false,
          overlap: true,
          heartbeatMs: null,
          timing: { pingMs: 60, pongMs: 80 },
        },
        opener: {
          open(_rung, _purpose, sink) {
            near.on('data', (data) => {
              bytes += data.length;
              sink.onHeartbeat('pong');
            });
            setImmediate(() => {
              sink.onOpen({
                head: { status: 101, headers: [] },
                timings: { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null },
                roundTripMs: null,
              });
              sink.onFrame();
              sink.onCaughtUp();
            });
            return {
              bytesRead: () => bytes,
              bytesQueued: () => 0,
              placed: () => true,
              ping(flushed) {
                // The answer is in the kernel at once.
                far.write('x');
                flushed();
                if (block) {
                  block = false;
                  blocked += 1;
                  const until = performance.now() + 400;
                  while (performance.now() < until);
                }
                return true;
              },
              askNow() {},
              pause() {},
              resume() {},
              close() {},
              destroy() {},
            };
          },
        },
      },
      { onTransition: (transition) => transitions.push(transition), onChange() {}, onRoundTrip() {} },
    );
    closers.push(() => connection.close());
    connection.start();
    await vi.waitFor(() => expect(bytes).toBeGreaterThan(1), 5_000);
    for (let time = 1; time <= 3; time += 1) {
      block = true;
      await vi.waitFor(() => expect(blocked).toBe(time), 5_000);
      const before = bytes;
      await vi.waitFor(() => expect(bytes).toBeGreaterThan(before + 1), 5_000);
    }
    expect(transitions.map(({ code }) => code)).not.toContain('heartbeat-missed');
    expect(connection.state().kind).toBe('live');
  });

  it('promise 18: gives every deadline that turn, also on a clock that jumps', () => {
    const bench = createBench({ answer: () => {} });
    bench.connection.start();
    bench.clock.advance(9_500);
    const opening = bench.last();
    // Due at 10 s; the process is busy until 13.5 s, and the answer lies in the kernel: it is read in the next turn.
    bench.clock.jump(4_000, () => {
      opening.open();
      opening.frame();
    });
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    expect(bench.codes()).not.toContain('open-timeout');
  });
});
