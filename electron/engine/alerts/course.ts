import type { Alert, AlertRule } from '../../../shared/alert';
import type { AlertChange, AlertRuleState, RaisedAlert } from '../core/alerts';
import { mostCounted } from './limits';

/** What tells a condition from another one of the same rule. */
export function conditionKey(rule: AlertRule): string {
  return JSON.stringify([rule.source, rule.condition]);
}

/**
 * The course of one rule at one source: what it waits for, its newest alert, and what of both the journal does not have
 * yet. Knows no clock: times are those of whoever calls.
 */
export class RuleCourse {
  since: number | null;
  lastAt: number | null;
  private last: RaisedAlert | null;
  private changed = false;
  private readonly changes = new Map<string, { alert: RaisedAlert; raised: boolean }>();

  constructor(
    readonly source: string,
    private rule: AlertRule,
    private readonly settleMs: number,
    restored: AlertRuleState | null,
  ) {
    const mine = restored?.condition === conditionKey(rule) ? restored : null;
    this.since = mine?.since ?? null;
    this.lastAt = mine?.lastAt ?? null;
    this.last = mine?.last ?? null;
    // What is stored belongs to another condition.
    if (restored && !mine) this.changed = true;
  }

  get active(): boolean {
    return this.last !== null && this.last.endedAt === null;
  }

  /** Raised and not yet ended, or ended: the newest alert. */
  get newest(): RaisedAlert | null {
    return this.last;
  }

  /** Name and severity of what is raised from now on. */
  rename(rule: AlertRule): void {
    this.rule = rule;
  }

  touch(): void {
    this.changed = true;
  }

  /** Begins an alert, or goes on with the one that ended a moment ago. `key` tells it from others of this rule. */
  raise(at: number, key: string, ordinal: number | null, text: string): void {
    const { last } = this;
    if (last !== null && (last.endedAt === null || at - last.endedAt < this.settleMs)) {
      this.put({ ...last, endedAt: null, count: Math.min(last.count + 1, mostCounted) }, false);
      return;
    }
    const id = `${this.rule.id}:${this.source}:${key}`;
    const { name, severity } = this.rule;
    this.put({ id, name, severity, text, raisedAt: at, endedAt: null, ordinal, count: 1 }, true);
  }

  /** Its cause came once more while it lasts. */
  again(): void {
    const { last } = this;
    if (last !== null) this.put({ ...last, endedAt: null, count: Math.min(last.count + 1, mostCounted) }, false);
  }

  end(at: number): void {
    const { last } = this;
    if (last !== null && last.endedAt === null) this.put({ ...last, endedAt: at }, false);
  }

  /** Shows it as ended without ending it for the rule: the next event decides. */
  showEnded(at: number): void {
    const { last } = this;
    if (last !== null) this.note({ ...last, endedAt: at }, false);
  }

  private put(alert: RaisedAlert, raised: boolean): void {
    this.last = alert;
    this.changed = true;
    this.note(alert, raised);
  }

  private note(alert: RaisedAlert, raised: boolean): void {
    const waiting = this.changes.get(alert.id);
    if (waiting) waiting.alert = alert;
    else this.changes.set(alert.id, { alert, raised });
  }

  state(): AlertRuleState {
    const { since, lastAt, last } = this;
    return { rule: this.rule.id, condition: conditionKey(this.rule), since, lastAt, last };
  }

  get waits(): boolean {
    return this.changed || this.changes.size > 0;
  }

  /** What the journal does not have yet; `state` null when that of the rule has not changed. */
  drain(): { readonly changes: readonly AlertChange[]; readonly state: AlertRuleState | null } {
    const changes = [...this.changes.values()].map(({ alert, raised }) => ({ alert: this.full(alert), raised }));
    const state = this.changed ? this.state() : null;
    this.changes.clear();
    this.changed = false;
    return { changes, state };
  }

  private full(alert: RaisedAlert): Alert {
    return alertOf(this.rule.id, this.source, alert);
  }
}

/** An alert as it is recorded: whether anybody was told or saw it is kept elsewhere. */
export function alertOf(rule: string, source: string, alert: RaisedAlert): Alert {
  return { ...alert, rule, source, acknowledgedAt: null, notice: 'due', beforeRestart: false, mayRepeat: false };
}
