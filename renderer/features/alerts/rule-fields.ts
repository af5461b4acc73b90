import { type AlertCondition, type AlertRule, alertRuleSchema } from '../../../shared/alert';
import type { AlertSeverity } from '../../../shared/alert-severity';

/** Kinds of conditions, in the order of the form. */
export const conditionKinds = [
  'down',
  'stale',
  'gap',
  'metric',
  'match',
] as const satisfies readonly AlertCondition['kind'][];

export const conditionTexts: Readonly<Record<AlertCondition['kind'], string>> = {
  down: 'It is down',
  stale: 'It has gone stale (no event for three times its usual pause), or is open and silent',
  gap: 'Events are lost for good',
  metric: 'A number is above or below a threshold',
  match: 'An event matches a search',
};

export const severityTexts: Readonly<Record<AlertSeverity, string>> = {
  info: 'Info',
  warning: 'Warning',
  critical: 'Critical',
};

/** The form of a rule: one flat field per input. Numbers as typed. */
export interface RuleFields {
  readonly name: string;
  /** Empty: every source. */
  readonly source: string;
  readonly severity: AlertSeverity;
  readonly kind: AlertCondition['kind'];
  readonly seconds: string;
  readonly series: string;
  readonly is: 'above' | 'below';
  readonly threshold: string;
  readonly clear: string;
  readonly search: string;
  readonly quietSeconds: string;
  /** What counts as lost: what is known to be, or also what nothing shows to have come. */
  readonly lost: 'known' | 'unproven';
}

export const emptyRule: RuleFields = {
  name: '',
  source: '',
  severity: 'warning',
  kind: 'metric',
  seconds: '0',
  series: '',
  is: 'above',
  threshold: '',
  clear: '',
  search: '',
  quietSeconds: '60',
  lost: 'known',
};

export function fieldsOfRule({ name, source, severity, condition }: AlertRule): RuleFields {
  const base = { ...emptyRule, name, source: source ?? '', severity, kind: condition.kind };
  switch (condition.kind) {
    case 'down':
      return { ...base, seconds: `${condition.seconds}` };
    case 'metric': {
      const { seconds, series, is, threshold, clear } = condition;
      return { ...base, seconds: `${seconds}`, series, is, threshold: `${threshold}`, clear: `${clear}` };
    }
    case 'match':
      return { ...base, search: condition.search, quietSeconds: `${condition.quietSeconds}` };
    case 'gap':
      return { ...base, lost: condition.unproven === true ? 'unproven' : 'known' };
    case 'stale':
      return base;
  }
}

/** What stands in the way of a rule, at the field it is about. */
export type RuleErrors = Partial<Record<keyof RuleFields, string>>;

/** The rule that a form says, or what is wrong with it. Nothing typed in a number's place is never taken for 0. */
export function ruleOf(
  fields: RuleFields,
  id: string,
  enabled: boolean,
): { readonly rule: AlertRule } | { readonly errors: RuleErrors } {
  const candidate = {
    id,
    enabled,
    name: fields.name,
    source: fields.source === '' ? null : fields.source,
    severity: fields.severity,
    condition: conditionOf(fields),
  };
  const parsed = alertRuleSchema.safeParse(candidate);
  if (parsed.success) return { rule: parsed.data };
  const errors: Record<string, string> = {};
  for (const { path, message, code } of parsed.error.issues) {
    const field = String(path.at(-1) ?? 'name');
    errors[field] ??= code === 'invalid_type' ? 'Write a number.' : message;
  }
  return { errors };
}

function conditionOf(fields: RuleFields): unknown {
  const { kind, series, is, search } = fields;
  switch (kind) {
    case 'down':
      return { kind, seconds: numberOf(fields.seconds) };
    case 'metric': {
      const threshold = numberOf(fields.threshold);
      // Left open, it ends where it began.
      const clear = fields.clear.trim() === '' ? threshold : numberOf(fields.clear);
      return { kind, series, is, threshold, clear, seconds: numberOf(fields.seconds) };
    }
    case 'match':
      return { kind, search, quietSeconds: numberOf(fields.quietSeconds) };
    case 'gap':
      return fields.lost === 'unproven' ? { kind, unproven: true } : { kind };
    case 'stale':
      return { kind };
  }
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
}

/** A rule's condition in a sentence. */
export function conditionSentence(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'down':
      return condition.seconds === 0 ? 'down' : `down for ${condition.seconds} s`;
    case 'stale':
      return 'no event for 3 × its usual pause';
    case 'gap':
      return condition.unproven === true
        ? 'events lost for good, or a resume that nothing proves'
        : 'events lost for good';
    case 'metric': {
      const { series, is, threshold, clear, seconds } = condition;
      const held = seconds === 0 ? '' : ` for ${seconds} s`;
      const end = clear === threshold ? '' : `, until ${clear}`;
      return `${series.replace(/^value:/, '')} ${is} ${threshold}${held}${end}`;
    }
    case 'match':
      return `an event matches ${condition.search}`;
  }
}
