import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createGovernor, type Ticket } from './governor';

const origin = 'https://feed.example:443';

describe('governor', () => {
  it('bounds handshakes in flight, and lets the next in when one is over', () => {
    const governor = createGovernor(createFakeClock(), { maxInFlight: 2, maxPerSecond: 100 });
    const begun: string[] = [];
    const tickets = ['a', 'b', 'c'].map((owner) => governor.request(origin, owner, 10_000, () => begun.push(owner)));
    expect(begun).toEqual(['a', 'b']);
    tickets[0]?.release();
    tickets[0]?.release();
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(governor.size()).toEqual({ inFlight: 2, waiting: 0 });
  });

  it('bounds handshakes per second, in every window of a second', () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, { maxInFlight: 1_000, maxPerSecond: 10 });
    const begun: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const ticket: Ticket = governor.request(origin, `source-${i}`, 10_000, () => {
        begun.push(clock.now());
        clock.after(50, () => ticket.release());
      });
    }
    clock.advance(20_000);
    expect(begun).toHaveLength(100);
    for (const at of begun) expect(begun.filter((time) => time > at - 1_000 && time <= at).length).toBeLessThan(11);
    expect(clock.pending()).toBe(0);
  });

  it('lets owners take turns, however much one of them asks for', () => {
    const governor = createGovernor(createFakeClock(), { maxInFlight: 1, maxPerSecond: 1_000 });
    const begun: string[] = [];
    const tickets: Ticket[] = [];
    const want = (owner: string): void => {
      tickets.push(governor.request(origin, owner, 10_000, () => begun.push(owner)));
    };
    for (const owner of ['greedy', 'greedy', 'greedy', 'greedy', 'modest', 'shy']) want(owner);
    for (let i = 0; i < 6; i += 1) for (const ticket of tickets.slice(0, i + 1)) ticket.release();
    expect(begun.slice(0, 4)).toEqual(['greedy', 'greedy', 'modest', 'shy']);
  });

  it('frees the place of an answer that is held back', () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, { maxInFlight: 1, maxPerSecond: 10 });
    let begun = 0;
    governor.request(origin, 'a', 1_000, () => {});
    governor.request(origin, 'b', 1_000, () => {
      begun += 1;
    });
    clock.advance(999);
    expect(begun).toBe(0);
    clock.advance(1);
    expect(begun).toBe(1);
  });

  it('keeps origins apart, and never grants what was released while waiting', () => {
    const governor = createGovernor(createFakeClock(), { maxInFlight: 1, maxPerSecond: 10 });
    const begun: string[] = [];
    const first = governor.request(origin, 'a', 1_000, () => begun.push('a'));
    const second = governor.request(origin, 'b', 1_000, () => begun.push('b'));
    governor.request('https://other.example:443', 'b', 1_000, () => begun.push('other'));
    second.release();
    first.release();
    expect(begun).toEqual(['a', 'other']);
    expect(governor.size()).toEqual({ inFlight: 1, waiting: 0 });
  });
});
