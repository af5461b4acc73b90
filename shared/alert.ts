import { z } from 'zod';
import { type AlertSeverity, alertSeverities } from './alert-severity';
import { longestSeriesName } from './series-name';

const holdSeconds = z.number().min(0).max(86_400);

/**
 * What is watched for. Seconds of `metric` and `match` are reckoned on the events themselves (when their last byte was
 * read), so that the same events raise the same alerts, however often the application is restarted among them.
 * What is raised again within 10 s of its end is the same alert, counted once more.
 */
export const alertConditionSchema = z.discriminatedUnion('kind', [
  /** Not live for so long. The machine's own sleep, a lost network of ours, a pause and a fresh wake do not count. */
  z.strictObject({ kind: z.literal('down'), seconds: holdSeconds }),
  /** No event for 3 × the learnt cadence while live. */
  z.strictObject({ kind: z.literal('stale') }),
  /** Events are lost for good; `unproven`: also where the feed was cut and nothing shows whether it went on from there. */
  z.strictObject({ kind: z.literal('gap'), unproven: z.boolean().optional() }),
  /**
   * A number of the events (`value:<type>.<path>`) is beyond `threshold` for `seconds`. It ends when the number is back
   * behind `clear`, which keeps one that wavers around the threshold from raising again and again.
   */
  z.strictObject({
    kind: z.literal('metric'),
    series: z
      .string()
      .max(longestSeriesName)
      .regex(/^value:./, 'Choose a number of the events.'),
    is: z.enum(['above', 'below']),
    threshold: z.number().finite(),
    clear: z.number().finite(),
    seconds: holdSeconds,
  }),
  /** An event matches a search (see `search.ts`). Further matches belong to the same alert until none came for `quietSeconds`. */
  z.strictObject({
    kind: z.literal('match'),
    search: z.string().trim().min(1, 'Write what to look for.').max(500),
    quietSeconds: holdSeconds,
  }),
]);

export type AlertCondition = z.output<typeof alertConditionSchema>;

/** A rule as the person made it. Part of the settings. */
export const alertRuleSchema = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/),
    name: z.string().trim().min(1, 'Give it a name.').max(80),
    /** The source it watches; null: every one. */
    source: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/)
      .nullable(),
    severity: z.enum(alertSeverities),
    enabled: z.boolean(),
    condition: alertConditionSchema,
  })
  .superRefine(({ condition }, context) => {
    if (condition.kind !== 'metric') return;
    const { is, threshold, clear } = condition;
    if (is === 'above' ? clear <= threshold : clear >= threshold) return;
    context.addIssue({
      code: 'custom',
      path: ['condition', 'clear'],
      message: `It could never end: choose ${threshold} or ${is === 'above' ? 'less' : 'more'}.`,
    });
  });

export type AlertRule = z.output<typeof alertRuleSchema>;

/** Rules one installation may have. */
export const maxAlertRules = 200;

/** One alert: one record from the moment it is raised to its end, also across a crash. */
export interface Alert {
  /** The same for the same event, also when it is raised again after a crash that lost its record. */
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** The rule's name and severity when it was raised. */
  readonly name: string;
  readonly severity: AlertSeverity;
  /** What happened, in a sentence with its figures. */
  readonly text: string;
  /** Wall clock, epoch ms. */
  readonly raisedAt: number;
  /** When its cause ended; null while it lasts. */
  readonly endedAt: number | null;
  /** When a person saw it; null while nobody did. */
  readonly acknowledgedAt: number | null;
  /** The event that raised it, by ordinal; null where none did. */
  readonly ordinal: number | null;
  /** How often its cause came while it lasted, the first time included. */
  readonly count: number;
  /** `due`: recorded, nobody was told yet. `sent`: told. */
  readonly notice: 'due' | 'sent';
  /** It was raised in an earlier run that ended before anybody was told. */
  readonly beforeRestart: boolean;
  /** It was acted on while nothing could be stored, so a restart may raise it again. */
  readonly mayRepeat: boolean;
}
