import type { Alert } from '../../../shared/alert';
import type { AlertSeverity } from '../../../shared/alert-severity';

/** An alert that is new or has changed, on its way to the journal and to whoever acts on it. */
export interface AlertChange {
  readonly alert: Alert;
  /** It was raised with this change: nobody has been told of it yet. */
  readonly raised: boolean;
}

/** What of a rule's newest alert the rule itself must remember. */
export interface RaisedAlert {
  readonly id: string;
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly text: string;
  readonly raisedAt: number;
  readonly endedAt: number | null;
  readonly ordinal: number | null;
  readonly count: number;
}

/** What a rule must find again after a restart, for one source. Times are wall clock, epoch ms. */
export interface AlertRuleState {
  readonly rule: string;
  /** The condition it belongs to; of another condition it means nothing. */
  readonly condition: string;
  /** Since when the condition holds without having held long enough; null when it does not. */
  readonly since: number | null;
  /** When its cause last came; null where that does not matter. */
  readonly lastAt: number | null;
  /** The newest alert, ended or not; null when there was none. */
  readonly last: RaisedAlert | null;
}

/** What of a source's alerts belongs into the transaction of the events that caused it. */
export interface AlertEntry {
  readonly changes: readonly AlertChange[];
  /** Rules whose state changed; `state` null: the rule does not watch this source any more. */
  readonly states: readonly { readonly rule: string; readonly state: AlertRuleState | null }[];
}

/** Told to whoever acts on alerts. */
export type AlertNews =
  /** `stored`: they are durable. Otherwise nothing can be stored just now, and they are told once more when it can. */
  | {
      readonly kind: 'changed';
      readonly source: string;
      readonly changes: readonly AlertChange[];
      readonly stored: boolean;
    }
  /** The source is removed, and its alerts with it. */
  | { readonly kind: 'forgotten'; readonly source: string };

/** What became of an alert after it was raised; kept by whoever acts. */
export interface AlertMark {
  readonly id: string;
  readonly beforeRestart: boolean;
  readonly mayRepeat: boolean;
}
