/** Where main says what a person may need when something is wrong. Never carries secrets or event bodies. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  /** Warns the first time it is called with this key, and never again. */
  once(key: string, text: string): void;
}

/** Keys remembered by `once`; more than this many different ones and the log stays silent rather than grow. */
const maxKeys = 1000;

/** Writes lines to standard error. */
export function createLog(write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Log {
  const seen = new Set<string>();
  return {
    info: (text) => write(`wirewatch: ${text}`),
    warn: (text) => write(`wirewatch: warning: ${text}`),
    once(key, text) {
      if (seen.has(key) || seen.size >= maxKeys) return;
      seen.add(key);
      write(`wirewatch: warning: ${text}`);
    },
  };
}
