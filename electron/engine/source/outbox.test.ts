import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../../shared/outbox';
import type { HttpPort, HttpRequest, HttpSink } from '../core/network';
import type { OutboxStore } from '../core/outbox';
import { gatewayProtocol } from '../protocols/gateway';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import { createSourceOutbox } from './outbox';
import type { SourceRungs } from './rungs';

const published = '{"kind":"published","stream":"orders","epoch":"a","seq":1,"repeated":false}';

/** A source on a poll rung, whose server answers when the test says so. */
async function bench() {
  const clock = createFakeClock();
  const held = new Map<number, OutboxItem>();
  const store: OutboxStore = {
    load: async () => [...held.values()],
    async put(_, items) {
      for (const item of items) held.set(item.number, item);
    },
    async forget(_, numbers) {
      for (const number of numbers ?? []) held.delete(number);
    },
  };
  const asked: HttpSink[] = [];
  const requests: HttpRequest[] = [];
  let exchanges = 0;
  const http: HttpPort = {
    request(request, sink) {
      requests.push(request);
      asked.push(sink);
      exchanges += 1;
      let open = true;
      return {
        bytesRead: () => 0,
        pause: () => {},
        resume: () => {},
        destroy() {
          if (open) exchanges -= 1;
          open = false;
        },
      };
    },
  };
  const rungs: Partial<SourceRungs> = {
    send: () => null,
    place: () => ({ epoch: 'a', head: 0, heardAt: Number.POSITIVE_INFINITY }),
    confirm: () => {},
    currentRung: () => ({ transport: 'poll', url: 'http://feed.example/v1/orders/poll', intervalSeconds: 2 }),
  };
  const outbox = createSourceOutbox({
    source: 's',
    clock,
    random: createSeededRandom(1),
    http,
    credential: null,
    protocol: gatewayProtocol,
    store,
    to: null,
    rungs: () => rungs as SourceRungs,
    onChange: () => {},
  });
  await outbox.send('note', '{"a":1}');
  await clock.advanceAsync(0);
  const answer = async (status: number, headers: readonly (readonly [string, string])[] = [], body = published) => {
    const sink = asked.at(-1);
    sink?.onHead({ status, headers }, {} as never);
    sink?.onBytes(Buffer.from(body));
    sink?.onEnd();
    await clock.advanceAsync(0);
  };
  return { clock, outbox, asked, requests, answer, exchanges: () => exchanges };
}

describe('outbox of a source on a poll rung', () => {
  it('promise 4: closing with a POST under way leaves no timer and no exchange', async () => {
    const { clock, outbox, exchanges } = await bench();
    expect(exchanges()).toBe(1);
    outbox.close();
    expect([clock.pending(), exchanges()]).toEqual([0, 0]);
  });

  it('promise 24: a POST counts only in the epoch it was meant for', async () => {
    const { outbox, requests, answer } = await bench();
    expect(requests[0]?.headers).toContainEqual(['if-match', '"a"']);
    await answer(412, [], '{"error":{"kind":"other-epoch"}}');
    expect(outbox.view().items).toMatchObject([{ state: 'queued' }]);
    outbox.close();
  });

  it('promise 6: a Retry-After is waited for before the message goes again', async () => {
    const { clock, outbox, asked, answer } = await bench();
    await answer(429, [['retry-after', '40']]);
    await clock.advanceAsync(39_000);
    expect(asked).toHaveLength(1);
    await clock.advanceAsync(3_000);
    expect(asked).toHaveLength(2);
    await answer(201);
    expect(outbox.view().items).toMatchObject([{ state: 'acknowledged' }]);
    outbox.close();
  });

  it('promise 4: a 200 of whoever answers in the place of the server acknowledges nothing', async () => {
    const { clock, outbox, asked, answer } = await bench();
    await answer(200, [['content-type', 'text/html']], '<h1>Please sign in</h1>');
    expect(outbox.view().items).toMatchObject([{ state: 'queued' }]);
    await clock.advanceAsync(60_000);
    expect(asked.length).toBeGreaterThan(1);
    await answer(200, [], published);
    expect(outbox.view().items).toMatchObject([{ state: 'acknowledged' }]);
    outbox.close();
  });

  it('promise 18: an answer that arrived while the process was busy counts', async () => {
    const { clock, outbox, asked } = await bench();
    clock.jump(20_000, () => {
      asked[0]?.onHead({ status: 201, headers: [] }, {} as never);
      asked[0]?.onBytes(Buffer.from(published));
      asked[0]?.onEnd();
    });
    await clock.advanceAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(outbox.view().items).toMatchObject([{ state: 'acknowledged' }]);
    outbox.close();
  });

  it('promise 4: a message that the server would close the connection for is refused to the person', async () => {
    const { outbox } = await bench();
    await expect(outbox.send('note', JSON.stringify('ü'.repeat(140_000)))).rejects.toThrow(/bytes/);
    outbox.close();
  });
});
