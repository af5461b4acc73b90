import type { TransportSink } from '../core/transport';
import { alpha, createEngineRig } from './engine-rig';

const timings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };

/** The engine over a transport that opens at once and brings what it is told to, as a server would that has many streams. */
export async function feedByHand(config = alpha, limits = {}) {
  let open: TransportSink | null = null;
  const rig = createEngineRig(limits, {
    dressTransport: ({ kind }) => ({
      kind,
      open(attach, _options, sink) {
        attach();
        open = sink;
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
  const say = (data: string): void => {
    const bytes = data.length;
    open?.onFrame({ data, bytes, receivedAt: rig.clock.wall(), event: null, id: null, headers: [] });
  };
  return { rig, say };
}
