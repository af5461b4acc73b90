import { secretsOf } from '../../../shared/reach';
import type { SourceConfig } from '../../../shared/source';

/** Names of the secrets that a source needs; what they say is kept elsewhere. */
export function secretNames({ reach }: SourceConfig): readonly string[] {
  return reach ? secretsOf(reach) : [];
}

/** Names that sources had and no source has any more: what they say can be forgotten. */
export function unusedSecrets(before: readonly SourceConfig[], now: readonly SourceConfig[]): readonly string[] {
  const used = new Set(now.flatMap(secretNames));
  return before.flatMap(secretNames).filter((name) => !used.has(name));
}
