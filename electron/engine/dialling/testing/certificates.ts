import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Issued {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Files of the same, for servers that want paths. */
  readonly certificatePath: string;
  readonly keyPath: string;
}

interface Wish {
  readonly name: string;
  /** Names in the certificate; default: its own name and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Days from now that it is valid for; default 30. Negative: it has expired. */
  readonly days?: number;
  readonly issuer?: Issued;
  readonly authority?: boolean;
}

/** Certificates made for one test, with the openssl command; gone with it. */
export interface CertificateDesk {
  readonly folder: string;
  issue(wish: Wish): Issued;
  /** A PKCS#12 archive of a certificate and its key. `old`: encrypted with RC2 and 3DES. */
  archive(issued: Issued, passphrase: string, options?: { readonly old?: boolean }): Buffer;
  close(): void;
}

export function openCertificateDesk(): CertificateDesk {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-certificates-'));
  const openssl = (args: readonly string[]) =>
    execFileSync('openssl', [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  let count = 0;
  return {
    folder,
    issue({ name, names, days = 30, issuer, authority = false }) {
      count += 1;
      const at = (ending: string) => join(folder, `${count}.${ending}`);
      const alternative = (names ?? [name, '127.0.0.1']).map((n) => (/^[\d.]+$/.test(n) ? `IP:${n}` : `DNS:${n}`));
      writeFileSync(
        at('ext'),
        [
          `basicConstraints=critical,CA:${authority ? 'TRUE' : 'FALSE'}`,
          ...(authority ? ['keyUsage=critical,keyCertSign,cRLSign'] : [`subjectAltName=${alternative.join(',')}`]),
          'subjectKeyIdentifier=hash',
        ].join('\n'),
      );
      openssl([
        ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${name}/O=Wirewatch test`],
      ]);
      const signer = issuer
        ? ['-CA', issuer.certificatePath, '-CAkey', issuer.keyPath, '-set_serial', String(1000 + count)]
        : ['-signkey', at('key')];
      openssl([
        ...['x509', '-req', '-in', at('csr'), '-out', at('pem'), '-extfile', at('ext')],
        ...['-days', String(days), ...signer],
      ]);
      return {
        certificate: readFileSync(at('pem'), 'utf8'),
        key: readFileSync(at('key'), 'utf8'),
        certificatePath: at('pem'),
        keyPath: at('key'),
      };
    },
    archive(issued, passphrase, { old = false } = {}) {
      return openssl([
        ...['pkcs12', '-export', '-inkey', issued.keyPath, '-in', issued.certificatePath],
        ...['-passout', `pass:${passphrase}`],
        ...(old ? ['-legacy'] : []),
      ]);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
