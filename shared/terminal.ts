import { visible, visibleLines } from './visible';

/** The one way of text to a terminal, whatever command writes: nothing in it is obeyed, everything is seen. */
export interface Terminal {
  /** One line; line ends within it are shown, not made. */
  line(text: string): void;
  /** Text of ours that has several lines. What others said never goes into it with line ends of its own. */
  block(text: string): void;
}

/** Writes to standard output or standard error. */
export function createTerminal(stream: { write(text: string): unknown }): Terminal {
  return {
    line: (text) => void stream.write(`${visible(text)}\n`),
    block: (text) => void stream.write(`${visibleLines(text)}\n`),
  };
}

/** An error with where it was thrown: every line after the first stands in, so that none of them passes for one of ours. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.split('\n').join('\n    ');
}
