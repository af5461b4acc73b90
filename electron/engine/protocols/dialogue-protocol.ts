import type { ProtocolName } from '../../../shared/protocols';
import type { Recipe } from '../../../shared/recipe';
import type { RungConfig } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import type { PacketReader } from '../core/packets';
import type { Outlet, Protocol } from '../core/protocol';
import { type Dialogue, decoderOf } from './dialogue';
import { createEnvelopeReader, type EnvelopeReader } from './recipe/envelope';
import { promiseOf } from './recipe/promise';

/** What is particular to a protocol that is spoken on one connection, and knows neither numbers nor a place to resume from. */
export interface DialogueProtocol<Read> {
  readonly name: ProtocolName;
  /** A sign of life comes at least so often by what is agreed, ms; null: it is told in the session, or not at all. */
  readonly heartbeatMs: number | null;
  /** A function is asked anew for each session. */
  readonly subprotocols?: readonly string[] | (() => readonly string[]);
  /** How its bytes are cut, where it is spoken over TCP too. */
  readonly packets?: PacketReader;
  readonly closes?: Protocol['closes'];
  readonly outlet?: Outlet;
  readonly cannotSend?: string;
  readonly unasked?: Protocol['unasked'] | null;
  /** Said behind the promise that all of these make. */
  readonly besides?: string;
  /** The address as it is dialled. */
  address(url: string): string;
  dialogue(read: EnvelopeReader, rung: RungConfig): Dialogue<Read>;
}

const promise =
  'In order of arrival, as the server sends it. The protocol numbers nothing and keeps nothing: after a break it subscribes again, and what the break cost cannot be known and is shown as a gap.';

export function dialogueProtocol<Read>(recipe: Recipe | null, particular: DialogueProtocol<Read>): Protocol {
  const { name, heartbeatMs, subprotocols = [], packets, closes, besides = '', address, dialogue } = particular;
  // Some servers take a credential as a subprotocol.
  const own = recipe?.ask.subprotocols ?? [];
  const offered = (): readonly string[] => {
    if (own.length > 0) return own;
    return typeof subprotocols === 'function' ? subprotocols() : subprotocols;
  };
  const { numbering = 'none', uniqueIds = false } = recipe?.read ?? {};
  // A recipe that finds numbers in the bodies knows more of its feed than the protocol does.
  const told = recipe !== null && (recipe.promise !== undefined || numbering !== 'none' || uniqueIds);
  return {
    name,
    numbering,
    uniqueIds,
    resumable: false,
    headless: true,
    heartbeatMs: recipe?.heartbeatSeconds === undefined ? heartbeatMs : recipe.heartbeatSeconds * 1000,
    promise: `${told ? promiseOf(recipe, false) : promise}${besides}`,
    ...(closes ? { closes } : {}),
    attach: ({ url }) => ({
      ...{ url: address(url), headers: [], subprotocols: offered(), lastEventId: null },
      ...(packets ? { packets } : {}),
    }),
    createDecoder: (rung) => decoderOf(dialogue(createEnvelopeReader(recipe), rung)),
    replayMessage: () => null,
    replayRequest: () => null,
    outlet: particular.outlet ?? null,
    ...(particular.cannotSend === undefined ? {} : { cannotSend: particular.cannotSend }),
    ...(particular.unasked ? { unasked: particular.unasked } : {}),
    snapshotUrl: () => null,
  };
}

/** The address with these parameters where it has none of their names, everything else as it was written. */
export function withMissing(address: string, wanted: Readonly<Record<string, string>>): string {
  const url = parseUrl(address);
  if (!url) return address;
  const missing = Object.entries(wanted).filter(([name]) => !url.searchParams.has(name));
  if (missing.length === 0) return address;
  const added = missing.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  url.search = url.search.length > 1 ? `${url.search}&${added}` : added;
  return url.href;
}
