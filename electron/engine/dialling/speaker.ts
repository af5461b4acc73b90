/** A request as it goes over one connection. */
export interface SpokenRequest {
  /** Path and query, or the whole address where a proxy reads it. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Uint8Array | null;
}

/** What comes of it. `onEnd` and `onError` are the last; neither comes after the speaker was destroyed. */
export interface Heard {
  onWritten(): void;
  /** Names are lower-case. Only final answers. */
  onHead(status: number, statusText: string, headers: readonly (readonly [string, string])[]): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: unknown): void;
}

/** Speaks HTTP over one connection, one request at a time. */
export interface Speaker {
  ask(request: SpokenRequest, heard: Heard): void;
  /** Stops taking what comes, down to the server's own window. */
  hold(): void;
  release(): void;
  destroy(): void;
}

/** Code of an error where the connection ended before the answer was whole. */
export const cutCode = 'CONNECTION_CUT';

/** The error of an answer that was cut. */
export function cut(): Error {
  return Object.assign(new Error('The connection ended before the answer was whole.'), { code: cutCode });
}

/** Interim answers (RFC 9110 §15.2) that may come before one answer. */
export const mostInterim = 32;

/** The error of a connection on which the server says more beside its answers than any has to say. */
export function flood(what: string): Error {
  return Object.assign(new Error(`The server sent more ${what} than belong to an answer.`), { code: 'HTTP_FLOOD' });
}
