import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFeed, expectWhole } from './kit/feed';
import { type GatewayProcess, startGatewayProcess } from './kit/gateway-process';
import { gatewayLadder, pause, startWatch, storyOf, type Watch } from './kit/watch';

/** As shipped: a ping every 15 s, its answer due within 5 s. */
const intervalMs = 15_000;
const deadlineMs = 5_000;
/** For a machine that does other things as well. */
const toleranceMs = 4_000;

describe('a gateway process stopped with SIGSTOP, and the waits as shipped', () => {
  let gateway: GatewayProcess;
  let watch: Watch;

  beforeAll(async () => {
    gateway = await startGatewayProcess();
    watch = startWatch({});
  });
  afterAll(async () => {
    await watch?.close();
    await gateway?.close();
  });

  it('behaviour 12: half-open within interval and deadline, cause said; live again after SIGCONT, nothing lost', async () => {
    const feed = createFeed((n) => gateway.publish(n));
    const alone = await Promise.all([
      watch.add({ protocol: 'gateway', ladder: gatewayLadder(gateway.host) }),
      watch.add({ protocol: 'gateway', ladder: gatewayLadder(gateway.host, ['sse']) }),
      watch.add({ protocol: 'gateway', ladder: gatewayLadder(gateway.host, ['poll']) }),
      // Held polls are answered late by nature: its watchdog is longer than this test, and it must lose nothing either.
      watch.add({ protocol: 'gateway', ladder: gatewayLadder(gateway.host, ['long-poll']) }),
    ]);
    const [socket, stream, poll] = alone;
    for (const source of alone) await source.until('live', () => source.liveOn() !== null);
    feed.run(50);
    for (const source of alone) await source.until('some events', () => source.numbers().length > 20);

    gateway.freeze();
    const frozenAt = Date.now();
    await socket.until('half-open', () => socket.codes().includes('heartbeat-missed'), 60_000);
    const missed = socket.transitions.find(({ code }) => code === 'heartbeat-missed');
    const tookMs = (missed?.at ?? 0) - frozenAt;
    expect(tookMs, storyOf(socket)).toBeLessThan(intervalMs + deadlineMs + toleranceMs);
    expect(tookMs, storyOf(socket)).toBeGreaterThan(deadlineMs - 1_000);
    expect(missed?.text).toMatch(/^Half-open: no byte came back within [56]\.\d s of our ping/);
    expect(missed?.evidence).toContainEqual(expect.objectContaining({ kind: 'timer', name: 'pong' }));

    // SSE: two of its heartbeats of 10 s and the deadline. Poll: no answer within 2 intervals and the request's time.
    await stream.until('silent', () => stream.codes().includes('silence-too-long'), 60_000);
    await poll.until('overdue', () => poll.liveOn() === null, 60_000);
    expect(poll.codes(), storyOf(poll)).toContain('poll-overdue');
    // What TCP accepts for a stopped process proves nothing about any rung.
    for (const source of alone) expect(source.codes(), storyOf(source)).not.toContain('stepped-down');

    gateway.thaw();
    for (const source of alone) await source.until('live', () => source.liveOn() !== null, 60_000);
    await socket.untilLive('websocket', 60_000);
    await pause(1_000);
    await feed.stop();
    for (const source of alone) await expectWhole(source, feed);
  }, 180_000);
});
