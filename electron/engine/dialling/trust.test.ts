import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../node/clock';
import { credentialFailedCode } from '../core/network';
import { DialFailure, type Dialled } from './dial';
import { createDialler } from './dialler';
import { direct } from './hop';
import { plainTls, type TlsProfile } from './profile';
import { type CertificateDesk, type Issued, openCertificateDesk } from './testing/certificates';

const clock = createSystemClock();
const servers: Server[] = [];
let desk: CertificateDesk;
let authority: Issued;
let middle: Issued;
let leaf: Issued;
let client: Issued;

beforeAll(() => {
  desk = openCertificateDesk();
  authority = desk.issue({ name: 'Test authority', authority: true });
  middle = desk.issue({ name: 'Test middle', authority: true, issuer: authority });
  leaf = desk.issue({ name: 'feed.test', issuer: authority });
  client = desk.issue({ name: 'me', issuer: authority });
});
afterAll(() => {
  desk.close();
  for (const server of servers) server.close();
});

async function listen(options: TlsOptions): Promise<number> {
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => {});
    socket.write(`hello ${socket.getPeerCertificate().subject?.CN ?? 'nobody'}`);
  });
  server.on('tlsClientError', () => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function dial(port: number, tls: Partial<TlsProfile>, host = 'feed.test'): Promise<Dialled> {
  const connect = createDialler({
    clock,
    profile: {
      route: async () => [direct],
      tls: () => ({ ...plainTls, ...tls }),
      connectTo: { host: '127.0.0.1', port },
      http2: false,
    },
  });
  return connect({ secure: true, host, port: 443, use: 'http' }, new AbortController().signal);
}

async function failure(port: number, tls: Partial<TlsProfile>, host?: string) {
  try {
    (await dial(port, tls, host)).socket.destroy();
  } catch (error) {
    if (error instanceof DialFailure) return error.failure;
    throw error;
  }
  throw new Error('Connected.');
}

async function greeting(port: number, tls: Partial<TlsProfile>): Promise<string> {
  const { socket } = await dial(port, tls);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
      socket.destroy();
    });
  });
}

const own = (issued: Issued): TlsOptions => ({ key: issued.key, cert: issued.certificate });

describe('trust', () => {
  it('trusts an authority of its own, and knows ahead when the certificate ends', async () => {
    const port = await listen(own(leaf));
    expect(await failure(port, {})).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const { socket, certificate } = await dial(port, { ca: authority.certificate });
    expect(certificate).toMatchObject({
      subject: 'feed.test, Wirewatch test',
      issuer: 'Test authority, Wirewatch test',
    });
    expect(certificate?.validTo).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    socket.destroy();
  });

  it('names what is wrong: expired, another name, a missing intermediate', async () => {
    const ca = authority.certificate;
    const expired = await listen(own(desk.issue({ name: 'feed.test', issuer: authority, days: -1 })));
    expect(await failure(expired, { ca })).toMatchObject({ message: 'the certificate has expired' });
    const other = await listen(own(desk.issue({ name: 'other.test', names: ['other.test'], issuer: authority })));
    expect(await failure(other, { ca })).toMatchObject({ message: 'the certificate is for another name' });
    const below = desk.issue({ name: 'feed.test', issuer: middle });
    const missing = await listen(own(below));
    expect(await failure(missing, { ca })).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const whole = await listen({ ...own(below), cert: below.certificate + middle.certificate });
    expect(await greeting(whole, { ca })).toBe('hello nobody');
  });

  it('another name can be asked for in place of the address', async () => {
    const port = await listen(own(desk.issue({ name: 'other.test', names: ['other.test'], issuer: authority })));
    expect(await greeting(port, { ca: authority.certificate, serverName: 'other.test' })).toBe('hello nobody');
  });

  it('a pinned certificate is trusted whatever is wrong with it, and no other is', async () => {
    const port = await listen(own(desk.issue({ name: 'self.test', days: -1 })));
    const seen = await failure(port, {});
    const fingerprint = (seen.certificate?.fingerprint ?? '').replaceAll(':', '');
    expect(await greeting(port, { fingerprint })).toBe('hello nobody');
    const good = await listen(own(leaf));
    expect(await failure(good, { ca: authority.certificate, fingerprint })).toMatchObject({
      code: 'FINGERPRINT_MISMATCH',
      certificate: { subject: 'feed.test, Wirewatch test' },
    });
  });

  it('shows a client certificate, as PEM or PKCS#12', async () => {
    const port = await listen({ ...own(leaf), ca: authority.certificate, requestCert: true, rejectUnauthorized: true });
    const ca = authority.certificate;
    expect(await greeting(port, { ca, certificate: client.certificate, key: client.key })).toBe('hello me');
    const archive = desk.archive(client, 'open sesame');
    expect(await greeting(port, { ca, archive, passphrase: 'open sesame' })).toBe('hello me');
    const wrong = await failure(port, { ca, archive, passphrase: 'no' });
    expect(wrong).toMatchObject({
      code: credentialFailedCode,
      message: 'the passphrase does not open the client certificate',
    });
    expect(wrong.message).not.toContain('sesame');
    const { certificate } = client;
    expect((await failure(port, { ca, certificate, key: leaf.key })).message).toBe(
      'the private key does not belong to the client certificate',
    );
    expect((await failure(port, { ca, certificate })).message).toContain('has no private key here');
    const old = desk.archive(client, 'open sesame', { old: true });
    expect((await failure(port, { ca, archive: old, passphrase: 'open sesame' })).message).toContain('in an old way');
  });

  it('old versions are spoken only where a source says so', async () => {
    const port = await listen({
      ...own(leaf),
      maxVersion: 'TLSv1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const ca = authority.certificate;
    expect(await failure(port, { ca })).toMatchObject({
      phase: 'tls',
      message: 'the server speaks no TLS version that is accepted here',
    });
    expect(await greeting(port, { ca, minVersion: 'TLSv1' })).toBe('hello nobody');
  });

  it('says when what answers speaks no TLS', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as AddressInfo).port;
    expect(await failure(port, {})).toMatchObject({ message: 'what answers does not speak TLS' });
  });
});
