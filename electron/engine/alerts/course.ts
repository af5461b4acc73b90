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
  /** Changed in place: it may change with every event. */
  private last: Course | null;
  /** When it is shown to have ended, though for the rule it lasts. */
  private shownEnd: number | null = null;
  private changed = false;
  /** Those the journal does not have as they are now. */
  private waiting: Course[] = [];

  constructor(
    readonly source: string,
    private rule: AlertRule,
    private readonly settleMs: number,
    restored: AlertRuleState | null,
  ) {
    const mine = restored?.condition === conditionKey(rule) ? restored : null;
    this.since = mine?.since ?? null;
    this.lastAt = mine?.lastAt ?? null;
    this.last = mine?.last ? { ...mine.last, waits: false, raised: false } : null;
    // What is stored belongs to another condition.
    if (restored && !mine) this.changed = true;
  }

  get active(): boolean {
    return this.last !== null && this.last.endedAt === null;
  }

  /** Name and severity of what is raised from now on. */
  rename(rule: AlertRule): void {
    this.rule = rule;
  }

  touch(): void {
    this.changed = true;
  }

  /** Begins an alert, or goes on with the one that ended a moment ago. `key` tells it from others of this rule. */
  raise(at: number, key: string | number, ordinal: number | null, text: () => string): void {
    const { last } = this;
    if (last !== null && (last.endedAt === null || at - last.endedAt < this.settleMs)) {
      this.again();
      return;
    }
    const { id, name, severity } = this.rule;
    this.last = {
      id: `${id}:${this.source}:${key}`,
      name,
      severity,
      text: text(),
      raisedAt: at,
      endedAt: null,
      ordinal,
      count: 1,
      waits: false,
      raised: true,
    };
    this.note(this.last);
  }

  /** Its cause came once more while it lasts. */
  again(): void {
    const { last } = this;
    if (last === null) return;
    last.endedAt = null;
    last.count = Math.min(last.count + 1, mostCounted);
    this.note(last);
  }

  end(at: number): void {
    const { last } = this;
    if (last === null || last.endedAt !== null) return;
    last.endedAt = at;
    this.note(last);
  }

  /** Shows it as ended without ending it for the rule: the next event decides. */
  showEnded(at: number): void {
    if (this.last === null) return;
    this.note(this.last);
    this.shownEnd = at;
  }

  /** It was shown as ended too early. */
  showLasting(): void {
    if (this.last !== null) this.note(this.last);
  }

  private note(alert: Course): void {
    this.shownEnd = null;
    this.changed = true;
    if (alert.waits) return;
    alert.waits = true;
    this.waiting.push(alert);
  }

  state(): AlertRuleState {
    const { since, lastAt, last } = this;
    const condition = conditionKey(this.rule);
    return { rule: this.rule.id, condition, since, lastAt, last: last === null ? null : plain(last) };
  }

  get waits(): boolean {
    return this.changed || this.waiting.length > 0;
  }

  /** What the journal does not have yet; `state` null when that of the rule has not changed. */
  drain(): { readonly changes: readonly AlertChange[]; readonly state: AlertRuleState | null } {
    const changes = this.waiting.map((one) => {
      const { raised } = one;
      one.waits = false;
      one.raised = false;
      const shown = one === this.last && this.shownEnd !== null ? { endedAt: this.shownEnd } : {};
      return { alert: alertOf(this.rule.id, this.source, { ...plain(one), ...shown }), raised };
    });
    const state = this.changed ? this.state() : null;
    this.waiting = [];
    this.changed = false;
    return { changes, state };
  }
}

/** An alert in its course, with what of it is still to be told. */
interface Course extends RaisedAlert {
  endedAt: number | null;
  count: number;
  waits: boolean;
  raised: boolean;
}

function plain({ id, name, severity, text, raisedAt, endedAt, ordinal, count }: Course): RaisedAlert {
  return { id, name, severity, text, raisedAt, endedAt, ordinal, count };
}

/** An alert as it is recorded: whether anybody was told or saw it is kept elsewhere. */
export function alertOf(rule: string, source: string, alert: RaisedAlert): Alert {
  return { ...alert, rule, source, acknowledgedAt: null, notice: 'due', beforeRestart: false, mayRepeat: false };
}
