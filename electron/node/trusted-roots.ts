import * as tls from 'node:tls';
import { readRegularSync } from './regular-file';

/** Where systems keep the roots they trust, in one file. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** All the authorities there are take a tenth of it, bytes. */
const largestBundle = 16 * 1024 * 1024;

const begins = '-----BEGIN CERTIFICATE-----';
const ends = '-----END CERTIFICATE-----';

/**
 * The roots that come with Node and those of the system, each once. Read at the first call and kept: a changed trust
 * of the system counts at the next start. `NODE_EXTRA_CA_CERTS` counts too.
 */
export function createTrustedRoots(env: Readonly<Record<string, string | undefined>>): () => readonly string[] {
  let roots: readonly string[] | null = null;
  return () => {
    roots ??= [...new Set([...tls.rootCertificates, ...systemRoots(), ...inFile(env.NODE_EXTRA_CA_CERTS)].map(plain))];
    return roots;
  };
}

function systemRoots(): readonly string[] {
  // Newer Nodes ask the system itself, also on macOS and Windows.
  const ask: unknown = Reflect.get(tls, 'getCACertificates');
  if (typeof ask === 'function') {
    try {
      const found: unknown = ask('system');
      if (Array.isArray(found) && found.length > 0) return found.filter((pem) => typeof pem === 'string');
    } catch {
      // Then the files.
    }
  }
  for (const path of bundles) {
    const found = inFile(path);
    if (found.length > 0) return found;
  }
  return [];
}

function inFile(path: string | undefined): readonly string[] {
  if (!path) return [];
  try {
    return certificatesIn(readRegularSync(path, largestBundle).toString('utf8'));
  } catch {
    return [];
  }
}

function certificatesIn(text: string): readonly string[] {
  const found: string[] = [];
  for (let at = text.indexOf(begins); at >= 0; ) {
    const end = text.indexOf(ends, at);
    if (end < 0) break;
    found.push(text.slice(at, end + ends.length));
    at = text.indexOf(begins, end);
  }
  return found;
}

function plain(pem: string): string {
  return `${pem.trim().replace(/\r/g, '')}\n`;
}
