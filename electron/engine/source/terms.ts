import { defaultReach } from '../../../shared/reach';
import { logsInByMessage } from '../../../shared/recipe-opening';
import type { SourceConfig } from '../../../shared/source';
import type { Clock } from '../core/clock';
import type { CredentialPort } from '../core/credential';
import type { Protocol } from '../core/protocol';
import type { Meters } from '../meters/meters';
import { OpenSilence } from './open-silence';

/** What a source's settings and its recipe come to, where both have a say. */

/** Messages and pings a second: the lower of what the source is set to and what the feed takes. */
export function sendsPerSecondOf({ reach, recipe }: Pick<SourceConfig, 'reach' | 'recipe'>): number {
  const { sendsPerSecond } = reach ?? defaultReach;
  return Math.min(sendsPerSecond, recipe?.sendsPerSecond ?? sendsPerSecond);
}

/** When its silence on an open connection tells of something that is missing. */
export function silenceOf(
  { recipe }: Pick<SourceConfig, 'recipe'>,
  { name, unasked }: Pick<Protocol, 'name' | 'unasked'>,
  { clock, meters }: { readonly clock: Clock; readonly meters: Pick<Meters, 'cadenceMs'> },
  tell: ConstructorParameters<typeof OpenSilence>[3],
) {
  const { eventSeconds } = recipe ?? {};
  const eventMs = eventSeconds === undefined ? null : eventSeconds * 1000;
  const applies = name === 'json' || unasked !== undefined;
  return new OpenSilence(clock, applies, eventMs, tell, () => meters.cadenceMs());
}

/** Requests carry a credential, or an opening message does. */
export function logsIn({ recipe }: Pick<SourceConfig, 'recipe'>, credential: CredentialPort | null): boolean {
  const worn = credential !== null && credential.bare !== true;
  return worn || logsInByMessage(recipe);
}

/** How a feed ends connections on purpose, and which codes mean stop: what its recipe says of one comes first. */
export function endsOf({ reach, recipe }: Pick<SourceConfig, 'reach' | 'recipe'>, protocol: Pick<Protocol, 'closes'>) {
  const { closes = [], plannedEndSeconds } = recipe ?? {};
  const plannedEndMs = plannedEndSeconds === undefined ? null : plannedEndSeconds * 1000;
  return { stopCodes: reach?.stopCodes ?? [], closes: [...closes, ...(protocol.closes ?? [])], plannedEndMs };
}
