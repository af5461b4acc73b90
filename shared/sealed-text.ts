import { secretsIn } from './secret-places';
import { isSecretName, replaceSecrets } from './secret-words';

const member = /("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*")/g;

/** A message with something else in place of its secrets: in JSON one stands under its name, elsewhere as in an address. */
export function sealedText(text: string, put: (value: string) => string): string {
  const members = text.replace(member, (all, name: string, between: string, value: string) => {
    const [of, said] = [unquoted(name), unquoted(value)];
    // Topics and rooms are often called so.
    if (said === '' || /^(key|sid)$/i.test(of) || !isSecretName(of)) return all;
    if (secretsIn(said).length > 0 || /\{\{\w+\}\}/.test(said)) return all;
    return `${name}${between}"${put(said)}"`;
  });
  return replaceSecrets(members, put);
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
