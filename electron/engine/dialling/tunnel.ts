import { DialFailure, hostPort } from './dial';
import type { ProxyLogin } from './hop';
import type { ProxyTalk } from './proxy-talk';
import { proxyFailure, proxyRefusal } from './proxy-words';

/** Largest head of a proxy's answer, bytes. */
const maxHeadBytes = 32 * 1024;

/** The value of `Proxy-Authorization` (RFC 7617). */
export function basicOf({ user, password }: ProxyLogin): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

interface Tunnel {
  readonly host: string;
  readonly port: number;
  /** Name of the proxy, for evidence. */
  readonly proxy: string;
  readonly login: ProxyLogin | null;
}

/** Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6). Rejects with what the proxy answered. */
export async function openTunnel(talk: ProxyTalk, { host, port, proxy, login }: Tunnel): Promise<void> {
  const place = hostPort(host, port);
  const credential = login ? `Proxy-Authorization: ${basicOf(login)}\r\n` : '';
  talk.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${credential}\r\n`);
  for (;;) {
    const head = await talk.read((heard) => {
      const end = heard.indexOf('\r\n\r\n');
      if (end < 0 && heard.length > maxHeadBytes) {
        throw new DialFailure(proxyFailure(proxy, 'PROXY_NO_HTTP', 'its answer has no end'));
      }
      return end < 0 ? null : end + 4;
    });
    const answer = parseHead(head.toString('latin1'));
    if (!answer) throw new DialFailure(proxyFailure(proxy, 'PROXY_NO_HTTP', 'it does not speak HTTP'));
    if (answer.status >= 300) throw new DialFailure(proxyRefusal(proxy, answer));
    if (answer.status >= 200) return;
  }
}

function parseHead(text: string) {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(first);
  if (!status) return null;
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const] : [];
  });
  return { status: Number(status[1]), statusText: (status[2] ?? '').slice(0, 100), headers };
}
