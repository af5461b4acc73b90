import { split } from 'shlex';

/** The words of a command, as the shell that it was copied for would hand them over; null where a quote does not end. */
export function wordsOf(command: string): readonly string[] | null {
  try {
    if (isForCmd(command)) return windowsWords(withoutCarets(command));
    // PowerShell goes on behind a backtick, other shells behind a backslash: what is copied out of a page may have spaces there.
    return split(command.replace(/`[ \t]*\r?\n/g, ' ').replace(/\\[ \t]*\r?\n/g, ' '));
  } catch {
    return null;
  }
}

/** Carets before quotes or at the end of a line are of no other shell. */
export function isForCmd(command: string): boolean {
  return /\^"|\^[ \t]*\r?\n/.test(command) && !/(^|\s)'/.test(command);
}

/** What cmd makes of a line: a caret outside of quotes takes the character behind it as it is, and joins lines. */
function withoutCarets(command: string): string {
  let text = '';
  let quoted = false;
  for (let at = 0; at < command.length; at += 1) {
    const letter = command[at] ?? '';
    if (letter === '"') quoted = !quoted;
    if (letter !== '^' || quoted) {
      text += letter;
      continue;
    }
    const rest = command.slice(at + 1, at + 40);
    const line = /^[ \t]*\r?\n/.exec(rest)?.[0];
    if (line !== undefined) {
      // Two ends of lines behind a caret are one that is meant.
      const second = /^\r?\n/.exec(command.slice(at + 1 + line.length, at + 3 + line.length))?.[0];
      text += second === undefined ? ' ' : '\n';
      at += line.length + (second?.length ?? 0);
    } else {
      text += command[at + 1] ?? '';
      at += 1;
    }
  }
  return text;
}

/** Words as programs of Windows read them: a backslash counts only before a quote, two quotes within quotes are one. */
function windowsWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (letter === '\\') {
      let count = 1;
      while (line[at + count] === '\\') count += 1;
      const before = line[at + count] === '"';
      word = (word ?? '') + '\\'.repeat(before ? Math.floor(count / 2) : count);
      at += count - 1;
      if (before && count % 2 === 1) {
        word += '"';
        at += 1;
      }
    } else if (letter === '"') {
      word ??= '';
      if (quoted && line[at + 1] === '"') {
        word += '"';
        at += 1;
      } else quoted = !quoted;
    } else if (!quoted && /\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + letter;
  }
  if (quoted) throw new SyntaxError('A quote does not end.');
  if (word !== null) words.push(word);
  return words;
}
