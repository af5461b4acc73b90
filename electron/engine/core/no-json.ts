import { ownText } from './own-text';

/** What some servers write before JSON, so that no page of another can run it as a script. */
const guard = /^\s*(\)\]\}'?,?|(?:for|while)\s*\((?:;;|1)\);?|\{\}\s*&&)/;

/** What is wrong with a body that calls itself JSON and is none, in words that go on behind a colon; null where it is JSON. */
export function noJson(text: string): string | null {
  if (text.trim() === '') return 'it is empty';
  const prefix = guard.exec(text)?.[1];
  if (prefix !== undefined) return `it begins with ${prefix}, which keeps scripts of other pages from reading it`;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const cut = error instanceof SyntaxError && /end of JSON input|unterminated string/i.test(error.message);
    if (cut) return `it is JSON that is cut, after ${Buffer.byteLength(text)} bytes`;
    return `it is called JSON and is none: ${ownText(text.trim().slice(0, 60))}`;
  }
}
