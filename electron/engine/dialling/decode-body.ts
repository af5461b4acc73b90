import {
  type BrotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
  type Inflate,
} from 'node:zlib';

/** What is offered where a source wants compression. */
export const offeredEncodings = 'gzip, deflate, br';

export interface BodyDecoder {
  /** False: more has come than is decoded; hold the socket until `onDrain`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** Nothing is handed on, and little is decoded ahead, until `resume`. */
  pause(): void;
  resume(): void;
  destroy(): void;
}

export interface DecoderSink {
  /** Pieces of at most 64 KB: who counts them meets a bomb before it has gone off. */
  onBytes(chunk: Uint8Array): void;
  onDrain(): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** The decoder for a `Content-Encoding`; null where nothing is encoded, undefined where it is unknown. */
export function decoderFor(encoding: string | null, sink: DecoderSink): BodyDecoder | null | undefined {
  const kind = (encoding ?? '').trim().toLowerCase();
  if (kind === '' || kind === 'identity') return null;
  const engine = engineFor(kind);
  if (!engine) return undefined;
  let over = false;
  engine.on('data', (chunk: Buffer) => over || sink.onBytes(chunk));
  engine.on('drain', () => over || sink.onDrain());
  engine.on('end', () => {
    if (over) return;
    over = true;
    sink.onEnd();
  });
  engine.on('error', (error) => {
    if (over) return;
    over = true;
    sink.onError(error);
  });
  return {
    write: (chunk) => engine.write(chunk),
    end: () => void engine.end(),
    pause: () => void engine.pause(),
    resume: () => void engine.resume(),
    destroy() {
      over = true;
      engine.destroy();
    },
  };
}

/** Everything is flushed at once: an event must not wait for the next one. */
function engineFor(kind: string): Gunzip | Inflate | BrotliDecompress | null {
  const chunkSize = 64 * 1024;
  const zlib = { chunkSize, flush: constants.Z_SYNC_FLUSH };
  switch (kind) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(zlib);
    case 'deflate':
      return createInflate(zlib);
    case 'br':
      return createBrotliDecompress({ chunkSize, flush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return null;
  }
}
