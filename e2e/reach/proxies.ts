import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, freePort, runDaemon, sharedFolder } from './processes';

/** Name of the feed's host that only the proxies know. */
export const feedName = 'feed.wirewatch.test';

export interface Squid extends Daemon {
  /** Ports: lets everyone through; refuses everyone; wants `login`; lets through 6 KB/s. */
  readonly open: number;
  readonly closed: number;
  readonly login: number;
  readonly slow: number;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** One squid with four doors. */
export async function startSquid({ user, password }: Login): Promise<Squid> {
  const folder = sharedFolder('squid');
  const [open, closed, login, slow] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const hash = execFileSync('openssl', ['passwd', '-apr1', password], { encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'passwords'), `${user}:${hash}\n`);
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost ${feedName}\n`);
  writeFileSync(
    join(folder, 'squid.conf'),
    `http_port 127.0.0.1:${open} name=open
http_port 127.0.0.1:${closed} name=closed
http_port 127.0.0.1:${login} name=login
http_port 127.0.0.1:${slow} name=slow
visible_hostname wirewatch-test
pid_filename ${folder}/pid
cache_log ${folder}/cache.log
access_log none
cache deny all
cache_mem 8 MB
coredump_dir ${folder}
hosts_file ${folder}/hosts
pinger_enable off
shutdown_lifetime 0 seconds
auth_param basic program /usr/lib/squid/basic_ncsa_auth ${folder}/passwords
auth_param basic realm wirewatch
acl closed myportname closed
acl login myportname login
acl slow myportname slow
acl known proxy_auth REQUIRED
delay_pools 1
delay_class 1 1
delay_access 1 allow slow
delay_access 1 deny all
delay_parameters 1 6000/6000
http_access deny closed
http_access deny login !known
http_access allow all
`,
  );
  const daemon = await runDaemon('squid', ['-N', '-f', join(folder, 'squid.conf')], open, folder);
  return { ...daemon, open, closed, login, slow };
}

export interface Tinyproxy extends Daemon {
  readonly port: number;
}

/** One tinyproxy: open, with a login, or with a filter that refuses this machine. */
export async function startTinyproxy(options: {
  readonly login?: Login;
  readonly refuse?: boolean;
}): Promise<Tinyproxy> {
  const folder = sharedFolder('tinyproxy');
  const port = await freePort();
  writeFileSync(join(folder, 'filter'), '^127\\.0\\.0\\.1$\n');
  writeFileSync(
    join(folder, 'tinyproxy.conf'),
    `Port ${port}
Listen 127.0.0.1
Timeout 600
Allow 127.0.0.1
MaxClients 200
LogFile "${folder}/log"
LogLevel Warning
PidFile "${folder}/pid"
DisableViaHeader Yes
${options.login ? `BasicAuth ${options.login.user} ${options.login.password}` : ''}
${options.refuse ? `Filter "${folder}/filter"` : ''}
`,
  );
  const daemon = await runDaemon('tinyproxy', ['-d', '-c', join(folder, 'tinyproxy.conf')], port, folder);
  return { ...daemon, port };
}
