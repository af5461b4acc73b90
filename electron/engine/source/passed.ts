import type { RungConfig } from '../../../shared/source';
import type { Frame } from '../core/frame';
import type { Decoder, Message } from '../core/protocol';
import type { Sequencer } from '../delivery/sequencer';
import type { SessionDeps } from './session-deps';

type ForDelivery = Extract<Message, { readonly kind: 'cannot-resume' | 'replayed' | 'token' | 'undecodable' }>;

/** What concerns delivery alone goes there. False where it is for somebody else. */
export function deliver(sequencer: Sequencer, session: number, message: Message): message is ForDelivery {
  switch (message.kind) {
    case 'cannot-resume':
      sequencer.cannotResume(session, message);
      return true;
    case 'replayed':
      sequencer.replayed(session, message);
      return true;
    case 'token':
      sequencer.token(session, message.token);
      return true;
    case 'undecodable':
      sequencer.undecodable(session, message);
      return true;
    default:
      return false;
  }
}

/**
 * What shows where an event lies that is over the size limit: its own id, where it was read before it. Null where what the
 * next session would resume to is not passed by it: on poll rungs a frame is a whole answer, and only where the place moves
 * with each is it the next event.
 */
export function placeOfOversize(
  { protocol, clock }: Pick<SessionDeps, 'protocol' | 'clock'>,
  rung: RungConfig,
  decoder: Decoder,
  id: string | null,
): readonly Message[] | null {
  const pushes = rung.transport === 'websocket' || rung.transport === 'sse';
  if (!pushes && (protocol.numbering === 'contiguous' || !protocol.resumable)) return null;
  if (id === null) return [];
  const place: Frame = { data: '', bytes: 0, receivedAt: clock.wall(), event: null, id, idOnly: true, headers: [] };
  return decoder.decode(place);
}
