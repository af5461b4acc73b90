import type { Socket } from 'node:net';
import { type Clock, deadline } from '../core/clock';
import type { NetworkFailure } from '../core/network';
import { DialFailure } from './dial';
import { proxyFailure } from './proxy-words';

/** How long a proxy may take to answer, ms: less than an opening may take altogether, so that the cause has a name. */
const patienceMs = 8_000;

/** What is said to a proxy before the connection is ours, step by step. */
export interface ProxyTalk {
  write(bytes: Buffer | string): void;
  /** Waits for an answer: `take` says how many bytes of what has come belong to it, or null for more. */
  read(take: (heard: Buffer) => number | null): Promise<Buffer>;
}

/**
 * Runs the talk with a proxy over a connected socket. Afterwards the socket is paused and everything beyond the talk is
 * still in it. When the talk fails, takes too long or is aborted, the socket is destroyed.
 */
export async function talkTo(
  socket: Socket,
  proxy: string,
  deps: { readonly clock: Clock; readonly signal: AbortSignal },
  talk: (words: ProxyTalk) => Promise<void>,
): Promise<void> {
  const { clock, signal } = deps;
  let heard = Buffer.alloc(0);
  let problem: unknown = null;
  let wake = () => {};

  const stop = (why: unknown) => {
    problem ??= why;
    wake();
  };
  const failed = (failure: NetworkFailure) => stop(new DialFailure(failure));
  const onData = (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    wake();
  };
  const onEnd = () => failed(proxyFailure(proxy, 'ECONNRESET', 'it closed the connection without an answer'));
  const onError = (error: Error) => {
    const code = 'code' in error ? String(error.code) : 'PROXY_FAILED';
    failed(proxyFailure(proxy, code, `the connection to it broke (${code})`));
  };
  const onAbort = () => stop(signal.reason ?? new Error('aborted'));
  const timer = deadline(clock, patienceMs, () => {
    failed(proxyFailure(proxy, 'PROXY_TIMEOUT', `it did not answer within ${patienceMs / 1000} s`));
  });
  socket.on('data', onData);
  socket.once('end', onEnd);
  socket.once('close', onEnd);
  socket.on('error', onError);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();

  try {
    await talk({
      write: (bytes) => void socket.write(bytes),
      async read(take) {
        for (;;) {
          if (problem !== null) throw problem;
          const length = take(heard);
          if (length !== null) {
            const answer = heard.subarray(0, length);
            heard = heard.subarray(length);
            return answer;
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    });
    signal.throwIfAborted();
    socket.removeListener('data', onData);
    socket.pause();
    if (heard.length > 0) socket.unshift(heard);
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  } finally {
    timer.cancel();
    socket.removeListener('data', onData);
    socket.removeListener('end', onEnd);
    socket.removeListener('close', onEnd);
    socket.removeListener('error', onError);
    signal.removeEventListener('abort', onAbort);
  }
}
