import type { FieldError } from '../../../shared/errors';
import type { CredentialConfig, Reach, TlsConfig } from '../../../shared/reach';
import type { Recipe } from '../../../shared/recipe';
import { isPlaceOfSecret, placeOfSecret, secretsIn } from '../../../shared/secret-places';
import { isSecretName, pointsToSecret, redactHeader, redactUrls, replaceSecrets } from '../../../shared/secret-words';
import { type RungConfig, type SourceConfig, secretsOfSource } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import { sealedRecipe } from './seal-recipe';
import type { SecretStore } from './secret-store';

/** What of a source, or of a draft of one, can hold a secret in clear. */
export interface Sealable {
  readonly name: string;
  readonly url: string;
  readonly ladder?: readonly RungConfig[] | undefined;
  readonly reach?: Reach | undefined;
  readonly recipe?: Recipe | null | undefined;
}

/** A secret that was typed where everything is shown and stored openly. */
export interface TakenSecret {
  readonly name: string;
  readonly value: string;
  /** Where it was, as in `ladder.0.url`. */
  readonly field: string;
}

export interface Sealer {
  /** The same with places for its secrets, and what goes there. `before`: where a secret that is kept already has its name. */
  take<Draft extends Sealable>(
    draft: Draft,
    before?: Pick<SourceConfig, 'url' | 'ladder' | 'reach' | 'recipe'>,
  ): { readonly draft: Draft; readonly taken: readonly TakenSecret[] };
  /** Keeps what was taken: on disk where something protects it or a person agreed before, for this run otherwise. */
  keep(taken: readonly TakenSecret[]): Promise<void>;
  /** What was kept is not needed after all. */
  drop(taken: readonly TakenSecret[]): Promise<void>;
}

/** Moves secrets out of addresses, headers and subprotocols, to where secrets are kept. */
export function createSealer(
  secrets: Pick<SecretStore, 'set' | 'state' | 'forget' | 'read'>,
  newId: () => string,
): Sealer {
  return {
    take(draft, before) {
      const taken: TakenSecret[] = [];
      const names = new Map((before ? secretsOfSource(before) : []).map((name) => [secrets.read(name) ?? '', name]));
      const put = (field: string) => (value: string) => {
        const known = names.get(value);
        const name = known ?? `place-${newId()}`;
        names.set(value, name);
        if (known === undefined) taken.push({ name, value, field });
        return placeOfSecret(name);
      };
      return { draft: sealed(draft, put), taken };
    },
    async keep(taken) {
      const { storage, stored } = secrets.state();
      const keep = storage === 'weak' && stored.length > 0 ? 'weak' : 'stored';
      for (const { name, value } of taken) await secrets.set(name, value, keep);
    },
    drop: (taken) => secrets.forget(taken.map(({ name }) => name)),
  };
}

type Put = (field: string) => (value: string) => string;

function sealed<Draft extends Sealable>(draft: Draft, put: Put): Draft {
  const { name, url, ladder, reach, recipe } = draft;
  return {
    ...draft,
    name: redactUrls(name),
    url: sealedAddress(url, put('url')),
    ...(ladder
      ? { ladder: ladder.map((rung, at) => ({ ...rung, url: sealedAddress(rung.url, put(`ladder.${at}.url`)) })) }
      : {}),
    ...(reach ? { reach: sealedReach(reach, put) } : {}),
    ...(recipe ? { recipe: sealedRecipe(recipe, put, sealedWord) } : {}),
  };
}

function sealedReach(reach: Reach, put: Put): Reach {
  const { headers, subprotocols, credential, tls } = reach;
  return {
    ...reach,
    tls: sealedTls(tls, put),
    credential: sealedCredential(credential, put),
    headers: headers.map(([name, value], at) => {
      const held = value !== '' && !isPlaceOfSecret(value) && redactHeader(name, value) !== value;
      return [name, held ? put(`reach.headers.${at}`)(value) : value];
    }),
    subprotocols: subprotocols.map((word, at) =>
      sealedWord(word, subprotocols[at - 1], put(`reach.subprotocols.${at}`)),
    ),
  };
}

const privateKey = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?(?:-----END \1-----\s*|$)/gs;

/** Certificates and their key often come as one text: the certificate is shown, the key is a secret. */
function sealedTls(tls: TlsConfig, put: Put): TlsConfig {
  let { key } = tls;
  const certificate = tls.certificate.replace(privateKey, (found) => {
    key ??= secretsIn(put('reach.tls.certificate')(found))[0] ?? null;
    return '';
  });
  return { ...tls, key, certificate, ca: tls.ca.replace(privateKey, '') };
}

function sealedCredential(credential: CredentialConfig, put: Put): CredentialConfig {
  if (credential.kind === 'oauth') {
    return { ...credential, tokenUrl: sealedAddress(credential.tokenUrl, put('reach.credential.tokenUrl')) };
  }
  if (credential.kind === 'token-url') {
    return { ...credential, url: sealedAddress(credential.url, put('reach.credential.url')) };
  }
  return credential;
}

function sealedWord(word: string, before: string | undefined, put: (value: string) => string): string {
  return isToken(word, before) ? put(word) : word;
}

/** Browsers cannot set headers, so that some servers take a token as a subprotocol: behind its name, or with it. */
function isToken(word: string, before: string | undefined): boolean {
  if (isPlaceOfSecret(word)) return false;
  if (before !== undefined && isSecretName(before) && word.length >= 8) return true;
  if (redactUrls(word) !== word) return true;
  const named = /^(.*?(?:bearer|token|auth|authorization|api-?key|k8s\.io))[.\-_~|](?=(.{8,})$)/i.test(word);
  return named || (word.length >= 24 && /\d/.test(word) && /[a-z]/i.test(word) && !/[.+]/.test(word));
}

/** A file's name says nothing of a server's secrets. Forms of user-info that only a parser sees are written out first. */
function sealedAddress(address: string, put: (value: string) => string): string {
  // A parser leaves these out, wherever they stand.
  const text = address.trim().replace(/[\t\r\n]/g, '');
  if (/^file:/i.test(text)) return address;
  const once = replaceSecrets(text, put);
  const url = parseUrl(once);
  if (!url || (url.username === '' && url.password === '')) return once;
  return isPlaceOfSecret(url.username) && url.password === '' ? once : replaceSecrets(url.href, put);
}

/** What is wrong with a credential that has its secret where it is shown and stored openly. */
export function credentialTrouble(reach: Reach | undefined): readonly FieldError[] {
  const credential = reach?.credential;
  switch (credential?.kind) {
    case 'token-command':
      if (!holdsSecret(credential.command)) return [];
      return [
        {
          field: 'reach.credential.command',
          message: 'There is a secret in this command, and a command is shown and stored openly.',
          fix: 'Let it read the secret from a file or a variable, or choose the kind of credential that it is.',
        },
      ];
    case 'basic':
      if (!credential.user.includes(':')) return [];
      return [
        {
          field: 'reach.credential.user',
          message: 'There is a colon in the user name, and what follows one is the password (RFC 7617 §2).',
          fix: 'Write the password in its own field: a user name is shown and stored openly.',
        },
      ];
    case 'oauth':
      return (['clientId', 'scope', 'audience'] as const)
        .filter((name) => redactUrls(credential[name]) !== credential[name])
        .map((name) => ({
          field: `reach.credential.${name}`,
          message: 'There is a secret in it, and it is shown and stored openly.',
          fix: 'Take it out: the client secret has a field of its own.',
        }));
    default:
      return [];
  }
}

const flag = /(?:^|\s)--?([a-z][\w-]{1,40})(?:=|\s+)["']?([^\s"']+)/gi;
const header = /([a-z][\w-]{1,60}):\s*(?:(?:bearer|basic|token)\s+)?([^\s"']+)/gi;
/** A variable of the shell, a field of a form. */
const assignment = /(?:^|[\s"'&?;,{])([a-z_][\w-]{1,60})=["']?([^\s"'&;,}]+)/gi;
/** A member of a JSON text, whose quotes a shell may want escaped. */
const member = /\\?["']([\w-]{1,60})\\?["']\s*:\s*\\?["']([^"'\\]+)/g;
/** User and password as one; and the one command whose flag is a letter and whose use is nothing else. */
const login = /(?:^|\s)(?:-u|--(?:proxy-)?user)[=\s]*["']?[^\s"':]+:([^\s"']+)|\bsshpass\s+-p\s*["']?([^\s"']+)/gi;
const given = /^(pass|password|passwd|token|api-?key|access-?token|auth-?token|client-?secret)$/i;

function holdsSecret(command: string): boolean {
  // What a shell fills in, and the name of a file, is none.
  const typed = (value: string) => value.length >= 6 && !/^[$@~/.`(%-]/.test(value);
  const named = (name: string) => isSecretName(name) && !pointsToSecret(name);
  const said = (found: RegExp, isName: (name: string) => boolean) =>
    [...command.matchAll(found)].some(([, name = '', value = '']) => isName(name) && typed(value));
  const headers = [...command.matchAll(header)].some(
    ([, name = '', value = '']) => isSecretName(name) && typed(value) && !value.startsWith('//'),
  );
  const logins = [...command.matchAll(login)].some(([, password, alone]) => typed(password ?? alone ?? ''));
  return (
    said(flag, (name) => given.test(name)) ||
    headers ||
    logins ||
    said(assignment, named) ||
    said(member, named) ||
    redactUrls(command) !== command
  );
}
