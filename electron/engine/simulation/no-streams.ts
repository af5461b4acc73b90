import type { NetworkFailure, StreamPort } from '../core/network';

const refused: NetworkFailure = {
  phase: 'tcp',
  code: 'ECONNREFUSED',
  message: 'nobody listens here',
  certificate: null,
  proxy: null,
};

/** A network on which nobody listens for bare streams. */
export const noStreams: StreamPort = {
  open(_request, sink) {
    let over = false;
    queueMicrotask(() => over || sink.onError(refused));
    return {
      bytesRead: () => 0,
      bytesQueued: () => 0,
      send() {},
      pause() {},
      resume() {},
      end() {},
      destroy() {
        over = true;
      },
    };
  },
};
