import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { HostSignal } from '../engine/core/network';
import { createFakeClock } from '../engine/simulation/fake-clock';
import { createSystemClock } from './clock';
import { createHostSignals } from './host-signals';
import { hasNetwork, networkName } from './network-name';
import { createSystemRandom } from './random';

const v4 = (address: string, bits = 24): NetworkInterfaceInfo => ({
  family: 'IPv4',
  address,
  netmask: '',
  mac: '',
  internal: address.startsWith('127.'),
  cidr: `${address}/${bits}`,
});
const v6 = (address: string): NetworkInterfaceInfo => ({
  family: 'IPv6',
  address,
  netmask: '',
  mac: '',
  internal: false,
  cidr: `${address}/64`,
  scopeid: 0,
});
const loopback = { lo: [v4('127.0.0.1', 8)] };

describe('the name of the network', () => {
  const home = networkName({ ...loopback, wlan0: [v4('192.168.1.17'), v6('2001:db8:1:2:aaaa::1')] });

  it('stays with another lease and another privacy address of the same network', () => {
    expect(networkName({ wlan0: [v6('2001:db8:1:2:bbbb:1:2:3'), v4('192.168.1.200'), v6('fe80::1')] })).toBe(home);
  });

  it.each([
    ['another subnet', { wlan0: [v4('192.168.2.17'), v6('2001:db8:1:2::1')] }],
    ['another interface', { eth0: [v4('192.168.1.17'), v6('2001:db8:1:2::1')] }],
    ['a tunnel', { wlan0: [v4('192.168.1.17'), v6('2001:db8:1:2::1')], tun0: [v4('10.8.0.2')] }],
  ])('changes with %s', (_what, interfaces) => {
    expect(networkName(interfaces)).not.toBe(home);
  });

  it('is none with loopback and link-local only', () => {
    expect(networkName(loopback)).toBe('none');
    expect(hasNetwork({ eth0: [v6('fe80::1')] })).toBe(false);
  });
});

describe('host signals', () => {
  it('tell of a network that went and another that came', () => {
    const clock = createFakeClock();
    let interfaces: Record<string, NetworkInterfaceInfo[]> = { eth0: [v4('10.0.0.2')] };
    const signals = createHostSignals({ clock, interfaces: () => interfaces });
    const heard: HostSignal['kind'][] = [];
    signals.subscribe((signal) => heard.push(signal.kind));
    clock.advance(10_000);
    expect(heard).toEqual([]);
    interfaces = {};
    clock.advance(2000);
    expect(heard).toEqual(['offline', 'network-changed']);
    expect(signals.online()).toBe(false);
    interfaces = { eth0: [v4('10.0.9.2')] };
    clock.advance(2000);
    expect(heard.slice(2)).toEqual(['online', 'network-changed']);
    signals.close();
    interfaces = {};
    clock.advance(10_000);
    expect(heard).toHaveLength(4);
    expect(clock.pending()).toBe(0);
  });
});

describe('the machine itself', () => {
  it('fires timers never early, and not at all once cancelled', async () => {
    const clock = createSystemClock();
    const began = clock.now();
    const cancelled = clock.after(5, () => {
      throw new Error('was cancelled');
    });
    cancelled.cancel();
    const waits = await Promise.all(
      [0, 1, 3, 10, 20].map(
        (ms) => new Promise<boolean>((resolve) => clock.after(ms, () => resolve(clock.now() - began >= ms))),
      ),
    );
    expect(waits).toEqual([true, true, true, true, true]);
  });

  it('gives ids that differ', () => {
    const random = createSystemRandom();
    const ids = new Set(Array.from({ length: 1000 }, () => random.id()));
    expect(ids.size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });
});
