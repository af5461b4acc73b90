import { type Alert, type AlertRule, alertRuleSchema } from '../../../shared/alert';
import type { AlertNews } from '../../engine/core/alerts';
import type { Clock } from '../../engine/core/clock';
import type { EngineFacade } from '../../engine/core/facade';
import type { Journal } from '../../engine/core/journal';
import { createListeners } from '../../engine/core/listeners';
import type { AlertFeed } from '../../engine/relay/relay';
import { CommandRefused } from '../ipc/dispatcher';
import { type Log, reportTo } from '../log';
import type { SettingsStore } from '../settings/settings';
import { createMarks } from './marks';

export interface AlertDeskDeps {
  readonly clock: Clock;
  readonly engine: Pick<EngineFacade, 'onAlerts' | 'setAlertRules'> & {
    readonly journal: Pick<Journal, 'openAlerts' | 'alertPage' | 'markSent' | 'acknowledge' | 'onView'>;
  };
  readonly settings: SettingsStore;
  /** Whether a source of this id is configured. */
  readonly isSource: (id: string) => boolean;
  /** Tells the person about an alert that was just raised. */
  readonly notify: (alert: Alert) => void;
  readonly log: Log;
}

/** Alerts as main has them: tells the person once of each that is raised, says so to the journal, and feeds the windows. */
export interface AlertDesk extends AlertFeed {
  rules(): readonly AlertRule[];
  /** Durable and in force when it resolves. */
  save(rules: readonly AlertRule[]): Promise<readonly AlertRule[]>;
  /** Newest first; see `Journal.alertPage`. */
  page(before: number | null, limit: number): Promise<readonly Alert[]>;
  /** A person saw this one; null: all. */
  acknowledge(id: string | null): Promise<void>;
  close(): void;
}

/** Alerts known here: those that a window may show, and some that ended. The journal has all of them. */
const mostKnown = 2_000;
/** What a window is given when it attaches. */
const mostShown = 200;

/** See `AlertDesk`. */
export function createAlertDesk(deps: AlertDeskDeps): AlertDesk {
  const { clock, engine, settings, log } = deps;
  const { journal } = engine;
  const known = new Map<string, Alert>();
  const listeners = createListeners<[changed: readonly Alert[]]>(reportTo(log));
  const marks = createMarks(journal);
  let loading = false;
  let loaded = false;
  let closed = false;

  function put(alert: Alert): void {
    known.delete(alert.id);
    known.set(alert.id, alert);
    if (known.size <= mostKnown) return;
    // What nobody need see goes first, then the oldest.
    for (const [id, one] of known) {
      if (isOpen(one)) continue;
      known.delete(id);
      return;
    }
    for (const id of known.keys()) {
      known.delete(id);
      return;
    }
  }

  function tell(changed: readonly Alert[]): void {
    if (changed.length === 0) return;
    listeners.tell(changed);
  }

  /** Tells the person of an alert. Whether that is stored comes after: a crash in between is seen at the next start. */
  function act(alert: Alert, mayRepeat: boolean): Alert {
    deps.notify(alert);
    marks.acted({ id: alert.id, beforeRestart: false, mayRepeat: false });
    return { ...alert, notice: 'sent', mayRepeat };
  }

  function heard(news: AlertNews): void {
    if (news.kind === 'forgotten') {
      forget((alert) => alert.source === news.source);
      return;
    }
    const changed: Alert[] = [];
    for (const { alert, raised } of news.changes) {
      const before = known.get(alert.id);
      let next: Alert = before ? merged(before, alert) : alert;
      if (raised && next.notice === 'due') next = act(next, !news.stored);
      // An alert of an earlier run that is not among the open ones: somebody was told of it.
      else if (!before && !raised) next = { ...next, notice: 'sent' };
      // It is stored after all, and will not come again.
      else if (raised && news.stored) next = { ...next, mayRepeat: false };
      if (news.stored) marks.stored(next);
      put(next);
      changed.push(next);
    }
    tell(changed);
  }

  /** Takes alerts out of the windows: they end, and nobody need look at them. */
  function forget(which: (alert: Alert) => boolean): void {
    const at = clock.wall();
    const gone = [...known.values()].filter(which);
    for (const { id } of gone) {
      known.delete(id);
      marks.forget(id);
    }
    tell(gone.map((alert) => ({ ...alert, endedAt: alert.endedAt ?? at, acknowledgedAt: alert.acknowledgedAt ?? at })));
  }

  /** What earlier runs left: due ones are shown as raised before the restart, and count as told then. */
  async function load(): Promise<void> {
    if (loading || loaded) return;
    loading = true;
    try {
      const stored = await journal.openAlerts(mostKnown);
      loaded = true;
      const changed: Alert[] = [];
      for (const alert of [...stored].reverse()) {
        if (known.has(alert.id) || !deps.isSource(alert.source)) continue;
        const due = alert.notice === 'due' && alert.beforeRestart;
        const next: Alert = due ? { ...alert, notice: 'sent' } : alert;
        if (due) {
          marks.acted({ id: alert.id, beforeRestart: true, mayRepeat: alert.mayRepeat });
          marks.stored(next);
        }
        put(next);
        changed.push(next);
      }
      tell(changed);
    } catch (error) {
      if (!closed) log.once('alerts', `earlier alerts could not be read yet: ${String(error)}`);
    } finally {
      loading = false;
    }
  }

  const unsubscribes = [
    engine.onAlerts(heard),
    journal.onView(({ kind }) => {
      if (kind === 'paused') return;
      marks.retry();
      void load();
    }),
  ];
  void load();

  return {
    rules: () => settings.current().alertRules,
    async save(rules) {
      const twice = rules.find(({ id }, at) => rules.findIndex((rule) => rule.id === id) !== at);
      if (twice) throw new CommandRefused({ kind: 'refused', message: `There are two rules ${twice.id}.` });
      const alertRules = rules.map((rule) => alertRuleSchema.parse(rule));
      await settings.change((before) => ({ ...before, alertRules }));
      engine.setAlertRules(alertRules);
      return alertRules;
    },
    async page(before, limit) {
      const stored = await journal.alertPage(before, limit);
      // What is known here may be newer than what is written.
      return stored.map((alert) => known.get(alert.id) ?? alert);
    },
    async acknowledge(id) {
      const at = clock.wall();
      const changed: Alert[] = [];
      for (const alert of id === null ? [...known.values()] : [known.get(id)]) {
        if (!alert || alert.acknowledgedAt !== null) continue;
        const next = { ...alert, acknowledgedAt: at };
        known.set(alert.id, next);
        changed.push(next);
      }
      tell(changed);
      await marks.seen(id === null ? null : [id], at);
    },
    open() {
      const open = [...known.values()].filter(isOpen).sort((a, b) => b.raisedAt - a.raisedAt);
      return open.slice(0, mostShown);
    },
    onChange: listeners.subscribe,
    close() {
      closed = true;
      for (const unsubscribe of unsubscribes) unsubscribe();
      listeners.clear();
    },
  };
}

function isOpen(alert: Alert): boolean {
  return alert.endedAt === null || alert.acknowledgedAt === null;
}

/** The rule's word on the alert, with what is known here about the person. */
function merged(before: Alert, now: Alert): Alert {
  const { acknowledgedAt, notice, beforeRestart, mayRepeat } = before;
  return { ...now, acknowledgedAt, notice, beforeRestart, mayRepeat };
}
