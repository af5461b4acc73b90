import { type BootMs, type Clock, deadline, later, type Timer } from '../core/clock';
import type { RefreshResult } from '../core/credential';
import type { Random } from '../core/random';
import { type Token, TokenFailure } from './token';

/** A token as it is handed out. Versions grow: who was refused with an older one has only to take the newer. */
export interface GivenToken {
  readonly value: string;
  readonly version: number;
}

/** One account's token, for every source that uses the account: one refresh at a time, whoever waits for it. */
export interface Account {
  /** A token that has not run out; waits for one. Rejects with a TokenFailure, never later than the deadline. */
  token(): Promise<GivenToken>;
  /** The token of this version was refused. */
  refused(version: number): Promise<RefreshResult>;
  /** Forgets the token: what it was made with has changed. */
  reset(): void;
  close(): void;
}

export interface AccountDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Gets a token; ends by itself when aborted. */
  fetch(signal: AbortSignal): Promise<Token>;
}

/** A provider is given up after this, ms: before the connection gives up on us. */
const deadlineMs = 8_000;
const leastDeadlineMs = 1_000;
/** Least time from one request to the provider to the next, ms. */
const spacingMs = 1_000;
/** Refreshed so long before the end, ms, or at half its life if that is later. */
const aheadMs = 60_000;
const backoffCapMs = 30_000;
/** Somebody who needs a token now waits for no more than this after a failure, ms. */
const needFloorMs = 2_000;
/** After a refusal that asking again cannot mend, ms. */
const permanentFloorMs = 60_000;

interface Held {
  readonly value: string;
  readonly version: number;
  /** `uptime` at which it runs out: time asleep counts. */
  readonly until: BootMs;
}

export function createAccount({ clock, random, fetch }: AccountDeps): Account {
  let held: Held | null = null;
  let version = 0;
  let running: Promise<void> | null = null;
  let cut: AbortController | null = null;
  let failure: TokenFailure | null = null;
  let failures = 0;
  let lastStartAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let floorMs = 0;
  let ahead: Timer | null = null;
  /** Ends the wait for the next request's turn. */
  let hurry: (() => void) | null = null;
  let closed = false;
  /** Grows with every reset: an answer to an older question counts no more. */
  let generation = 0;

  const leftMs = () => (held ? held.until - clock.uptime() : 0);

  function renew(): Promise<void> {
    running ??= (async () => {
      const mine = generation;
      try {
        const early = lastStartAt + spacingMs - clock.now();
        if (early > 0) await wait(early);
        if (closed) throw new TokenFailure('the source was closed');
        lastStartAt = clock.now();
        const token = await withDeadline();
        if (mine !== generation || closed) return;
        version += 1;
        const life = token.lifeMs ?? Number.POSITIVE_INFINITY;
        held = { value: token.value, version, until: later(clock.uptime(), life) };
        failure = null;
        failures = 0;
        if (life !== Number.POSITIVE_INFINITY)
          // A short life leaves room for two tries that fail before the token runs out.
          renewIn(Math.max(life - aheadMs, life * 0.4) * (0.9 + random.next() * 0.1));
      } catch (error) {
        if (mine !== generation || closed) return;
        failure = error instanceof TokenFailure ? error : new TokenFailure(messageOf(error));
        failedAt = clock.now();
        failures += 1;
        const cap = Math.min(backoffCapMs, 1000 * 2 ** failures);
        const delay = 300 + random.next() * (cap - 300);
        floorMs = failure.permanent ? permanentFloorMs : Math.min(delay, needFloorMs);
        renewIn(failure.permanent ? permanentFloorMs : leftMs() > 0 ? Math.min(delay, leftMs() / 3) : delay);
      } finally {
        running = null;
      }
    })();
    return running;
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.after(ms, () => hurry?.());
      hurry = () => {
        timer.cancel();
        hurry = null;
        resolve();
      };
    });
  }

  function renewIn(ms: number): void {
    ahead?.cancel();
    ahead = closed ? null : clock.after(Math.max(spacingMs, ms), () => void renew());
  }

  /** While an older token is good there is time for a second try: the first may not use it all. */
  function withDeadline(): Promise<Token> {
    const left = leftMs();
    const limit = left > 0 ? Math.min(deadlineMs, Math.max(leastDeadlineMs, left * 0.6)) : deadlineMs;
    const controller = new AbortController();
    cut = controller;
    return new Promise((fulfil, reject) => {
      const end = () => {
        timer.cancel();
        controller.signal.removeEventListener('abort', aborted);
        if (cut === controller) cut = null;
      };
      const aborted = () => {
        end();
        reject(new TokenFailure('it was not waited for any longer'));
      };
      const timer = deadline(clock, limit, () => {
        end();
        reject(new TokenFailure(`no answer within ${(limit / 1000).toFixed(1)} s`));
        controller.abort();
      });
      controller.signal.addEventListener('abort', aborted);
      fetch(controller.signal).then(
        (token) => {
          end();
          fulfil(token);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  async function need(): Promise<GivenToken> {
    if (!held || leftMs() <= 0) {
      if (!running && failure && clock.now() - failedAt < floorMs) throw failure;
      await renew();
      // What it was made with changed while it was fetched.
      if (!held && !failure && !closed) await renew();
    }
    if (held && leftMs() > 0) return { value: held.value, version: held.version };
    throw failure ?? new TokenFailure('the token has run out already when it comes');
  }

  return {
    token: need,
    async refused(refusedVersion) {
      if (held && held.version > refusedVersion && leftMs() > 0) return { kind: 'refreshed' };
      if (!running && failure && clock.now() - failedAt < floorMs) return { kind: 'failed', message: failure.message };
      await renew();
      if (held && held.version > refusedVersion) return { kind: 'refreshed' };
      return { kind: 'failed', message: failure?.message ?? 'there is no newer token' };
    },
    reset() {
      generation += 1;
      cut?.abort();
      ahead?.cancel();
      ahead = null;
      held = null;
      failure = null;
      failures = 0;
      floorMs = 0;
    },
    close() {
      closed = true;
      hurry?.();
      cut?.abort();
      ahead?.cancel();
      ahead = null;
      held = null;
    },
  };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
