import type { Alert, AlertRule } from '../../shared/alert';
import type { CommandArgs, Update } from '../../shared/ipc';

const rules: readonly AlertRule[] = [
  {
    id: 'down',
    name: 'A source is down',
    source: null,
    severity: 'critical',
    enabled: true,
    condition: { kind: 'down', seconds: 10 },
  },
  {
    id: 'busy',
    name: 'This machine has been busy for longer than anybody would like it to be, and says so here',
    source: 'machine',
    severity: 'warning',
    enabled: true,
    condition: { kind: 'metric', series: 'value:cpu.percent', is: 'above', threshold: 90, clear: 70, seconds: 30 },
  },
  {
    id: 'refused',
    name: 'An order was refused',
    source: 'orders',
    severity: 'info',
    enabled: false,
    condition: { kind: 'match', search: 'type:order "was refused"', quietSeconds: 60 },
  },
];

const texts: Readonly<Record<string, string>> = {
  down: 'Not live for 10 s, down since 14:30:07 +01:00: The proxy answered 403 to the upgrade.',
  busy: 'cpu.percent is 97.25, above 90 for 30 s.',
  refused: 'An event matches: {"id":"ord_7Qk","note":"it was refused","reason":"card_declined"}',
};

/** Every kind of alert there is, and so many of the past. */
function madeUp(now: number, past: number): readonly Alert[] {
  return Array.from({ length: past + 4 }, (_, index) => {
    const rule = rules[index % rules.length] ?? (rules[0] as AlertRule);
    const raisedAt = now - index * index * 61_000 - 95_000;
    return {
      id: `alert-${index}`,
      rule: rule.id,
      source: rule.source ?? 'chat',
      name: rule.name,
      severity: rule.severity,
      text: texts[rule.id] ?? '',
      raisedAt,
      endedAt: index < 3 ? null : raisedAt + 45_000,
      acknowledgedAt: index === 2 || index > 4 ? raisedAt + 20_000 : null,
      ordinal: rule.condition.kind === 'down' ? null : 4_990 - index,
      count: index % 3 === 1 ? 1_204 : 1,
      notice: 'sent',
      beforeRestart: index === 1 || index === 4,
      mayRepeat: index === 0,
    };
  });
}

/** Alerts of a made-up main. `past`: how many it has of earlier days; none at all with null. */
export function createFakeAlerts(now: number, past: number | null, send: (update: Update) => void) {
  let alerts = past === null ? [] : madeUp(now, past);
  let known = past === null ? [] : rules;
  return {
    full: (): Update => ({ kind: 'alerts', full: true, alerts: alerts.slice(0, 5) }),
    answers: {
      'alerts.rules': () => known,
      'alerts.save': (args: CommandArgs<'alerts.save'>) => {
        known = args.rules;
        return known;
      },
      'alerts.page': ({ before, limit }: CommandArgs<'alerts.page'>) =>
        alerts.filter(({ raisedAt }) => before === null || raisedAt < before).slice(0, limit),
      'alerts.acknowledge': ({ id }: CommandArgs<'alerts.acknowledge'>) => {
        const seen = (alert: Alert): Alert =>
          id === null || alert.id === id ? { ...alert, acknowledgedAt: alert.acknowledgedAt ?? Date.now() } : alert;
        alerts = alerts.map(seen);
        send({ kind: 'alerts', full: false, alerts });
        return null;
      },
    },
  };
}
