import type { SourceConfig } from '../../../shared/source';
import type { Source } from './contract';

/** Whether the connection and its cursor mean the same thing under both configurations. */
export function sameFeed(a: SourceConfig, b: SourceConfig): boolean {
  const facts = (config: SourceConfig) =>
    JSON.stringify([
      config.inferred ?? false,
      ...[config.protocol, config.url, config.ladder, config.reach ?? null, config.recipe ?? null],
    ]);
  return facts(a) === facts(b);
}

/** Puts what differs in force without ending the connection. */
export function adjust(source: Source, config: SourceConfig): void {
  const { name, paused, pinnedRung } = source.config();
  if (config.name !== name) source.rename(config);
  if (config.pinnedRung !== pinnedRung) source.command({ pin: config.pinnedRung });
  if (config.paused !== paused) source.command(config.paused ? 'pause' : 'resume');
}
