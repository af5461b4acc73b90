import type { RecordingHeader } from './format';
import type { LineReader } from './player';

/** Recordings on disk, by the address of their file: `file:///…` or an absolute path. */
export interface RecordingPort {
  /** Rejects with a RecordingError or the system's error. */
  header(address: string): Promise<RecordingHeader>;
  open(address: string): LineReader;
}
