import { createTerminal, errorText } from '../../shared/terminal';
import { visibleLines } from '../../shared/visible';
import type { Report } from '../engine/core/listeners';

/** Where main says what a person may need when something is wrong. Never carries secrets or event bodies. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  /** Warns the first time it is called with this key, and never again. */
  once(key: string, text: string): void;
}

/** Keys remembered by `once`; more than this many different ones and the log stays silent rather than grow. */
const maxKeys = 1000;

/** Lines to standard error. Whoever started us may have closed it: that is no reason to end. */
export function standardError(): (line: string) => void {
  process.stderr.on('error', () => {});
  return createTerminal(process.stderr).block;
}

/** Writes through `write`. What others said is shown, not obeyed, and every line of it after the first stands in. */
export function createLog(write: (line: string) => void): Log {
  const seen = new Set<string>();
  const say = (text: string) => write(visibleLines(errorText(text)));
  return {
    info: (text) => say(`wirewatch: ${text}`),
    warn: (text) => say(`wirewatch: warning: ${text}`),
    once(key, text) {
      if (seen.has(key) || seen.size >= maxKeys) return;
      seen.add(key);
      say(`wirewatch: warning: ${text}`);
    },
  };
}

/** Says what a listener threw: it is a fault of ours, and where it was is all that helps. */
export function reportTo(log: Log): Report {
  return (error) =>
    log.warn(`A listener failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
