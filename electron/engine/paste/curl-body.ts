import type { CurlOption } from './curl-options';

/** What a command sends besides its headers. */
export type CurlBody =
  | {
      readonly post: { readonly text: string; readonly contentType: string } | null;
      /** Parts that belong behind the address (`-G`). */
      readonly query: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly refused: string };

const form = 'application/x-www-form-urlencoded';
/** A body is no longer, characters: as recipes have it. */
const longest = 16 * 1024;

/** Puts `-d`, `--data-*` and `--json` together as curl does: with `&` between, or as the query where `-G` stands. */
export function bodyOf(options: readonly CurlOption[]): CurlBody {
  const parts: string[] = [];
  let json = false;
  for (const { name, value } of options) {
    if (value === null || !/^(data|data-ascii|data-binary|data-raw|data-urlencode|json)$/.test(name)) continue;
    if (value.startsWith('@') && name !== 'data-raw') {
      return { refused: `The command sends the file ${value.slice(1, 60)}: a file is not read for it.` };
    }
    if (name === 'data-urlencode') {
      const encoded = urlEncoded(value);
      if (encoded === null) return { refused: 'The command sends the content of a file: a file is not read for it.' };
      parts.push(encoded);
    } else parts.push(/^data(-ascii)?$/.test(name) ? value.replace(/[\r\n]/g, '') : value);
    json ||= name === 'json';
  }
  const posts = options.some(({ name, value }) => name === 'request' && value?.toUpperCase() === 'POST');
  if (options.some(({ name }) => name === 'get')) return { post: null, query: parts, notes: [] };
  if (parts.length === 0) {
    const note = 'The command sends a POST without a body: it is asked with a GET instead.';
    return { post: null, query: [], notes: posts ? [note] : [] };
  }
  const text = parts.join(json ? '' : '&');
  if (text === '')
    return { post: null, query: [], notes: ['The body of the command is empty: it is asked with a GET.'] };
  if (text.length > longest) return { refused: `The body of the command is longer than ${longest} characters.` };
  const asked = options.find(({ name }) => name === 'request')?.value?.toUpperCase();
  if (asked === 'GET') {
    return { post: null, query: [], notes: ['The body of the GET was left out: a GET has none here.'] };
  }
  return { post: { text, contentType: json ? 'application/json' : form }, query: [], notes: [] };
}

/** `content`, `=content`, `name=content`; null for a file. */
function urlEncoded(value: string): string | null {
  const equals = value.indexOf('=');
  const at = value.indexOf('@');
  if (at >= 0 && (equals < 0 || at < equals)) return null;
  if (equals < 0) return encodeURIComponent(value);
  const name = value.slice(0, equals);
  return `${name === '' ? '' : `${name}=`}${encodeURIComponent(value.slice(equals + 1))}`;
}
