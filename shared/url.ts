/**
 * Longest host that is read, characters as written: a name has 253 at most, and percent codes make twelve of one. To
 * write letters of other alphabets in ASCII takes time that grows with the square of their number: of a million, hours.
 */
const longestHost = 3_100;

/** Where a host may begin: behind one of the schemes that have one, or behind two slashes of an address that leads on. */
const beforeHost = /^[^!-~]*(?:(?:https?|wss?|ftp|file):[\\/]*|[\\/]{2,})/i;

/** The address a text means, or null when it means none. (`URL.canParse` is missing in Node 18.15 and Chromium 114.) */
export function parseUrl(text: string, base?: string): URL | null {
  if (hasEndlessHost(text)) return null;
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

function hasEndlessHost(text: string): boolean {
  if (text.length <= longestHost) return false;
  // Nor does the standard see these, wherever they are.
  const seen = text.replace(/[\t\n\r]/g, '');
  const [before] = beforeHost.exec(seen) ?? [];
  if (before === undefined) return false;
  const authority = seen.slice(before.length).split(/[\\/?#]/, 1)[0] ?? '';
  return authority.length - authority.lastIndexOf('@') - 1 > longestHost;
}
