import { looksLikeHtml } from '../core/body-start';
import type { NetworkFailure } from '../core/network';
import { noJson } from '../core/no-json';
import { type HttpSeen, headerOf, mediaTypeOf, type Seen } from './seen';

/** The look that says most of why nothing was found: a login that is wanted, then any answer, then any failure. */
export function tellingOf(seen: readonly Seen[]): Seen | undefined {
  const login = seen.find((one) => one.kind === 'http' && /^(401|403|407)$/.test(String(one.head.status)));
  return login ?? seen.find(({ kind }) => kind === 'http') ?? seen.find(({ kind }) => kind === 'failed') ?? seen[0];
}

/** Why nothing that is a feed was found, in sentences. */
export function problemOf(told: Seen | undefined): string {
  if (!told) return 'Nothing was asked.';
  switch (told.kind) {
    case 'http':
      return ofAnswer(told);
    case 'socket':
      return 'The WebSocket opened, and what it says cannot be read here.';
    case 'stream':
      return 'A server listens, and the address does not say what it speaks.';
    case 'failed':
      return ofFailure(told.failure);
    case 'silent':
      return `Nothing answered within ${Math.round(told.waitedMs / 1000)} s.`;
  }
}

function ofFailure(failure: NetworkFailure | null): string {
  if (failure === null) return 'Nothing answered.';
  const via = failure.proxy ? ` The proxy ${failure.proxy.address} said: ${failure.proxy.message}.` : '';
  return `The address could not be reached: ${failure.message} (${failure.code}).${via}`;
}

function ofAnswer({ head, text }: HttpSeen): string {
  const type = mediaTypeOf(head);
  const page = looksLikeHtml(text) || type === 'text/html';
  switch (head.status) {
    case 401:
      return `The server asks for a login (401${schemeOf(headerOf(head, 'www-authenticate'))}). Enter a credential and look again.`;
    case 403:
      if (headerOf(head, 'cf-mitigated') !== '') {
        return 'A bot check stands before the server (403): a browser passes it, a program does not. Ask for an address without it.';
      }
      return 'The server refuses (403). Enter a credential that may read this, and look again.';
    case 407:
      return 'The proxy asks for a login (407). Enter it under the proxy, and look again.';
    case 404:
    case 410:
      return `There is nothing at this address (${head.status}).`;
    case 429:
      return `The server has been asked too often (429). ${waitOf(headerOf(head, 'retry-after'))}`;
    case 511:
      return 'The network asks for a login of its own (511): open a page in the browser first.';
  }
  if (head.status >= 500) return `The server is in trouble (${head.status}). Look again later, or choose what it is.`;
  if (head.status >= 300 && head.status < 400) {
    return `The server leads on to another address (${head.status}), which was not followed. Paste that one.`;
  }
  if (page && head.elsewhere)
    return 'Another host answered with a web page: perhaps a login, or a network that asks for one.';
  if (page) return 'A web page answers here, perhaps a login: no feed. Paste the address of the data behind it.';
  if (head.status >= 400) return `The server does not take the request (${head.status}).`;
  if (head.status === 204) return 'The server answers that there is nothing (204).';
  const broken = /[/+]json$/.test(type) ? noJson(text) : null;
  if (broken !== null) return `It answers ${type} (${head.status}), but ${broken}. Nothing of it can be read.`;
  return `What answers is no feed that is known here${type === '' ? '' : ` (${type})`}.`;
}

/** `Retry-After` in words: seconds, or a date. */
function waitOf(header: string): string {
  if (/^\d{1,7}$/.test(header)) return `It asks to be left alone for ${header} s: look again then.`;
  return /gmt$/i.test(header) ? `It asks to be left alone until ${header}: look again then.` : 'Wait, and look again.';
}

function schemeOf(header: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9-]{0,30}/.exec(header)?.[0];
  return scheme === undefined ? '' : `, ${scheme}`;
}
