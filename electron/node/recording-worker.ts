import { parentPort } from 'node:worker_threads';
import { RecordingError } from '../engine/recording/format';
import type { LineReader } from '../engine/recording/player';
import type { FromReader, ReadingFailure, ToReader } from './recording-messages';
import { readRecording, readRecordingHeader } from './recording-reading';

/** Entry of the thread that reads recordings (bundled as out/main/recording-worker.js). */
const port = parentPort;
if (!port) throw new Error('recordings are read in a worker thread only');

const open = new Map<number, LineReader>();

const tell = (message: FromReader): void => port.postMessage(message);

async function answer(id: number, work: () => Promise<FromReader>): Promise<void> {
  try {
    tell(await work());
  } catch (error) {
    tell({ kind: 'failed', id, failure: failureOf(error) });
  }
}

port.on('message', (message: ToReader) => {
  const { id } = message;
  switch (message.kind) {
    case 'header':
      void answer(id, async () => ({ kind: 'header', id, header: await readRecordingHeader(message.path) }));
      return;
    case 'open':
      open.set(id, readRecording(message.path));
      return;
    case 'next':
      void answer(id, async () => ({ kind: 'lines', id, lines: (await open.get(id)?.next()) ?? null }));
      return;
    case 'close':
      open.get(id)?.close();
      open.delete(id);
  }
});

function failureOf(error: unknown): ReadingFailure {
  if (error instanceof RecordingError) return { kind: 'recording', problem: error.problem };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  return { kind: 'other', message, code };
}
