import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import type { Asking, Decoder, Protocol } from '../core/protocol';
import type { AttachRequest } from '../core/transport';
import type { SessionOpening } from '../delivery/sequencer';
import type { Attaching } from './cursor-drop';
import type { SessionDeps } from './session-deps';

/** What the sequencer must know of a session that asks to resume from `resume`. */
export function openingOf(protocol: Protocol, rung: RungConfig, resume: ResumePoint): SessionOpening {
  const polls = rung.transport === 'poll' || rung.transport === 'long-poll';
  // A feed of several transports carries its place only where the request has room for one.
  const carries = protocol.resumable || rung.transport === 'sse';
  return { polls, resumedFrom: carries && resume.token !== null ? (protocol.placeOf?.(resume.token) ?? null) : null };
}

/** How a session asks to attach. `proof`: it looks for what lies behind the cursor and for nothing else. */
export function attachingOf(
  deps: SessionDeps,
  rung: RungConfig,
  { proof, decoder }: { readonly proof: boolean; readonly decoder: Decoder },
  onDropped: () => void,
): Attaching {
  const { protocol, sequencer, holdMs, findings, clock } = deps;
  let again = proof;
  let n = 0;
  const next = (): Asking => {
    n += 1;
    return { n, wall: clock.wall() };
  };
  const resumingAs = (asking: Asking): AttachRequest => {
    const options = { holdMs, again, asking };
    return decoder.attach?.(options) ?? protocol.attach(rung, sequencer.resumePoint(), options);
  };
  const freshAs = (asking: Asking): AttachRequest => protocol.attach(rung, null, { holdMs, again: false, asking });
  return {
    rung,
    doubt: findings.placeDoubt,
    resuming() {
      const asking = next();
      const request = resumingAs(asking);
      again = true;
      return { request, carries: () => differs(request, freshAs(asking)) };
    },
    fresh: () => freshAs(next()),
    onDropped,
  };
}

function differs(a: AttachRequest, b: AttachRequest): boolean {
  return (
    a.url !== b.url ||
    a.post !== b.post ||
    a.lastEventId !== b.lastEventId ||
    JSON.stringify(a.headers) !== JSON.stringify(b.headers)
  );
}

/** Where an answer says that it resumes. */
export function placeIn(headers: readonly (readonly [string, string])[]): string | null {
  return headers.find(([name]) => name.toLowerCase() === 'last-event-id')?.[1] ?? null;
}
