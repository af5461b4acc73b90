import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/**
 * What tells one run of the machine from the next: the kernel's boot id, or where there is none the time of the
 * boot in steps of ten minutes (a step missed costs an epoch, nothing worse).
 */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `boot-${Math.round((Date.now() / 1000 - uptime()) / 600)}`;
  }
}
