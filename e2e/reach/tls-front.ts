import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateDesk, Issued } from '../../electron/engine/dialling/testing/certificates';
import { type Daemon, freePort, runDaemon, sharedFolder } from './processes';
import { feedName } from './proxies';

/** An nginx before the gateway, with one door for each way a server's TLS can be. */
export interface TlsFront extends Daemon {
  readonly ports: Readonly<Record<Door, number>>;
  readonly authority: Issued;
  readonly middle: Issued;
  readonly client: Issued;
  /** PKCS#12 of `client`, base64. */
  readonly archive: string;
  /** The same as Windows and old Java write it: RC2 and 3DES. */
  readonly oldArchive: string;
  readonly passphrase: string;
  /** The self-signed certificate. */
  readonly selfSigned: Issued;
  /** Starts new workers; the old ones say that they take no more, and end within a second. */
  reload(): void;
}

export const doors = [
  'good',
  'selfSigned',
  'expired',
  'wrongName',
  'missing',
  'client',
  'old',
  'http2',
  'http2Short',
  'gzip',
] as const;
export type Door = (typeof doors)[number];

/** `upstream`: port of the gateway. */
export async function startTlsFront(desk: CertificateDesk, upstream: number, passphrase: string): Promise<TlsFront> {
  const folder = sharedFolder('nginx');
  mkdirSync(join(folder, 'tmp'), { mode: 0o777 });
  const authority = desk.issue({ name: 'Wirewatch test authority', authority: true });
  const middle = desk.issue({ name: 'Wirewatch test middle', authority: true, issuer: authority });
  const names = [feedName, '127.0.0.1'];
  const good = desk.issue({ name: feedName, names, issuer: authority });
  const selfSigned = desk.issue({ name: feedName, names });
  const certificates: Record<Door, Issued> = {
    good,
    client: good,
    old: good,
    http2: good,
    http2Short: good,
    gzip: good,
    selfSigned,
    expired: desk.issue({ name: feedName, names, issuer: authority, days: -1 }),
    wrongName: desk.issue({ name: 'other.wirewatch.test', names: ['other.wirewatch.test'], issuer: authority }),
    missing: desk.issue({ name: feedName, names, issuer: middle }),
  };
  const client = desk.issue({ name: 'watcher', issuer: authority });
  const extra: Partial<Record<Door, string>> = {
    client: `ssl_client_certificate ${authority.certificatePath}; ssl_verify_client on;`,
    old: 'ssl_protocols TLSv1; ssl_ciphers DEFAULT@SECLEVEL=0;',
    // GOAWAY with every third request of a connection.
    http2Short: 'keepalive_requests 3;',
    gzip: 'gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;',
  };
  const ports: Record<string, number> = {};
  const servers: string[] = [];
  for (const door of doors) {
    ports[door] = await freePort();
    const { certificatePath, keyPath } = certificates[door];
    servers.push(`server {
  listen 127.0.0.1:${ports[door]} ssl${door.startsWith('http2') ? ' http2' : ''};
  ssl_certificate ${certificatePath}; ssl_certificate_key ${keyPath};
  ${extra[door] ?? ''}
  location / {
    proxy_pass http://127.0.0.1:${upstream};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_buffering off; proxy_read_timeout 3600s;
  }
}`);
  }
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/tmp/${n};`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1; worker_shutdown_timeout 1s;
events { worker_connections 512; }
http { access_log off; ${temp.join(' ')}
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
${servers.join('\n')} }\n`,
  );
  const place = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
  const daemon = await runDaemon('nginx', place, ports.good ?? 0, folder);
  return {
    ...daemon,
    ports: ports as Record<Door, number>,
    authority,
    middle,
    client,
    archive: desk.archive(client, passphrase).toString('base64'),
    oldArchive: desk.archive(client, passphrase, { old: true }).toString('base64'),
    passphrase,
    selfSigned,
    reload: () => void execFileSync('nginx', [...place, '-s', 'reload'], { stdio: 'ignore' }),
  };
}
