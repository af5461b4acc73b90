import type { CredentialPort } from '../core/credential';
import type { Frame } from '../core/frame';
import type { Transport } from '../core/transport';

/**
 * A transport whose frames repeat nothing of the source's credential: what is decoded, shown, stored and recorded of them
 * comes after this. The transport itself where there is nothing to conceal.
 */
export function concealedTransport(transport: Transport, credential: CredentialPort | null): Transport {
  const conceals = credential?.concealFeed;
  if (!conceals) return transport;
  return {
    kind: transport.kind,
    open: (attach, options, sink) =>
      transport.open(attach, options, { ...sink, onFrame: (frame) => sink.onFrame(concealedFrame(frame, conceals())) }),
  };
}

function concealedFrame(frame: Frame, conceal: ReturnType<NonNullable<CredentialPort['concealFeed']>>): Frame {
  const { data, event, id } = frame;
  return {
    ...frame,
    data: typeof data === 'string' ? conceal.text(data) : conceal.bytes(data),
    event: event === null ? null : conceal.text(event),
    id: id === null ? null : conceal.text(id),
  };
}
