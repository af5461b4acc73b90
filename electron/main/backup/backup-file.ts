import { z } from 'zod';
import { type AlertRule, alertRuleSchema, maxAlertRules } from '../../../shared/alert';
import { misshapen } from '../../../shared/argument-shape';
import type { FieldError } from '../../../shared/errors';
import { issueText } from '../../../shared/issue-text';
import { holdsMore } from '../../../shared/json-size';
import { type SourceConfig, sourceSchema } from '../../../shared/source';
import { withoutFirstMessage } from '../settings/older-source';
import { maxSources, type Settings } from '../settings/schema';
import { thisMachineId } from '../sources/source-desk';

/** Version of the format (docs/backup.md). A newer one is refused, since its meaning is not known. */
const formatVersion = 1;

/** What a preview names of a kind, and characters of each: a file may be wrong in more places than a person reads. */
const maxNamed = { problems: 50, unknown: 20, chars: 300 } as const;

/** Many times what the most sources and rules there may be hold; more is not even parsed. */
const maxValues = 500_000;

const headSchema = z.object({
  kind: z.literal('wirewatch-backup'),
  version: z.number().int().min(1),
  madeAt: z.number().finite().optional(),
  sources: z.array(z.unknown()).max(maxSources),
  alertRules: z.array(z.unknown()).max(maxAlertRules).default([]),
});

/** What a backup file says. */
export interface BackupContents {
  readonly madeAt: number | null;
  readonly sources: readonly SourceConfig[];
  readonly alertRules: readonly AlertRule[];
  /** Fields unknown to this version, as paths; of many the first, and last how many more there are. */
  readonly unknown: readonly string[];
  /** Empty when the whole can be imported. */
  readonly problems: readonly FieldError[];
}

/** The text of a backup: sources and rules, no secrets (settings have none). */
export function writeBackup({ sources, alertRules }: Settings, madeAt: number): string {
  return `${JSON.stringify({ kind: 'wirewatch-backup', version: formatVersion, madeAt, sources, alertRules }, null, 2)}\n`;
}

/** Reads a backup. Never throws: whatever is wrong is named by field. */
export function readBackup(text: string): BackupContents {
  let raw: unknown;
  if (holdsMore(text, maxValues)) {
    const message = `The file holds more than ${maxValues} values: no backup of Wirewatch does.`;
    return refused([{ field: '', message, fix: 'Choose a file that Wirewatch wrote.' }]);
  }
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused([
      { field: '', message: `The file is not JSON (${why}).`, fix: 'Choose a file that Wirewatch wrote.' },
    ]);
  }
  const head = headSchema.safeParse(raw);
  if (!head.success) {
    const isOne = typeof raw === 'object' && raw !== null && Reflect.get(raw, 'kind') === 'wirewatch-backup';
    if (isOne) return refused(problemsOf(head.error, ''));
    return refused([
      { field: 'kind', message: 'This is no backup of Wirewatch.', fix: 'Choose a file that Wirewatch wrote.' },
    ]);
  }
  if (head.data.version > formatVersion) {
    const message = `The file is of version ${head.data.version}, and this Wirewatch reads version ${formatVersion}.`;
    return refused([{ field: 'version', message, fix: 'Import it with a newer Wirewatch.' }]);
  }
  const problems: FieldError[] = [];
  const unknown: (readonly string[])[] = [unknownIn(raw, head.data, '', 1)];
  const sources = head.data.sources.flatMap((one, at) =>
    read(sourceSchema, withoutFirstMessage(one), `sources.${at}`, problems, unknown),
  );
  const alertRules = head.data.alertRules.flatMap((one, at) =>
    read(alertRuleSchema, one, `alertRules.${at}`, problems, unknown),
  );
  for (const [at, source] of sources.entries()) {
    if (source.id === thisMachineId || source.builtIn) {
      problems.push({
        field: `sources.${at}`,
        message: 'This machine is built in and cannot be imported.',
        fix: 'Take it out.',
      });
    }
  }
  problems.push(...twice(sources, 'sources'), ...twice(alertRules, 'alertRules'));
  return {
    madeAt: head.data.madeAt ?? null,
    sources,
    alertRules,
    unknown: firstOf(unknown.flat()),
    problems: problems.slice(0, maxNamed.problems).map(shortened),
  };
}

function firstOf(unknown: readonly string[]): readonly string[] {
  const named = unknown.length > maxNamed.unknown ? maxNamed.unknown - 1 : unknown.length;
  const more = unknown.length > named ? [`and ${unknown.length - named} more`] : [];
  return [...unknown.slice(0, named).map((path) => path.slice(0, maxNamed.chars)), ...more];
}

function shortened({ field, message, fix }: FieldError): FieldError {
  return { field: field.slice(0, maxNamed.chars), message: message.slice(0, maxNamed.chars), fix };
}

function refused(problems: readonly FieldError[]): BackupContents {
  return { madeAt: null, sources: [], alertRules: [], unknown: [], problems };
}

function read<Value>(
  schema: z.ZodType<Value>,
  raw: unknown,
  path: string,
  problems: FieldError[],
  unknown: (readonly string[])[],
): readonly Value[] {
  const shape = misshapen(raw);
  if (shape !== null) {
    problems.push({ field: path, message: shape, fix: 'Put it right in the file, or take the entry out.' });
    return [];
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    problems.push(...problemsOf(parsed.error, `${path}.`, nameOf(raw)));
    return [];
  }
  unknown.push(unknownIn(raw, parsed.data, `${path}.`, 6));
  return [parsed.data];
}

/** What is wrong with an entry (`name` where it has one) or, without a name, with the file's own members. */
function problemsOf(error: z.ZodError, prefix: string, name: string | null = null): readonly FieldError[] {
  const fix = prefix === '' ? 'Export it again.' : 'Put it right in the file, or take the entry out.';
  return error.issues.map((issue) => ({
    field: `${prefix}${issue.path.join('.')}`.replace(/\.$/, ''),
    message: `${name === null ? '' : `${name}: `}${issueText(issue)}`,
    fix,
  }));
}

function nameOf(raw: unknown): string | null {
  const name: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'name') : null;
  return typeof name === 'string' && name !== '' ? name.slice(0, 80) : null;
}

/** Members of `raw` that reading it left out. */
function unknownIn(raw: unknown, read: unknown, prefix: string, depth: number): string[] {
  if (depth === 0 || typeof raw !== 'object' || raw === null || typeof read !== 'object' || read === null) return [];
  return Object.entries(raw).flatMap(([name, value]) =>
    Object.hasOwn(read, name)
      ? unknownIn(value, Reflect.get(read, name), `${prefix}${name}.`, depth - 1)
      : [`${prefix}${name}`],
  );
}

function twice(items: readonly { readonly id: string }[], list: string): readonly FieldError[] {
  return items.flatMap(({ id }, at) =>
    items.findIndex((other) => other.id === id) < at
      ? [{ field: `${list}.${at}.id`, message: `${id} is there twice.`, fix: 'Take one of them out.' }]
      : [],
  );
}
