import type { Transition } from '../../../../shared/connection';
import type { Watch } from '../watch';
import type { World } from '../world';

/**
 * What must hold at every moment of a run, whatever happens. Checked from outside: against the server's log, the
 * bytes that arrived and the sessions that are open, never against the engine's own books.
 */

/** Openings of one source: behaviour 3, and the budget of a minute (backoff, control requests, probes, a few commands). */
const openingsInHalfSecond = 2;
const openingsPerMinute = 26;

/** A wait or a recheck that is due may be late by a step of the run, a late timer and the origin's budget, ms. */
const overdueMs = 90_000;

const backoffCapMs = 30_000;
/** Live this long, and heard from, earns the forgetting of earlier failures. */
const stableMs = 30_000;

/** A judge that watches a run while it goes on. */
export interface LiveJudge {
  /** Looks at everything that can be seen at one moment. Called every virtual second. */
  look(): void;
  /** Time has passed in which nothing of the machine ran. */
  slept(): void;
}

export function watchInvariants(world: World, complain: (text: string) => void): LiveJudge {
  const { clock } = world;
  const homes = new Map<Watch, number>();
  const pins = new Map<Watch, Set<number>>();

  const waits = new Map<Watch, Map<number, number>>();
  const attempts = new Map<Watch, { readonly count: number; readonly at: number }>();
  const liveSince = new Map<Watch, number>();
  /** Live long enough since the last wait, whatever came after. */
  const wasHeld = new Set<Watch>();
  const floors = new Map<Watch, { readonly untilUp: number; readonly setAt: number }>();

  world.onTransition((watch, transition) => {
    judgeJitter(watch, transition);
    noteFloor(watch, transition);
    judgeAttempts(watch, transition);
    judgeReason(watch, transition);
    judgeStepDown(watch, transition);
  });
  world.onSession((watch) => {
    judgeOpenings(watch);
    judgeFloor(watch);
    // The state says so only when the step that opened the session is over.
    clock.after(0, () => judgeAttached(watch));
  });

  function judgeReason({ id }: Watch, { code, text, evidence, from, to }: Transition): void {
    const step = `${id}: ${from.kind} → ${to.kind} (${code})`;
    if (text.trim() === '') complain(`${step} has no sentence`);
    if (/\{\w+\}|undefined|NaN/.test(text)) complain(`${step} has a broken sentence: ${text}`);
    if (evidence.length === 0) complain(`${step} has no evidence`);
    if (from.kind === 'closed') complain(`${step}: closed is final`);
  }

  /** Chance comes after the cap: waits of the same length are a rarity, waits of exactly the cap a greater one. */
  function judgeJitter(watch: Watch, { to, from, at }: Transition): void {
    if (to.kind !== 'waiting' || from.kind === 'waiting' || to.cause === 'captive-portal') return;
    // To a hundredth: among so many waits, chance alone makes some of them equal to the millisecond.
    const wait = Math.round((to.until - at) * 100) / 100;
    if (wait <= 1000) return;
    const seen = waits.get(watch) ?? new Map<number, number>();
    waits.set(watch, seen);
    const times = (seen.get(wait) ?? 0) + 1;
    seen.set(wait, times);
    if (times >= (wait === backoffCapMs ? 2 : 3))
      complain(`${watch.id}: waited exactly ${wait} ms ${times} times: no jitter`);
  }

  /** The count of failures is kept until a connection has held. */
  function judgeAttempts(watch: Watch, { to, from }: Transition): void {
    const now = clock.now();
    if (to.kind === 'live' && from.kind !== 'live') liveSince.set(watch, now);
    if (to.kind !== 'waiting' || to.cause === 'captive-portal') return;
    const held = from.kind === 'live' && now - (liveSince.get(watch) ?? 0) >= stableMs - 1000;
    const before = attempts.get(watch);
    attempts.set(watch, { count: to.attempt, at: now });
    if (!before || held || wasHeld.delete(watch) || watch.commandedAt() >= before.at) return;
    if (to.attempt < before.count) {
      complain(`${watch.id}: attempt ${to.attempt} follows ${before.count} though no connection held in between`);
    }
  }

  /** A server that names a delay is not asked before, unless a person says so. */
  function noteFloor(watch: Watch, { evidence, to }: Transition): void {
    if (to.kind !== 'waiting') return;
    for (const piece of evidence) {
      if (piece.kind !== 'http' || (piece.status !== 503 && piece.status !== 429)) continue;
      const after = piece.headers.find(([name]) => name === 'retry-after')?.[1];
      if (after !== undefined)
        floors.set(watch, { untilUp: clock.uptime() + Number(after) * 1000, setAt: clock.now() });
    }
  }

  function judgeFloor(watch: Watch): void {
    const floor = floors.get(watch);
    if (!floor || watch.opened.at(-1) !== clock.now() || clock.now() === floor.setAt) return;
    floors.delete(watch);
    if (watch.commandedAt() >= floor.setAt) return;
    const early = floor.untilUp - clock.uptime();
    if (early > 1) complain(`${watch.id}: asked ${Math.round(early)} ms before the server's Retry-After was over`);
  }

  /** Nothing that is due is forgotten. */
  function judgeDue(watch: Watch): void {
    const state = watch.view()?.state;
    if (!state) return;
    if (state.kind === 'waiting' && clock.wall() > state.until + overdueMs) {
      complain(`${watch.id}: a wait is overdue by ${Math.round((clock.wall() - state.until) / 1000)} s`);
    }
    if (
      state.kind === 'stopped' &&
      // Without a network nothing is looked at; its return is what triggers the look.
      world.host.online() &&
      state.recheckAt !== null &&
      !state.rechecking &&
      clock.wall() > state.recheckAt + overdueMs
    ) {
      complain(`${watch.id}: a recheck is overdue by ${Math.round((clock.wall() - state.recheckAt) / 1000)} s`);
    }
  }

  /** Down the ladder only on the evidence of the design. */
  function judgeStepDown(watch: Watch, transition: Transition): void {
    const { from, to, code, evidence } = transition;
    if (to.kind !== 'live') return;
    const home = homes.get(watch) ?? 0;
    homes.set(watch, to.rung);
    // From `stopped` a recheck takes whichever rung opens: all of them had refused before.
    if (to.rung <= home || from.kind === 'stopped') return;
    const proven = evidence.some(
      (piece) =>
        (piece.kind === 'control' && piece.outcome === 'opened') ||
        (piece.kind === 'count' && piece.what.includes('undelivered')),
    );
    const earlier = watch.transitions
      .slice(-6)
      .some((past) =>
        past.evidence.some(
          (piece) =>
            (piece.kind === 'control' && piece.outcome === 'opened') ||
            (piece.kind === 'count' && piece.what.includes('undelivered')) ||
            (piece.kind === 'command' && piece.command.startsWith('pin')),
        ),
      );
    if (!proven && !earlier && !pinnedTo(watch, to.rung) && !code.includes('remember') && !code.includes('pin')) {
      complain(
        `${watch.id}: stepped down from rung ${home} to ${to.rung} (${code}) without a control request that opened`,
      );
    }
  }

  /** A person had put the ladder there: it goes on from the rung they pinned. */
  function pinnedTo(watch: Watch, rung: number): boolean {
    return watch.wanted?.pinnedRung === rung || pins.get(watch)?.has(rung) === true;
  }

  /** Never two transports attached for delivery, except a promotion within its deadline. */
  function judgeAttached(watch: Watch): void {
    const delivering = [...watch.sessions.values()].filter((purpose) => purpose !== 'proof');
    if (delivering.length < 2) return;
    const state = watch.view()?.state;
    if (!state) return;
    const promoting = state.kind === 'live' && state.candidate !== null;
    if (!promoting || delivering.length > 2) {
      complain(`${watch.id}: ${delivering.join(' and ')} are open at once in state ${state.kind}`);
    } else if (state.candidate && clock.wall() > state.candidate.deadline + 3000) {
      complain(`${watch.id}: a promotion is ${clock.wall() - state.candidate.deadline} ms over its deadline`);
    }
  }

  function judgeOpenings(watch: Watch): void {
    const now = clock.now();
    const since = (ms: number): number => watch.opened.filter((at) => at > now - ms).length;
    if (since(500) > openingsInHalfSecond) complain(`${watch.id}: ${since(500)} openings in 500 ms`);
    if (since(60_000) > openingsPerMinute) complain(`${watch.id}: ${since(60_000)} openings in a minute`);
  }

  return {
    look() {
      for (const watch of world.watches) {
        const pinnedRung = watch.wanted?.pinnedRung ?? null;
        if (pinnedRung !== null) pins.set(watch, (pins.get(watch) ?? new Set()).add(pinnedRung));
        judgeDue(watch);
        if (watch.view()?.state.kind === 'live' && clock.now() - (liveSince.get(watch) ?? 0) >= stableMs - 1000)
          wasHeld.add(watch);
        judgeAttached(watch);
      }
    },
    slept() {},
  };
}
