import { createHash } from 'node:crypto';
import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * Names the network this machine is on, from its interfaces: the same name after a restart, another one when an
 * interface comes, goes or lands in another subnet. Addresses that rotate by themselves (IPv6 privacy, the host part
 * of a lease) do not count. Empty interfaces (only loopback) give `none`.
 */
export function networkName(interfaces: Interfaces): string {
  const parts = new Set<string>();
  for (const [name, addresses] of Object.entries(interfaces)) {
    for (const address of addresses ?? []) {
      const network = address.internal ? null : networkOf(address);
      if (network) parts.add(`${name} ${network}`);
    }
  }
  if (parts.size === 0) return 'none';
  return createHash('sha256')
    .update([...parts].sort().join('\n'))
    .digest('hex')
    .slice(0, 12);
}

/** Whether any interface but loopback has an address that leads out of the link. */
export function hasNetwork(interfaces: Interfaces): boolean {
  return networkName(interfaces) !== 'none';
}

function networkOf({ family, address, cidr }: NetworkInterfaceInfo): string | null {
  const bits = Number(cidr?.split('/')[1] ?? Number.NaN);
  if (!Number.isInteger(bits)) return null;
  if (family === 'IPv4') return ipv4Network(address, bits);
  // Link-local addresses are there on any cable; the first 64 bits name a routed network.
  return /^fe[89ab]/i.test(address) ? null : ipv6Prefix(address);
}

function ipv4Network(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  return `${Math.floor(number / size) * size}/${bits}`;
}

function ipv6Prefix(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups.slice(0, 4).join(':').toLowerCase();
}
