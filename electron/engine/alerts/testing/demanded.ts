import type { Alert, AlertRule } from '../../../../shared/alert';
import { matchesSearch, parseSearch } from '../../../../shared/search';
import { alertLimits } from '../limits';

/** An event as the journal gives it back. */
export interface StoredEvent {
  readonly ordinal: number;
  readonly receivedAt: number;
  readonly type: string;
  readonly stream: string;
  readonly id: string | null;
  readonly body: string;
}

/** An alert that must have come of some events. */
interface Demanded {
  readonly ordinal: number;
  readonly raisedAt: number;
  count: number;
  endedAt: number | null;
  /** Where it lasts by the events alone: when the clock may have ended it. */
  quietAt: number | null;
}

/** What came of holding stored alerts against the stored events. */
export interface AlertVerdict {
  readonly demanded: number;
  readonly lost: number;
  readonly repeated: number;
  /** Everything that is not as it must be, in words, lost and repeated ones included. */
  readonly faults: readonly string[];
}

/** Takes stored events one by one, then says what is wrong with the alerts of a rule. */
export interface AlertJudge {
  event(event: StoredEvent): void;
  verdict(stored: readonly Alert[]): AlertVerdict;
}

/**
 * What a `metric` or `match` rule demands of events, worked out from scratch in one go over what is stored, by other
 * means than the engine's: bodies are parsed, nothing is remembered between runs.
 */
export function createAlertJudge(rule: AlertRule): AlertJudge {
  const demanded: Demanded[] = [];
  return {
    event: demandOf(rule, demanded),
    verdict: (stored) => compare(rule, demanded, stored),
  };
}

/** All events at once. */
export function judgeAlerts(rule: AlertRule, events: readonly StoredEvent[], stored: readonly Alert[]): AlertVerdict {
  const judge = createAlertJudge(rule);
  for (const event of events) judge.event(event);
  return judge.verdict(stored);
}

function compare(rule: AlertRule, demanded: readonly Demanded[], stored: readonly Alert[]): AlertVerdict {
  const byOrdinal = new Map<number | null, Alert[]>();
  for (const alert of stored) {
    if (alert.rule === rule.id) byOrdinal.set(alert.ordinal, [...(byOrdinal.get(alert.ordinal) ?? []), alert]);
  }
  const faults: string[] = [];
  let lost = 0;
  let repeated = 0;
  for (const one of demanded) {
    const found = byOrdinal.get(one.ordinal) ?? [];
    byOrdinal.delete(one.ordinal);
    const what = `alert of ${rule.id} at event ${one.ordinal}`;
    const [first, ...more] = found;
    if (more.length > 0) faults.push(`${what} is recorded ${found.length} times`);
    repeated += more.length;
    if (!first) {
      lost += 1;
      faults.push(`${what} is lost`);
      continue;
    }
    if (first.raisedAt !== one.raisedAt) faults.push(`${what} was raised at ${first.raisedAt}, not ${one.raisedAt}`);
    if (first.count !== one.count) faults.push(`${what} is counted ${first.count} times, not ${one.count}`);
    const ended = one.endedAt === null ? [null, one.quietAt] : [one.endedAt];
    if (!ended.includes(first.endedAt)) faults.push(`${what} ended at ${first.endedAt}, not ${one.endedAt}`);
  }
  for (const [ordinal, extra] of byOrdinal) {
    repeated += extra.length;
    faults.push(`alert of ${rule.id} at event ${ordinal} came of nothing`);
  }
  return { demanded: demanded.length, lost, repeated, faults };
}

/** Adds to `alerts` what one more event demands. */
function demandOf({ condition }: AlertRule, alerts: Demanded[]): (event: StoredEvent) => void {
  const raise = (event: StoredEvent): void => {
    const last = alerts.at(-1);
    if (last && last.endedAt !== null && event.receivedAt - last.endedAt < alertLimits.settleMs) {
      last.endedAt = null;
      last.count += 1;
      return;
    }
    alerts.push({ ordinal: event.ordinal, raisedAt: event.receivedAt, count: 1, endedAt: null, quietAt: null });
  };

  switch (condition.kind) {
    case 'metric': {
      const { series, is, threshold, clear, seconds } = condition;
      const sign = is === 'above' ? 1 : -1;
      let since: number | null = null;
      return (event) => {
        const number = numberIn(event, series);
        if (number === null) return;
        const last = alerts.at(-1);
        if (last && last.endedAt === null) {
          if ((number - clear) * sign <= 0) last.endedAt = event.receivedAt;
          return;
        }
        const beyond = (number - threshold) * sign > 0;
        since = beyond ? Math.min(since ?? event.receivedAt, event.receivedAt) : null;
        if (since === null || event.receivedAt - since < seconds * 1000) return;
        raise(event);
        since = null;
      };
    }
    case 'match': {
      const terms = parseSearch(condition.search);
      const quietMs = condition.quietSeconds * 1000;
      let heard = 0;
      return (event) => {
        const last = alerts.at(-1);
        const lasts = last !== undefined && last.endedAt === null;
        if (lasts && event.receivedAt >= heard + quietMs) last.endedAt = heard + quietMs;
        else if (lasts) heard = Math.min(heard, event.receivedAt);
        if (matchesSearch(event, terms)) {
          heard = event.receivedAt;
          if (last && last.endedAt === null) last.count += 1;
          else raise(event);
        }
        const now = alerts.at(-1);
        if (now && now.endedAt === null) now.quietAt = heard + quietMs;
      };
    }
    default:
      throw new Error(`What a rule ${condition.kind} demands cannot be told from events.`);
  }
}

/** The number a series names in an event; null when there is none. Types and keys without dots. */
function numberIn(event: StoredEvent, series: string): number | null {
  const [type, ...path] = series.slice('value:'.length).split('.');
  if (event.type !== type) return null;
  let found: unknown = JSON.parse(event.body);
  for (const key of path) found = (found as Record<string, unknown> | null)?.[key];
  return typeof found === 'number' ? found : null;
}
