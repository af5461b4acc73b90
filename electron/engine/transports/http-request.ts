import type { HttpRequest } from '../core/network';
import type { AttachRequest } from '../core/transport';

/** The request that attaches: a GET, or a POST where the feed wants a body. */
export function httpRequestOf({ url, post }: AttachRequest, headers: HttpRequest['headers']): HttpRequest {
  return post === undefined
    ? { method: 'GET', url, headers, body: null }
    : { method: 'POST', url, headers, body: post, places: true };
}
