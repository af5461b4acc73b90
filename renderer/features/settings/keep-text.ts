import { type Keep, keepSchema, type StoredOf } from '../../../shared/storage';
import { durationText } from '../../ui/format/duration';

/** Limits as a person typed them, or what is wrong with them. */
export function keepOf(days: string, megabytes: string): { readonly keep: Keep } | { readonly error: string } {
  const parsed = keepSchema.safeParse({ days: numberOf(days), megabytes: numberOf(megabytes) });
  if (parsed.success) return { keep: parsed.data };
  const [issue] = parsed.error.issues;
  const name = issue?.path[0] === 'days' ? 'Days' : 'MiB';
  return { error: `${name}: ${issue?.code === 'invalid_type' ? 'write a number.' : issue?.message}` };
}

/** What tighter limits evict, in a sentence; null when they are not tighter. */
export function evictedBy(before: Keep, after: Keep): string | null {
  const older = after.days < before.days;
  const larger = after.megabytes < before.megabytes;
  if (!older && !larger) return null;
  const parts = [
    ...(older ? [`events older than ${durationText(after.days * 86_400_000)}`] : []),
    ...(larger ? [`the oldest ones beyond ${after.megabytes} MiB`] : []),
  ];
  return `${parts.join(' and ')} are removed, for good`;
}

/** Those of which limits evict something at once, the source's name each. */
export function exceeding(
  after: Keep,
  stored: readonly (StoredOf & { readonly name: string })[],
  now: number,
): readonly string[] {
  const { days, megabytes } = after;
  return stored
    .filter(({ bytes, oldestAt }) => {
      return bytes > megabytes * 1024 * 1024 || (oldestAt !== null && oldestAt < now - days * 86_400_000);
    })
    .map(({ name }) => name);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
}
