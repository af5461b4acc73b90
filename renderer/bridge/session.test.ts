import { describe, expect, it } from 'vitest';
import type { Bridge, UpdateBatch } from '../../shared/ipc';
import { startSession } from './session';

/** A bridge whose attach answer and batches the test sends by hand. */
function handBridge(held: readonly UpdateBatch[]) {
  const calls: { name: string; args: unknown }[] = [];
  let listener: ((batch: UpdateBatch) => void) | null = null;
  let answer: (value: unknown) => void = () => {};
  const bridge = {
    call: (name: string, args: unknown) => {
      calls.push({ name, args });
      return name === 'window.attach'
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : Promise.resolve({ ok: true, value: null });
    },
    onUpdates: (added: (batch: UpdateBatch) => void) => {
      listener = added;
      for (const batch of held) added(batch);
      return () => {
        listener = null;
      };
    },
  } as unknown as Bridge;
  return {
    bridge,
    calls,
    subscribed: () => listener !== null,
    batch: (generation: number, batch: number) => listener?.(batchOf(generation, batch)),
    attach: async (generation: number) => {
      answer({ ok: true, value: { generation, app: { version: '1' } } });
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

function batchOf(generation: number, batch: number): UpdateBatch {
  const updates = [{ kind: 'journal', journal: { kind: 'ok', behind: batch } }] as const;
  return { generation, batch, revision: batch, now: 5_000, updates };
}

function start(held: readonly UpdateBatch[] = []) {
  const hand = handBridge(held);
  const heard: string[] = [];
  const stop = startSession({
    bridge: hand.bridge,
    now: () => 1_000,
    sink: {
      attached: (generation) => heard.push(`attached ${generation}`),
      failed: (message) => heard.push(`failed ${message}`),
      clock: (offset) => heard.push(`clock ${offset}`),
      updates: (updates) => heard.push(`updates ${updates.length}`),
    },
  });
  return { ...hand, heard, stop };
}

describe('startSession', () => {
  it('acknowledges in the handler and holds early batches until the generation is known', async () => {
    const { batch, attach, heard, calls } = start();
    batch(3, 1);
    batch(2, 9);
    expect(calls.filter(({ name }) => name === 'window.ack').map(({ args }) => args)).toEqual([
      { generation: 3, batch: 1 },
      { generation: 2, batch: 9 },
    ]);
    expect(heard).toEqual([]);
    await attach(3);
    expect(heard).toEqual(['attached 3', 'clock 4000', 'updates 1']);
  });

  it('takes what came before it listened, which the bridge held for it', async () => {
    const { attach, heard } = start([batchOf(1, 1), batchOf(1, 2)]);
    await attach(1);
    expect(heard).toEqual(['attached 1', 'clock 4000', 'updates 1', 'clock 4000', 'updates 1']);
  });

  it('ignores batches of an older generation', async () => {
    const { batch, attach, heard } = start();
    await attach(3);
    batch(2, 1);
    batch(3, 1);
    expect(heard).toEqual(['attached 3', 'clock 4000', 'updates 1']);
  });

  it('attaches again when somebody did after it in its place', async () => {
    const { batch, attach, heard, calls } = start();
    const attaches = () => calls.filter(({ name }) => name === 'window.attach').length;
    await attach(1);
    batch(2, 1);
    batch(2, 2);
    expect(attaches()).toBe(2);
    batch(3, 1);
    await attach(3);
    batch(2, 3);
    batch(3, 2);
    expect(heard).toEqual(['attached 1', 'attached 3', 'clock 4000', 'updates 1', 'clock 4000', 'updates 1']);
    expect(attaches()).toBe(2);
  });

  it('does so for a batch that overtook the answer to its own request', async () => {
    const { batch, attach, heard } = start();
    batch(2, 1);
    await attach(1);
    await attach(3);
    batch(3, 1);
    expect(heard).toEqual(['attached 1', 'attached 3', 'clock 4000', 'updates 1']);
  });

  it('leaves nothing behind', async () => {
    const { stop, subscribed, attach, heard } = start();
    stop();
    await attach(1);
    expect(subscribed()).toBe(false);
    expect(heard).toEqual([]);
  });
});
