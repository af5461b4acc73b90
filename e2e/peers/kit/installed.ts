import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** Where a program is, or null. Tests that need one that is missing are skipped; the set-up names it as not run. */
export function programOf(name: string): string | null {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

export const hasNginx = programOf('nginx') !== null;
export const hasHaproxy = programOf('haproxy') !== null;
export const hasPrometheus = programOf('prometheus') !== null && programOf('promtool') !== null;
export const hasMosquitto = programOf('mosquitto') !== null && programOf('mosquitto_pub') !== null;
/** Debian's Chromium, driven through playwright's own protocol. */
export const chromiumPath = programOf('chromium') ?? programOf('chromium-browser') ?? programOf('google-chrome');
/** RabbitMQ's own way to start it: the one on the path wants to become another user. */
export const rabbitmqProgram = ['/usr/lib/rabbitmq/bin/rabbitmq-server'].find((path) => existsSync(path)) ?? null;
