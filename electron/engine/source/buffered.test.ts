import { describe, expect, it } from 'vitest';
import { gatewayFor, startEngineBench } from './testing/engine-bench';
import { undeliveredIn } from './undelivered';

/** A new source of our gateway; `buffer`: something on the way holds SSE back. */
const start = (sse: 'pass' | 'buffer') =>
  startEngineBench({
    server: (clock) => gatewayFor(clock).server,
    weather: { sse },
    source: {
      protocol: 'gateway',
      ladder: [
        ['sse', '/v1/alpha/sse'],
        ['poll', '/v1/alpha/poll'],
      ],
    },
  });

describe('a new source, of which no event has come yet', () => {
  it('promise 20: behind a proxy that buffers SSE moves on to what is free', async () => {
    const { clock, view } = await start('buffer');
    await clock.advanceAsync(30_000);
    expect(view()?.state).toMatchObject({ kind: 'live', rung: 1 });
    expect(view()?.ladder[0]?.reason?.code).toBe('sse-buffered');
  });

  it('promise 20: whose stream gets through stays there', async () => {
    const { clock, view } = await start('pass');
    await clock.advanceAsync(300_000);
    expect(view()?.state).toMatchObject({ kind: 'live', rung: 0 });
    expect(view()?.ladder[0]?.status).toBe('current');
  });
});

describe('an answer that is compared', () => {
  it('promise 20: proves nothing by events without numbers', () => {
    const event = { stream: 's', id: null, type: 't', body: '1', bytes: 1, value: 1, sentAt: null, receivedAt: 0 };
    const unnumbered = { kind: 'event', event: { ...event, position: null } } as const;
    const numbered = { kind: 'event', event: { ...event, position: { epoch: 'e', seq: 5 } } } as const;
    const at = (seq: number) => ({ positions: { s: { epoch: 'e', seq } }, token: null });
    expect(undeliveredIn([unnumbered], at(4), true)).toBe('unclear');
    expect(undeliveredIn([numbered], at(4), true)).toBe(1);
    expect(undeliveredIn([numbered], at(5), true)).toBe(0);
    expect(undeliveredIn([], at(5), true)).toBe(0);
  });
});
