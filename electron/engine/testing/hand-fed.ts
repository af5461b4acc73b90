import type { TransportSink } from '../core/transport';
import { alpha, createEngineRig } from './engine-rig';

const timings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };

/**
 * The engine over transports that open at once and bring what they are told to, as a server would that has many streams.
 * `say` speaks on the newest connection, or on one by its place in the order of opening.
 */
export async function feedByHand(config = alpha, limits = {}) {
  const opened: TransportSink[] = [];
  const rig = createEngineRig(limits, {
    dressTransport: ({ kind }) => ({
      kind,
      open(attach, _options, sink) {
        attach();
        opened.push(sink);
        void Promise.resolve().then(() =>
          sink.onOpen({ head: { status: 200, headers: [] }, timings, roundTripMs: null }),
        );
        const nothing = () => undefined;
        const never = () => false;
        const ways = { pause: nothing, resume: nothing, close: nothing, destroy: nothing, askNow: nothing };
        return { ...ways, bytesRead: () => 0, bytesQueued: () => 0, ping: never, send: never };
      },
    }),
  });
  await Promise.all([rig.engine.addSource(config), rig.clock.advanceAsync(1000)]);
  const say = (data: string, connection = opened.length - 1): void => {
    const bytes = data.length;
    opened[connection]?.onFrame({ data, bytes, receivedAt: rig.clock.wall(), event: null, id: null, headers: [] });
  };
  return { rig, say };
}
