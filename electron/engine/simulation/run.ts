import { createHash } from 'node:crypto';
import type { Met } from './coverage';
import { enact } from './enact';
import { watchBounds } from './judges/bounds';
import { judgeEnd, judgeRest } from './judges/end';
import { judgeOutbox } from './judges/outbox';
import { watchInvariants } from './judges/politeness';
import { watchReasons } from './judges/reasons';
import { judgeRows } from './judges/rows';
import { watchTalk } from './judges/talk';
import { watchViews } from './judges/views';
import { HotLoop } from './passage';
import { createScenario, type Draw, type Scenario } from './scenario';
import { createSeededRandom } from './seeded-random';
import { createJournalFolder, type JournalFolder } from './sim-journal';
import { createWorld, type World } from './world';

/** What became of a run. */
export interface RunResult {
  readonly seed: number;
  /** Each with the virtual time it was noticed, ms. At most 20 are kept. */
  readonly violations: readonly { readonly at: number; readonly text: string }[];
  /** SHA-256 of the trace, hex. */
  readonly hash: string;
  readonly trace: readonly string[];
  readonly met: Met;
  readonly events: number;
  readonly virtualMs: number;
}

const second = 1000;
const minute = 60_000;
/** Once faults end, the top rung must be live again within this: the longest wait for a probe, with its jitter, and a recheck. */
const recoveryMs = 45 * minute;

/** One seed, one run: a scenario, then calm, then the end. `draw.journal`: with the real journal on disk. */
export async function runSimulation(
  seed: number,
  draw: Draw,
  scenario: Scenario = createScenario(seed, draw),
): Promise<RunResult> {
  const folder = draw.journal ? createJournalFolder() : null;
  try {
    return await runIn(folder, scenario);
  } finally {
    folder?.remove();
  }
}

async function runIn(folder: JournalFolder | null, scenario: Scenario): Promise<RunResult> {
  const { seed } = scenario;
  const violations: { at: number; text: string }[] = [];
  let clockNow = (): number => 0;
  const complain = (text: string): void => {
    if (violations.length < 20) violations.push({ at: Math.round(clockNow()), text });
  };
  const world = createWorld(scenario, complain, folder);
  clockNow = () => world.clock.now();
  const { clock, watches } = world;
  const { met, look: lookAtReasons } = meet(world);
  const judges = [watchInvariants, watchBounds, watchReasons, watchTalk, watchViews].map((watch) =>
    watch(world, complain),
  );
  const restarts: (number | null)[] = [];
  enact(
    world,
    scenario,
    (watch, { kind }) => {
      count(met.faults, `${kind} ${watch.feed.kind}`);
      count(met.states, `${watch.view()?.state.kind ?? 'absent'} ${kind}`);
      if (kind === 'sleep' || kind === 'suspend') for (const judge of judges) judge.slept();
    },
    (statements) => restarts.push(statements),
  );
  try {
    await live();
  } catch (error) {
    if (!(error instanceof HotLoop)) throw error;
    complain(error.message);
  }
  const events = watches.reduce((sum, { jury }) => sum + jury.count(), 0);
  const hash = createHash('sha256').update(world.trace.join('\n')).digest('hex');
  return { seed, violations, hash, trace: world.trace, met, events, virtualMs: Math.round(clock.now()) };

  function look(): void {
    for (const judge of judges) judge.look();
    lookAtReasons();
  }

  async function live(): Promise<void> {
    await world.start();
    const random = createSeededRandom(seed ^ 0x2545f491);
    // Every fourth run ends in the middle of its troubles: closing must leave nothing at any moment.
    const cut = seed % 4 === 1;
    const until = cut ? random.int(10 * minute, scenario.faultsEndAt) : scenario.faultsEndAt;
    while (clock.now() < until) {
      const statements = restarts.shift();
      if (statements !== undefined) {
        await world.restart(statements);
        for (const judge of judges) judge.slept();
      }
      await world.runUntil(Math.min(clock.now() + second, until));
      look();
    }
    if (!cut) {
      restarts.length = 0;
      calm(world);
      await recover(world, complain, look);
      await lastWords(world);
      judgeRest(world, complain);
      await judgeRows(world, complain);
      judgeOutbox(world, complain);
    }
    await judgeEnd(world, complain);
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

type MutableMet = { readonly [Kind in keyof Met]: Record<string, number> };

/** `look` sees what a view says beside its steps: the reason before the first of them, notes, and of rungs. Once a run each. */
function meet(world: World): { readonly met: MutableMet; look(): void } {
  const met: MutableMet = { faults: {}, states: {}, steps: {}, reasons: {} };
  const shown = new Set<string>();
  world.onTransition((_, { from, to, code }) => {
    count(met.steps, `${from.kind} → ${to.kind}`);
    count(met.reasons, code);
  });
  return {
    met,
    look() {
      for (const watch of world.watches) {
        const view = watch.view();
        const rungs = view?.ladder.flatMap(({ reason }) => reason ?? []) ?? [];
        for (const { code } of view ? [view.reason, ...(view.notes ?? []), ...rungs] : []) {
          if (shown.has(code) || code in met.reasons) continue;
          shown.add(code);
          count(met.reasons, code);
        }
      }
    },
  };
}

/** The faults are over: credentials are renewed, and what stopped for good is resumed by the person. */
function calm({ clock, host, watches }: World): void {
  clock.setLateness(0);
  if (!host.online()) host.emit({ kind: 'online' });
  for (const watch of watches) {
    watch.renew();
    const view = watch.view();
    if (view?.state.kind === 'idle') watch.command('resume');
    // What is rechecked by itself must come back by itself.
    if (view?.state.kind === 'stopped' && view.state.recheckAt === null) watch.command('retry');
    if ((watch.wanted?.pinnedRung ?? null) !== null) watch.command({ pin: null });
  }
}

async function recover(world: World, complain: (text: string) => void, look: () => void): Promise<void> {
  const { clock, watches } = world;
  const calmAt = clock.now();
  const deadline = calmAt + recoveryMs;
  /** How much had been told of a source when it was first seen silent, and since when it was. */
  const silentAt = new Map<World['watches'][number], { readonly since: number; readonly told: number }>();
  const saidNothing = (watch: World['watches'][number], since: number): boolean => {
    const known = silentAt.get(watch);
    if (known?.since === since) return known.told === watch.told.size;
    silentAt.set(watch, { since, told: watch.told.size });
    return true;
  };
  const wrong = (watch: World['watches'][number]): string | null => {
    const view = watch.view();
    if (!view) return watch.wanted ? 'missing' : null;
    const { state, reason } = view;
    // Where nothing was said since it opened, it says so, and is right.
    const silent = state.kind === 'live' && state.resync === 'silent' && saidNothing(watch, state.since);
    const current = state.kind === 'live' && (state.resync === 'current' || silent);
    const here = current && state.rung === 0 && state.candidate === null;
    // A way that died without a word is found when its silence has lasted too long: five minutes, where nothing was promised.
    if (here && (world.heardAt(watch) ?? 0) > calmAt) return null;
    return here ? 'live, but nothing was heard of it' : `${JSON.stringify(state)} (${reason.code}: ${reason.text})`;
  };
  while (watches.some(wrong) && clock.now() < deadline) {
    await world.runUntil(clock.now() + 5 * second);
    look();
  }
  for (const watch of watches) {
    const found = wrong(watch);
    if (found !== null)
      complain(`${watch.id} (${watch.feed.kind}): ${recoveryMs / minute} minutes after the last fault it is ${found}`);
  }
}

/** A few more events, which must arrive. */
async function lastWords(world: World): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    for (const { feed } of world.watches) feed.publish();
    await world.runUntil(world.clock.now() + 5 * second);
  }
  await world.runUntil(world.clock.now() + 75 * second);
}

/** A violating scenario with as few faults as still violate. At most `budget` further runs. */
export async function shrink(
  result: RunResult,
  draw: Draw,
  budget = 60,
): Promise<{ readonly scenario: Scenario; readonly result: RunResult }> {
  let scenario = createScenario(result.seed, draw);
  let smallest = result;
  let left = budget;
  for (let index = 0; index < scenario.faults.length && left > 0; ) {
    const faults = scenario.faults.filter((_, at) => at !== index);
    const attempt = await runSimulation(result.seed, draw, { ...scenario, faults });
    left -= 1;
    if (attempt.violations.length > 0) {
      scenario = { ...scenario, faults };
      smallest = attempt;
    } else index += 1;
  }
  return { scenario, result: smallest };
}
