import { type Clock, deadline, type Timer } from '../core/clock';
import { bodyCutCode, type HttpHead, type SocketExchange, type SocketPort, type SocketRequest } from '../core/network';
import type { HttpSeen, NothingSeen, SocketMessage, SocketSeen } from './seen';

const mostMessages = 12;
const mostBytes = 256 * 1024;
/** One that has spoken more than once and then says nothing for so long has said enough, ms. */
const quietMs = 1_200;

export interface SocketLook {
  readonly request: SocketRequest;
  /** Until it is open, ms. */
  readonly openMs: number;
  /** How long an open one is listened to, ms. */
  readonly listenMs: number;
}

/** Opens once and listens; sends nothing. Leaves nothing open; `stop` ends it early, and then nothing is answered. */
export function lookSocket(
  { request, openMs, listenMs }: SocketLook,
  { socket, clock }: { readonly socket: SocketPort; readonly clock: Clock },
  done: (seen: SocketSeen | HttpSeen | NothingSeen) => void,
): () => void {
  const begunAt = clock.now();
  const messages: SocketMessage[] = [];
  let bytes = 0;
  let open: { readonly head: HttpHead; readonly subprotocol: string; readonly at: number } | null = null;
  let quiet: Timer | null = null;
  let over = false;

  function stop(): void {
    over = true;
    limit.cancel();
    quiet?.cancel();
    exchange?.destroy();
  }

  function finish(closed: SocketSeen['closed']): void {
    if (over || open === null) return;
    stop();
    const { head, subprotocol, at } = open;
    const listened = clock.now() - at;
    const { url, subprotocols: offered } = request;
    done({ kind: 'socket', url, head, offered, subprotocol, messages, closed, listenedMs: listened });
  }

  function nothing(kind: NothingSeen['kind'], failure: NothingSeen['failure']): void {
    if (over) return;
    stop();
    const { url, subprotocols: offered } = request;
    done({ kind, url, failure, waitedMs: clock.now() - begunAt, offered });
  }

  let limit = deadline(clock, openMs, () => nothing('silent', null));
  let exchange: SocketExchange | null = null;
  exchange = socket.open(request, {
    onOpen(head, _timings, subprotocol) {
      if (over) return;
      open = { head, subprotocol, at: clock.now() };
      limit.cancel();
      limit = deadline(clock, listenMs, () => finish(null));
    },
    onMessage(data, length) {
      if (over || open === null) return;
      const size = length ?? (typeof data === 'string' ? Buffer.byteLength(data) : data.length);
      messages.push({ data, bytes: size, afterMs: clock.now() - open.at });
      bytes += size;
      if (messages.length >= mostMessages || bytes >= mostBytes) return finish(null);
      quiet?.cancel();
      if (messages.length > 1) quiet = deadline(clock, quietMs, () => finish(null));
    },
    onPing() {},
    onPong() {},
    onRefused(head, bodyStart) {
      if (over) return;
      stop();
      done({ kind: 'http', url: request.url, head, text: bodyStart, bytes: Buffer.byteLength(bodyStart), ended: true });
    },
    onClose: (code, reason) => finish({ code, reason }),
    onError(failure) {
      if (open === null) nothing('failed', failure);
      else finish({ code: 1006, reason: failure.code === bodyCutCode ? '' : failure.message });
    },
  });
  return stop;
}
