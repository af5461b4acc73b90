import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import { createAccount } from './account';
import { type Token, TokenFailure } from './token';

/** An account over a provider that does what the test says, one answer after the other; the last one repeats. */
function bench(...answers: readonly (() => Promise<Token>)[]) {
  const clock = createFakeClock();
  const asked: number[] = [];
  let atOnce = 0;
  let most = 0;
  const account = createAccount({
    clock,
    random: createSeededRandom(1),
    async fetch(signal) {
      asked.push(clock.now());
      atOnce += 1;
      most = Math.max(most, atOnce);
      signal.addEventListener('abort', () => {
        atOnce -= 1;
      });
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      const token = await (answer ?? (() => new Promise<Token>(() => {})))().finally(() => {
        atOnce -= 1;
      });
      return { ...token, value: `${token.value}${asked.length}` };
    },
  });
  return { clock, account, asked, most: () => most };
}

const good = (lifeMs: number | null) => async () => ({ value: 't', lifeMs });
const hangs = () => new Promise<Token>(() => {});
const fails =
  (permanent = false) =>
  async () => {
    throw new TokenFailure('the token service answered 500', permanent);
  };

describe('account', () => {
  it('asks once for everyone who waits, and not before somebody does', async () => {
    const { account, asked, clock } = bench(good(600_000));
    await clock.advanceAsync(60_000);
    expect(asked).toEqual([]);
    const tokens = await Promise.all(Array.from({ length: 50 }, () => account.token()));
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['t1']));
    expect(asked).toHaveLength(1);
    account.close();
    expect(clock.pending()).toBe(0);
  });

  it('is refreshed ahead of the end, so that nobody meets a token that has run out', async () => {
    const { account, asked, clock } = bench(good(5000));
    await account.token();
    let turns = 0;
    for (let ms = 0; ms < 60_000; ms += 100) {
      await clock.advanceAsync(100);
      const before = asked.length;
      await account.token();
      if (asked.length !== before) turns += 1;
    }
    expect(turns).toBe(0);
    // Every 1.8–2 s: at 36–40 % of the life.
    expect(asked.length).toBeGreaterThan(28);
    expect(asked.length).toBeLessThan(36);
    account.close();
  });

  it('behaviour 10: two tries that fail before each that succeeds never leave a short-lived token to run out', async () => {
    const cycle = [good(5000), fails(), fails()];
    const { account, clock } = bench(...Array.from({ length: 60 }, () => cycle).flat());
    await account.token();
    for (let ms = 0; ms < 100_000; ms += 50) {
      await clock.advanceAsync(50);
      await expect(account.token()).resolves.toBeDefined();
    }
    account.close();
  });

  it('a refusal is answered by the newer token where there is one already, by one refresh otherwise', async () => {
    const { account, asked, clock } = bench(good(null));
    const first = await account.token();
    const refused = Array.from({ length: 50 }, () => account.refused(first.version));
    await clock.advanceAsync(1000);
    expect(await Promise.all(refused)).toEqual(Array.from({ length: 50 }, () => ({ kind: 'refreshed' })));
    expect(asked).toHaveLength(2);
    expect(await account.refused(first.version)).toEqual({ kind: 'refreshed' });
    expect(asked).toHaveLength(2);
  });

  it('behaviour 10: a provider that hangs is given up by its deadline, and the next try is free to succeed', async () => {
    const { account, clock, asked } = bench(hangs, good(null));
    const waiting = account.token().catch((error: Error) => error.message);
    await clock.advanceAsync(8000);
    expect(await waiting).toBe('no answer within 8.0 s');
    await clock.advanceAsync(2000);
    expect((await account.token()).value).toBe('t2');
    expect(asked).toHaveLength(2);
  });

  it('while a token is good, a hang leaves time for another try', async () => {
    const { account, clock } = bench(good(5000), hangs, good(5000), hangs, fails(), good(5000));
    await account.token();
    for (let ms = 0; ms < 8000; ms += 50) {
      await clock.advanceAsync(50);
      await account.token();
    }
    account.close();
    expect(clock.pending()).toBe(0);
  });

  it('a provider in trouble is not asked in a hot loop, whoever needs a token', async () => {
    const { account, asked, clock, most } = bench(fails());
    for (let ms = 0; ms < 60_000; ms += 10) {
      void account.token().catch(() => {});
      await clock.advanceAsync(10);
    }
    expect(asked.length).toBeLessThanOrEqual(60);
    expect(most()).toBe(1);
  });

  it('what asking again cannot mend is asked once a minute, until the secret changes', async () => {
    const { account, asked, clock } = bench(fails(true), good(null));
    await expect(account.token()).rejects.toThrow('answered 500');
    for (let ms = 0; ms < 50_000; ms += 1000) {
      await clock.advanceAsync(1000);
      await expect(account.token()).rejects.toThrow('answered 500');
    }
    expect(asked).toHaveLength(1);
    account.reset();
    expect((await account.token()).value).toBe('t2');
  });

  it('time asleep counts', async () => {
    const { account, clock, asked } = bench(good(600_000));
    await account.token();
    await clock.advanceAsync(1000);
    clock.sleep(700_000);
    await account.token();
    expect(asked).toHaveLength(2);
  });

  it('a token that comes out of date is no token', async () => {
    const { account, asked, clock } = bench(good(0));
    for (let ms = 0; ms < 10_000; ms += 100) {
      void account.token().catch(() => {});
      await clock.advanceAsync(100);
    }
    expect(asked.length).toBeLessThanOrEqual(11);
  });

  it('closing ends what is under way', async () => {
    const { account, clock } = bench(hangs);
    const waiting = account.token().catch((error: Error) => error.message);
    await clock.advanceAsync(100);
    account.close();
    expect(await waiting).toContain('token');
    expect(clock.pending()).toBe(0);
  });
});
