import { createHash } from 'node:crypto';
import type { Alert } from '../../../shared/alert';
import type { ConnectionKind } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import { judgeAlerts } from '../alerts/testing/demanded';
import type { DeliveredEvent } from '../core/delivery';
import { type CrashFolder, createCrashFolder, readWhole } from './crash-journal';
import { enact } from './enact';
import { watchInvariants } from './invariants';
import { createScenario, type Scenario } from './scenario';
import { createSeededRandom } from './seeded-random';
import { createWorld, HotLoop, type Watch, type World, watchedRules } from './world';

/** What became of a run. */
export interface RunResult {
  readonly seed: number;
  /** Each with the virtual time it was noticed, ms. At most 20 are kept. */
  readonly violations: readonly { readonly at: number; readonly text: string }[];
  /** SHA-256 of the trace, hex. */
  readonly hash: string;
  readonly trace: readonly string[];
  /** `state fault` for every fault that struck a source, with the state it was in. */
  readonly covered: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
}

const second = 1000;
const minute = 60_000;
/** Once faults end, the top rung must be live again within this: the longest wait for a probe, with its jitter, and a recheck. */
const recoveryMs = 45 * minute;

export interface RunOptions {
  readonly scenario?: Scenario;
  /** With the real journal on disk, killed between statements and started again. */
  readonly journal?: boolean;
}

/** One seed, one run: a scenario, then calm, then the end. */
export async function runSimulation(
  seed: number,
  { scenario = createScenario(seed), journal = false }: RunOptions = {},
): Promise<RunResult> {
  const folder = journal ? createCrashFolder() : null;
  try {
    return await runIn(folder, seed, scenario);
  } finally {
    folder?.remove();
  }
}

async function runIn(folder: CrashFolder | null, seed: number, scenario: Scenario): Promise<RunResult> {
  const violations: { at: number; text: string }[] = [];
  const covered: string[] = [];
  let clockNow = (): number => 0;
  const complain = (text: string): void => {
    if (violations.length < 20) violations.push({ at: Math.round(clockNow()), text });
  };
  const world = createWorld(seed, complain, folder);
  clockNow = () => world.clock.now();
  const { clock, watches } = world;
  const invariants = watchInvariants(world, complain);

  enact(world, scenario, (watch, fault) => {
    covered.push(`${stateNow(watch)} ${fault.kind}`);
    if (fault.kind === 'sleep') invariants.slept();
  });
  try {
    await live();
  } catch (error) {
    if (!(error instanceof HotLoop)) throw error;
    complain(error.message);
  }
  const events = watches[0].judge.count() + watches[1].judge.count();
  const hash = createHash('sha256').update(world.trace.join('\n')).digest('hex');
  return { seed, violations, hash, trace: world.trace, covered, events, virtualMs: Math.round(clock.now()) };

  async function live(): Promise<void> {
    for (const watch of watches) watch.source.start();
    const random = createSeededRandom(seed ^ 0x2545f491);
    const crashes = folder
      ? Array.from({ length: 4 }, () => random.int(5000, scenario.faultsEndAt)).sort((a, b) => a - b)
      : [];
    const until = seed % 4 === 1 && !folder ? random.int(10 * minute, scenario.faultsEndAt) : scenario.faultsEndAt;
    while (clock.now() < until) {
      if (crashes[0] !== undefined && clock.now() >= crashes[0]) {
        crashes.shift();
        invariants.slept();
        await world.crash(random.int(0, 40));
      }
      await world.runUntil(Math.min(clock.now() + second, until));
      world.tick();
      invariants.look();
    }
    // Every fourth run ends in the middle of its troubles: closing must leave nothing at any moment.
    if (seed % 4 !== 1 || folder) {
      calm(world);
      await recover(world, complain, () => invariants.look());
      await lastWords(world, complain);
    }
    await end(world, complain);
  }
}

function stateNow(watch: Watch): ConnectionKind {
  return watch.source.view().state.kind;
}

/** The faults are over: credentials are renewed, and what stopped for good is resumed by the person. */
function calm({ clock, host, watches }: World): void {
  clock.setLateness(0);
  if (!host.online()) host.emit({ kind: 'online' });
  for (const watch of watches) {
    watch.renew();
    const { state } = watch.source.view();
    if (state.kind === 'idle') watch.command('resume');
    // What is rechecked by itself must come back by itself.
    if (state.kind === 'stopped' && state.recheckAt === null) watch.command('retry');
    if (watch.source.config().pinnedRung !== null) watch.command({ pin: null });
  }
}

async function recover(world: World, complain: (text: string) => void, look: () => void): Promise<void> {
  const { clock, watches } = world;
  const deadline = clock.now() + recoveryMs;
  const recovered = (): boolean =>
    watches.every((watch) => {
      const { state } = watch.source.view();
      return state.kind === 'live' && state.rung === 0 && state.resync === 'current' && state.candidate === null;
    });
  while (!recovered() && clock.now() < deadline) {
    await world.runUntil(clock.now() + 5 * second);
    world.tick();
    look();
  }
  if (recovered()) return;
  for (const watch of watches) {
    const { state, reason } = watch.source.view();
    if (state.kind === 'live' && state.rung === 0 && state.resync === 'current') continue;
    complain(
      `${watch.stream}: ${recoveryMs / minute} minutes after the last fault it is ${JSON.stringify(state)} (${reason.code}: ${reason.text})`,
    );
  }
}

/** A few more events, which must arrive; then every published event must be accounted for. */
async function lastWords(world: World, complain: (text: string) => void): Promise<void> {
  for (const watch of world.watches) for (let count = 0; count < 3; count += 1) watch.gateway.publish(watch.stream);
  await world.runUntil(world.clock.now() + 90 * second);
  for (const { judge, firstPosition, source, stream, gateway, lostGaps } of world.watches) {
    const stored = world.journal();
    if (stored) {
      await stored.flush();
      const { events, gaps } = await readWhole(stored, stream);
      judge.gapsChanged(gaps);
      judge.delivered(events);
      const alerts = (await stored.alertPage(null, 10_000)).filter(({ source: of }) => of === stream);
      for (const fault of alertFaults(events, gaps, alerts, lostGaps.size)) complain(`${stream}: ${fault}`);
    }
    judge.settle(firstPosition());
    const { notYetStored, counters } = source.view();
    if (notYetStored !== 0) complain(`${stream}: ${notYetStored} events are not stored though the journal is idle`);
    const { delivered } = counters;
    if (delivered !== judge.count()) complain(`${stream}: counted ${delivered} delivered, ${judge.count()} were`);
    const head = gateway.head(stream);
    if (!judge.has(gateway.epoch(), head))
      complain(`${stream}: the newest event ${gateway.epoch()}:${head} never arrived`);
  }
}

/** What the journal's alerts have against its events and gaps. `told`: gaps told as lost, stored or not. */
function alertFaults(
  events: readonly DeliveredEvent[],
  gaps: readonly Gap[],
  alerts: readonly Alert[],
  told: number,
): readonly string[] {
  const stored = events.map((event) => ({ ...event, body: String(event.body) }));
  const faults = watchedRules.flatMap((rule) =>
    rule.condition.kind === 'gap' ? [] : judgeAlerts(rule, stored, alerts).faults,
  );
  const lost = gaps.filter(({ status }) => status === 'lost').length;
  const counted = alerts.filter(({ rule }) => rule === 'lost').reduce((sum, { count }) => sum + count, 0);
  // A gap before the first stored event lies on no page.
  if (counted < lost || counted > told)
    faults.push(`${lost} lost gaps are stored, ${told} were told, alerts count ${counted}`);
  return faults;
}

/** After close nothing is left: no session, socket or timer. */
async function end(world: World, complain: (text: string) => void): Promise<void> {
  const { clock, network, watches, host } = world;
  const stored = world.journal();
  for (const watch of watches) {
    watch.source.close();
    watch.gateway.close();
  }
  await stored?.close();
  // A close handshake is bounded to 3 s, a commit notice to 60 ms.
  await world.runUntil(clock.now() + 5 * second);
  if (network.open() > 0) complain(`${network.open()} connections are open after close`);
  if (world.pending() > 0) complain(`${world.pending()} timers are left after close`);
  if (host.listeners() > 0) complain(`${host.listeners()} listeners are left after close`);
  for (const { sessions, stream } of watches) {
    if (sessions.size > 0) complain(`${stream}: ${[...sessions.values()].join(', ')} still open after close`);
  }
}

/** A violating scenario with as few faults as still violate. At most `budget` further runs. */
export async function shrink(
  result: RunResult,
  journal: boolean,
  budget = 60,
): Promise<{ readonly scenario: Scenario; readonly result: RunResult }> {
  let scenario = createScenario(result.seed);
  let smallest = result;
  let left = budget;
  for (let index = 0; index < scenario.faults.length && left > 0; ) {
    const faults = scenario.faults.filter((_, at) => at !== index);
    const attempt = await runSimulation(result.seed, { scenario: { ...scenario, faults }, journal });
    left -= 1;
    if (attempt.violations.length > 0) {
      scenario = { ...scenario, faults };
      smallest = attempt;
    } else index += 1;
  }
  return { scenario, result: smallest };
}
