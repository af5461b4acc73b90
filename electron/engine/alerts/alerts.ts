import type { AlertRule } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { AlertChange, AlertEntry, AlertRuleState } from '../core/alerts';
import type { Clock } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { Measured } from '../core/protocol';
import { alertOf, conditionKey, RuleCourse } from './course';
import { watchGap } from './gap';
import { type AlertLimits, alertLimits } from './limits';
import { watchMatch } from './match';
import { watchMetric } from './metric';
import { watchDown, watchStale } from './silence';
import type { RuleWatch } from './watch';

export interface AlertsDeps {
  readonly source: string;
  readonly clock: Clock;
  /** All there are; those that do not concern the source are left out here. */
  readonly rules: readonly AlertRule[];
  /** What earlier runs left. */
  readonly restored: readonly AlertRuleState[];
  readonly limits?: Partial<AlertLimits>;
}

export interface AlertsSink {
  /** Something is to be drained that no event, gap or transition brought. */
  onChange(): void;
}

/**
 * The rules that watch one source. `metric` and `match` depend on nothing but the events and their order, so that a run
 * that was killed and one that was not raise the same alerts. What changes is drained into the journal entry of the
 * events that changed it: after a crash both are there, or neither.
 */
export interface Alerts {
  events(events: readonly DeliveredEvent[]): void;
  /** Numbers that came beside events, at a moment of the wall clock. */
  measured(measured: readonly Measured[], at: number): void;
  gaps(gaps: readonly Gap[]): void;
  /** `lastByteAt`: last sign of life before it, epoch ms. */
  transition(transition: Transition, lastByteAt: number | null): void;
  /**
   * Once a second. `stale`: live and silent for too long, and not because we hold it back. `unproven`: resumes so far of
   * which nothing shows whether they went on where they were asked to.
   */
  tick(stale: boolean, unproven: number, openSilent: boolean): void;
  /** Other rules are in force. What a rule had raised that is gone, or watches for something else, ends. */
  setRules(rules: readonly AlertRule[]): void;
  /** The journal did not store what came since; that comes again. Alerts raised from memory alone end. */
  reset(stored: readonly AlertRuleState[]): void;
  /** What changed since the last call; null when nothing did. */
  drain(): AlertEntry | null;
}

/** See `Alerts`. */
export function createAlerts(deps: AlertsDeps, sink: AlertsSink): Alerts {
  const { source, clock } = deps;
  const limits: AlertLimits = { ...alertLimits, ...deps.limits };
  let rules: readonly AlertRule[] = [];
  let watches = new Map<string, RuleWatch>();
  /** Those of `watches` that look at each event, or at whether any came. */
  let perEvent: readonly RuleWatch[] = [];
  let perBatch: readonly RuleWatch[] = [];
  /** What is left to tell of rules that are gone. */
  let retired: { readonly changes: readonly AlertChange[]; readonly rule: string }[] = [];
  let lastTransition: Transition | null = null;

  function watchOf(rule: AlertRule, restored: AlertRuleState | null): RuleWatch {
    const course = new RuleCourse(source, rule, limits.settleMs, restored);
    const { condition } = rule;
    switch (condition.kind) {
      case 'down':
        return watchDown(course, condition, limits);
      case 'stale':
        return watchStale(course);
      case 'gap':
        return watchGap(course, condition, limits);
      case 'metric':
        return watchMetric(course, condition);
      case 'match':
        return watchMatch(course, condition);
    }
  }

  /** Ends what a rule raised; its state goes. */
  function retire(state: AlertRuleState, untold: readonly AlertChange[]): void {
    const { rule, last } = state;
    const changes = new Map(untold.map((change) => [change.alert.id, change]));
    if (last !== null && last.endedAt === null) {
      const raised = changes.get(last.id)?.raised ?? false;
      changes.set(last.id, { alert: alertOf(rule, source, { ...last, endedAt: clock.wall() }), raised });
    }
    retired.push({ rule, changes: [...changes.values()] });
  }

  /** Puts rules in force, each with what it remembers. */
  function use(next: readonly AlertRule[], stored: ReadonlyMap<string, AlertRuleState>): void {
    const before = watches;
    watches = new Map();
    for (const rule of next) {
      if (!rule.enabled || (rule.source !== null && rule.source !== source)) continue;
      const known = before.get(rule.id);
      const state = known?.course.state() ?? stored.get(rule.id) ?? null;
      if (known && state?.condition === conditionKey(rule)) {
        known.course.rename(rule);
        watches.set(rule.id, known);
      } else {
        if (state && state.condition !== conditionKey(rule)) retire(state, known?.course.drain().changes ?? []);
        const watch = watchOf(rule, state);
        // A rule made while the source is down waits for it like the others.
        if (lastTransition) watch.transition?.(lastTransition, clock.now(), null);
        watches.set(rule.id, watch);
      }
    }
    for (const [id, { course }] of before) if (!watches.has(id)) retire(course.state(), course.drain().changes);
    for (const [id, state] of stored) if (!watches.has(id)) retire(state, []);
    perEvent = [...watches.values()].filter(({ event }) => event);
    perBatch = [...watches.values()].filter(({ heard }) => heard);
    rules = next;
  }

  use(deps.rules, new Map(deps.restored.map((state) => [state.rule, state])));

  return {
    events(events) {
      for (const { event: look } of perEvent) if (look) for (const event of events) look(event);
      if (perBatch.length > 0 && events.length > 0) for (const watch of perBatch) watch.heard?.(clock.wall());
    },
    measured(measured, at) {
      for (const watch of watches.values()) watch.measured?.(measured, at);
    },
    gaps(gaps) {
      for (const watch of watches.values()) watch.gaps?.(gaps, clock.wall());
    },
    transition(transition, lastByteAt) {
      lastTransition = transition;
      for (const watch of watches.values()) watch.transition?.(transition, clock.now(), lastByteAt);
    },
    tick(stale, unproven, openSilent) {
      if (watches.size === 0) return;
      const moment = { now: clock.now(), wall: clock.wall(), stale, unproven, openSilent };
      for (const watch of watches.values()) watch.tick?.(moment);
      if ([...watches.values()].some(({ course }) => course.waits)) sink.onChange();
    },
    setRules(next) {
      use(next, new Map());
      sink.onChange();
    },
    reset(stored) {
      const storedIds = new Set(stored.flatMap(({ last }) => (last ? [last.id] : [])));
      const inMemory = [...watches.values()].flatMap(({ course }) => {
        const { last } = course.state();
        return last && !storedIds.has(last.id) && last.endedAt === null ? [course.state()] : [];
      });
      watches = new Map();
      use(rules, new Map(stored.map((state) => [state.rule, state])));
      for (const { rule, last } of inMemory) {
        if (last === null) continue;
        const alert = alertOf(rule, source, { ...last, endedAt: clock.wall() });
        retired.push({ rule, changes: [{ alert, raised: false }] });
      }
      sink.onChange();
    },
    drain() {
      const changes: AlertChange[] = [];
      const states = new Map<string, AlertRuleState | null>();
      for (const gone of retired) {
        changes.push(...gone.changes);
        if (!watches.has(gone.rule)) states.set(gone.rule, null);
      }
      retired = [];
      for (const [rule, { course }] of watches) {
        if (!course.waits) continue;
        const waiting = course.drain();
        changes.push(...waiting.changes);
        if (waiting.state) states.set(rule, waiting.state);
      }
      if (changes.length === 0 && states.size === 0) return null;
      return { changes, states: [...states].map(([rule, state]) => ({ rule, state })) };
    },
  };
}
