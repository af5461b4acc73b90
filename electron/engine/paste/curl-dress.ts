import type { CredentialConfig } from '../../../shared/reach';
import { isSecretName, redactUrls } from '../../../shared/secret-words';
import type { SecretTaker } from './secret-taker';

/** What requests wear. */
export interface Dressed {
  readonly headers: readonly (readonly [string, string])[];
  readonly subprotocols: readonly string[];
  /** Null: the command has none. */
  readonly credential: CredentialConfig | null;
  readonly contentType: string | null;
  /** A form of answer that only who asks for it gets; null where the command asks for what is asked for anyway. */
  readonly accept: string | null;
  /** The headers are those of an upgrade to a WebSocket. */
  readonly socket: boolean;
  readonly notes: readonly string[];
}

export interface CurlDress {
  /** `Name: value`, `Name;` or `Name:`. */
  header(text: string): void;
  /** `user:password`. */
  login(text: string): void;
  /** `a=b; c=d`, or the name of a file. */
  cookies(text: string): void;
  done(): Dressed;
}

/** Headers of browsers and of connections, which every request of ours writes itself. */
const ours =
  /^(accept|accept-encoding|cache-control|connection|content-length|expect|host|if-modified-since|if-none-match|keep-alive|last-event-id|pragma|priority|proxy-connection|sec-(?!websocket-protocol$).*|te|trailer|transfer-encoding|upgrade|upgrade-insecure-requests|dnt)$/i;

/** A variable that the shell would have filled in. */
const variable = /^\$\{?[A-Za-z_]\w*\}?$|^<[^<>]+>$|^\{\{?[\w .-]+\}?\}$/;

const plainValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Sorts the headers, logins and cookies of a command into what a source has places for. */
export function createDress(taker: SecretTaker): CurlDress {
  const headers: (readonly [string, string])[] = [];
  const notes: string[] = [];
  const cookies: string[] = [];
  let subprotocols: readonly string[] = [];
  let credential: CredentialConfig | null = null;
  let contentType: string | null = null;
  let accept: string | null = null;
  let socket = false;

  /** The name of a secret. One that the shell would have filled in has a name, and nothing under it yet. */
  function secret(value: string): string {
    const known = !variable.test(value.trim());
    if (known && value !== '') return taker.name(value);
    notes.push(`${known ? 'A secret is empty' : `${value} is filled in by your shell`}: enter the credential itself.`);
    return taker.unknown();
  }

  function wear(next: CredentialConfig): void {
    if (credential !== null) notes.push('The command has more than one credential: the first one is taken.');
    credential ??= next;
  }

  function authorization(value: string): void {
    const [, scheme = '', rest = ''] = /^(\S+)\s+(.+)$/s.exec(value) ?? [];
    const login = /^basic$/i.test(scheme) ? decoded(rest) : null;
    if (/^bearer$/i.test(scheme)) wear({ kind: 'bearer', token: secret(rest) });
    else if (login !== null) worn(login);
    else wear({ kind: 'header', name: 'Authorization', value: secret(value) });
  }

  function worn(login: string): void {
    const colon = login.indexOf(':');
    const user = colon < 0 ? login : login.slice(0, colon);
    // A key as the user and no password, as payment services have it: the user is the secret then.
    if (colon === login.length - 1 && user !== '' && !variable.test(user)) {
      const value = `Basic ${Buffer.from(login).toString('base64')}`;
      wear({ kind: 'header', name: 'Authorization', value: secret(value) });
    } else wear({ kind: 'basic', user: user.slice(0, 200), password: secret(colon < 0 ? '' : login.slice(colon + 1)) });
  }

  function header(text: string): void {
    const [, name = '', mark = '', rest = ''] = /^([^:;]+)([:;])(.*)$/s.exec(text) ?? [];
    const [key, value] = [name.trim(), rest.trim()];
    // `Name:` takes a header away in curl, `Name;` sends it empty.
    if (key === '' || (mark === ':' && value === '')) return;
    if (/^upgrade$/i.test(key) && /websocket/i.test(value)) socket = true;
    if (/^content-type$/i.test(key)) contentType = value;
    else if (/^authorization$/i.test(key)) authorization(value);
    else if (/^cookie$/i.test(key)) cookies.push(value);
    else if (/^sec-websocket-protocol$/i.test(key)) {
      subprotocols = value.split(',').map((one) => one.trim());
    } else if (/^host$/i.test(key)) {
      notes.push(`The header Host (${value.slice(0, 60)}) was left out: the address says the host.`);
    } else if (/^accept$/i.test(key)) {
      if (ownForm(value)) accept = value;
    } else if (ours.test(key)) return;
    else if (!plainValue.test(value) || value.length > 4096) {
      notes.push(`The header ${key.slice(0, 40)} was left out: its value is not one line of plain characters.`);
    } else if (headers.length >= 30) notes.push(`The header ${key.slice(0, 40)} was left out: there are 30 already.`);
    else if (isSecretName(key) || redactUrls(value) !== value) {
      const name = secret(value);
      headers.push([key, `*secret.${name}*`]);
    } else headers.push([key, value]);
  }

  return {
    header,
    login: worn,
    cookies(text) {
      if (text.includes('=')) cookies.push(text);
      else if (text !== '') notes.push(`The cookies of the file ${text.slice(0, 60)} were left out: write them out.`);
    },
    done() {
      const jar = cookies.map((text) => text.trim().replace(/;$/, '')).join('; ');
      const one = /^([\w!#$%&'*+.^`|~-]{1,100})=([^;]*)$/.exec(jar);
      if (jar !== '' && credential !== null) {
        notes.push('The cookies were left out, since there is a credential beside them: a source has one of the two.');
      } else if (one) wear({ kind: 'cookie', name: one[1] ?? '', value: secret(one[2] ?? '') });
      else if (jar !== '') wear({ kind: 'header', name: 'Cookie', value: secret(jar) });
      return { headers, subprotocols, credential, contentType, accept, socket, notes };
    },
  };
}

/** A version of an API, a dialect of JSON: neither JSON, an event stream or lines as they are, nor whatever there is. */
function ownForm(accept: string): boolean {
  const common = /^(application\/(json|x-ndjson)|text\/(event-stream|plain|html)|\*\/\*)$/i;
  const types = accept.split(',').map((one) => (one.split(';', 1)[0] ?? '').trim());
  return plainValue.test(accept) && accept.length <= 200 && !types.some((type) => common.test(type));
}

function decoded(base64: string): string | null {
  const text = Buffer.from(base64.trim(), 'base64').toString('utf8');
  return text.includes(':') ? text : null;
}
