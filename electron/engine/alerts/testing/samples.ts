import type { AlertCondition, AlertRule } from '../../../../shared/alert';
import type { DeliveredEvent } from '../../core/delivery';

/** Made-up rules and events for tests. */

export function rule(condition: AlertCondition, change: Partial<AlertRule> = {}): AlertRule {
  return { id: 'r', name: 'A rule', source: null, severity: 'warning', enabled: true, condition, ...change };
}

/** An event of type `cpu` whose body is `value`. */
export function eventOf(ordinal: number, receivedAt: number, value: unknown, type = 'cpu'): DeliveredEvent {
  const body = JSON.stringify(value);
  return {
    ordinal,
    receivedAt,
    stream: 's',
    position: { epoch: 'e', seq: ordinal + 1 },
    id: null,
    type,
    sentAt: null,
    body,
    bytes: body.length,
    value,
    late: false,
  };
}
