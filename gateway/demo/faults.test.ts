import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../backplane/backplane';
import { createFaults, noDemo } from './faults';

function machine() {
  return createFaults({
    changed: () => undefined,
    dropConnections: () => undefined,
    restart: async () => undefined,
    down: async () => undefined,
  });
}

const entries = (from: number, to: number): LogEntry[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    seq: from + index,
    time: 0,
    type: 't',
    json: '{}',
    bytes: 2,
  }));
const seqs = (list: readonly LogEntry[]) => list.map(({ seq }) => seq);

describe('faults', () => {
  it('leave everything alone when none is set, and outside demo mode cannot be set', () => {
    expect(seqs(machine().live('s', 'e', entries(1, 3)))).toEqual([1, 2, 3]);
    expect(() => noDemo.change({ lose: true })).toThrow(/demo/);
    expect(() => noDemo.state()).toThrow(/demo/);
    expect(() => noDemo.dropConnections()).toThrow(/demo/);
  });

  it('lose one event in ten', () => {
    const { api, live } = machine();
    api.change({ lose: true });
    expect(seqs(live('s', 'e', entries(1, 20)))).toEqual([...seqs(entries(1, 9)), ...seqs(entries(11, 19))]);
  });

  it('repeat', () => {
    const { api, live } = machine();
    api.change({ repeat: true });
    expect(seqs(live('s', 'e', entries(1, 2)))).toEqual([1, 1, 2, 2]);
  });

  it('reorder pairs, across batches too, and let the odd one go in the end', () => {
    const { api, live, holds, release } = machine();
    api.change({ reorder: true });
    expect(seqs(live('s', 'e', entries(1, 3)))).toEqual([2, 1]);
    expect(seqs(live('s', 'e', entries(4, 4)))).toEqual([4, 3]);
    expect(seqs(live('s', 'e', entries(5, 5)))).toEqual([]);
    expect(holds('s')).toBe(true);
    expect(seqs(release('s'))).toEqual([5]);
    expect(holds('s')).toBe(false);
    expect(seqs(release('s'))).toEqual([]);
  });

  it('touch only the next n when told so', () => {
    const { api, live } = machine();
    expect(api.tamperNext({ lose: 2 }).next).toEqual({ lose: 2, repeat: 0, reorder: 0 });
    expect(seqs(live('s', 'e', entries(1, 4)))).toEqual([3, 4]);
    expect(api.state().next.lose).toBe(0);
  });

  it('leave what went out before whole: it comes again as a repair', () => {
    const { api, live, answer } = machine();
    api.change({ lose: true, repeat: true });
    live('s', 'e', entries(1, 12));
    expect(seqs(answer('s', 'e', entries(8, 12)))).toEqual([8, 9, 10, 11, 12]);
    expect(seqs(answer('s', 'e', entries(12, 14)))).toEqual([12, 13, 13, 14, 14]);
    expect(seqs(answer('s', 'new', entries(1, 1)))).toEqual([1, 1]);
  });

  it('hold back nothing in an answer', () => {
    const { api, answer } = machine();
    api.change({ reorder: true });
    expect(seqs(answer('s', 'e', entries(1, 3)))).toEqual([2, 1, 3]);
  });

  it('close the gate during a stall', async () => {
    const { api, gate } = machine();
    await gate();
    api.change({ stall: true });
    let passed = false;
    const waiting = gate().then(() => {
      passed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(passed).toBe(false);
    api.change({ stall: false });
    await waiting;
    expect(passed).toBe(true);
  });
});
