import { isForCmd, wordsOf } from './tokens';

/** One command out of what was pasted. */
export interface ShellLine {
  /** The command alone, with what the lines before it set in the place of variables. */
  readonly text: string;
  /** What the shell would have done behind it; null for nothing. */
  readonly behind: string | null;
}

const curl =
  /^\s*(?:[$#>%]\s+)?(?:[A-Z_][A-Z0-9_]*=\S*\s+)*(?:sudo\s+|time\s+|\\)?(?:\S*[/\\])?curl(?:\.exe)?(?=\s|$)/i;

/** A curl command that begins a line of its own ends the one before; any other new line may have lost what joined it. */
const nextLine = /^\r?\n\s*(?:[$#>%]\s+)?curl(?:\.exe)?\s/i;

/** So many commands of a line are looked through for one that is `curl`. */
const mostCommands = 20;

/** The first `curl` command of a line of them; null where there is none. */
export function curlLine(text: string): ShellLine | null {
  const variables = new Map<string, string>();
  const cmd = isForCmd(text);
  let rest = text;
  for (let more = 0; more < mostCommands; more += 1) {
    const end = endOf(rest, cmd);
    const command = rest.slice(0, end?.at ?? rest.length);
    const behind = end === null ? '' : rest.slice(end.at).trim();
    if (curl.test(command)) {
      return { text: withVariables(command, variables, cmd), behind: /^;?$/.test(behind) ? null : behind };
    }
    if (end === null) return null;
    remember(command, variables);
    rest = rest.slice(end.at + end.length);
  }
  return null;
}

/**
 * Reads a text as shells do: `see` is asked at each place that is not within single quotes or behind a backslash, and
 * answers how much it has read of what follows; null ends it.
 */
function scan(text: string, cmd: boolean, see: (at: number, quote: '"' | null) => number | null): void {
  const taking = cmd ? '^' : '\\';
  let quote: '"' | null = null;
  const telling = /["'\\^;|&#\r\n$]/g;
  for (let found = telling.exec(text); found !== null; found = telling.exec(text)) {
    const at = found.index;
    const [letter] = found;
    if (letter === taking && (!cmd || quote === null)) telling.lastIndex = at + 2;
    else if (letter === '"') quote = quote === null ? '"' : null;
    else if (letter === "'" && quote === null && !cmd) {
      // Within $'…' a backslash takes the quote behind it as it is.
      const end = (text[at - 1] === '$' ? /^'(?:[^'\\]|\\.)*'/s : /^'[^']*'/).exec(text.slice(at))?.[0].length;
      if (end === undefined) return;
      telling.lastIndex = at + end;
    } else {
      const read = see(at, quote);
      if (read === null) return;
      telling.lastIndex = at + 1 + read;
    }
  }
}

/** Where the first command of a text ends, and how long what ends it is; null where it is the only one. */
function endOf(text: string, cmd: boolean): { readonly at: number; readonly length: number } | null {
  let found: { readonly at: number; readonly length: number } | null = null;
  scan(text, cmd, (at, quote) => {
    if (quote !== null) return 0;
    const here = text.slice(at, at + 200);
    // An ampersand within a word joins the parameters of an address that was not quoted.
    const end = (cmd ? /^(?:\|\|?|&&|&(?=\s|$))/ : /^(?:;|\|\|?|&&|&(?=\s|$))/).exec(here)?.[0];
    const before = text[at - 1] ?? ' ';
    const comment = !cmd && text[at] === '#' && /\s/.test(before) && text.slice(0, at).trim() !== '';
    if (end !== undefined && before !== '>' && before !== '<') found = { at, length: end.length };
    else if (comment) found = { at, length: /^.*/.exec(text.slice(at))?.[0].length ?? 1 };
    else if (nextLine.test(here)) found = { at, length: 1 };
    return found === null ? 0 : null;
  });
  return found;
}

/** `KEY=abc`, `export KEY=abc`, `$KEY = "abc"`: what a command behind it may speak of. */
function remember(command: string, variables: Map<string, string>): void {
  const [, name, rest = ''] =
    /^\s*(?:[$#>%]\s+)?(?:export\s+|set\s+|\$env:|\$)?([A-Za-z_]\w*)\s*=\s*(.*)$/is.exec(command) ?? [];
  const value = name === undefined ? undefined : wordsOf(rest)?.[0];
  if (name !== undefined && value !== undefined) variables.set(name, value);
}

/** What is set is put where it is spoken of, outside of single quotes. */
function withVariables(text: string, variables: ReadonlyMap<string, string>, cmd: boolean): string {
  if (variables.size === 0) return text;
  let made = '';
  let from = 0;
  scan(text, cmd, (at, quote) => {
    if (text[at] !== '$') return 0;
    const [whole = '', braced, bare = ''] = /^\$(?:env:)?(?:\{(\w+)\}|(\w+))/i.exec(text.slice(at, at + 200)) ?? [];
    const value = variables.get(braced ?? bare);
    if (whole === '' || value === undefined) return 0;
    made += text.slice(from, at) + (quote === null ? quoted(value) : value.replace(/["\\$`]/g, '\\$&'));
    from = at + whole.length;
    return whole.length - 1;
  });
  return made + text.slice(from);
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
