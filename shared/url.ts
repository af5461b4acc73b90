/** The address a text means, or null when it means none. (`URL.canParse` is missing in Node 18.15 and Chromium 114.) */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
