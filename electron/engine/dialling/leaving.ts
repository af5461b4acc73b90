import { secretsIn } from '../../../shared/secret-places';
import { type Fill, isSealed, type Said } from '../core/said';

/**
 * What is sent, with its secrets where they belong; null where it must not leave: what holds secrets is for the source's own
 * origin. `places`: a text has places of secrets; what is sealed always has.
 */
export function asItLeaves(
  said: Said,
  {
    fill,
    places,
    elsewhere,
  }: { readonly fill: Fill | undefined; readonly places: boolean; readonly elsewhere: boolean },
): string | Uint8Array | null {
  const filled = (text: string): string => fill?.(text) ?? text;
  if (isSealed(said)) return elsewhere ? null : said.compose(filled);
  if (typeof said !== 'string' || !places) return said;
  return elsewhere && secretsIn(said).length > 0 ? null : filled(said);
}
