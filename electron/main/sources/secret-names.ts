import { type SourceConfig, secretsOfSource } from '../../../shared/source';

/** Names of the secrets that a source needs, in its addresses too; what they say is kept elsewhere. */
export function secretNames(config: SourceConfig): readonly string[] {
  return secretsOfSource(config);
}

/** Names that sources had and no source has any more: what they say can be forgotten. */
export function unusedSecrets(before: readonly SourceConfig[], now: readonly SourceConfig[]): readonly string[] {
  const used = new Set(now.flatMap(secretNames));
  return before.flatMap(secretNames).filter((name) => !used.has(name));
}
