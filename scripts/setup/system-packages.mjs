/**
 * What the system has to bring: libraries for Electron, a virtual display, and the third-party servers of some tests.
 * On Debian and Ubuntu they are installed when the set-up runs as root; otherwise the exact command is said.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, throwIfInterrupted } from './processes.mjs';
import { baseEnvironment } from './project.mjs';
import { SetUpError, step } from './report.mjs';

/**
 * What can be asked of the system: how to tell that it is there, and the Debian packages that bring it. Newer Ubuntu
 * names some libraries differently; the first name that exists is taken.
 *
 * @type {Record<string, { libraries?: string[], commands?: string[], files?: string[], packages: string[][] }>}
 */
const catalogue = {
  electron: {
    libraries: ['libgtk-3.so.0', 'libnss3.so', 'libasound.so.2', 'libgbm.so.1', 'libXss.so.1'],
    packages: [['libgtk-3-0t64', 'libgtk-3-0'], ['libnss3'], ['libasound2t64', 'libasound2'], ['libgbm1'], ['libxss1']],
  },
  display: { commands: ['Xvfb'], packages: [['xvfb'], ['xauth']] },
  nginx: { commands: ['nginx'], packages: [['nginx-light']] },
  nchan: {
    files: ['/usr/lib/nginx/modules/ngx_nchan_module.so', '/usr/share/nginx/modules/ngx_nchan_module.so'],
    packages: [['libnginx-mod-nchan']],
  },
  haproxy: { commands: ['haproxy'], packages: [['haproxy']] },
  chromium: { commands: ['chromium'], packages: [['chromium']] },
  mosquitto: { commands: ['mosquitto', 'mosquitto_pub'], packages: [['mosquitto'], ['mosquitto-clients']] },
  // The one on the path wants to become another user.
  rabbitmq: { files: ['/usr/lib/rabbitmq/bin/rabbitmq-server'], packages: [['rabbitmq-server']] },
  prometheus: { commands: ['prometheus', 'promtool'], packages: [['prometheus']] },
  redis: { commands: ['redis-server'], packages: [['redis-server']] },
  squid: { commands: ['squid'], packages: [['squid']] },
  tinyproxy: { commands: ['tinyproxy'], packages: [['tinyproxy-bin', 'tinyproxy']] },
  openssl: { commands: ['openssl'], packages: [['openssl']] },
  keyring: { commands: ['dbus-daemon', 'gnome-keyring-daemon'], packages: [['dbus'], ['gnome-keyring']] },
  iproute2: { commands: ['ip'], packages: [['iproute2']] },
};

/**
 * Which of the wanted are missing. Only Linux is asked: elsewhere Electron brings all it needs, and the servers are
 * looked for on the path.
 *
 * @param {readonly string[]} wanted names of the catalogue
 */
export function missingOf(wanted) {
  const libraries = wanted.some((name) => catalogue[name]?.libraries) ? knownLibraries() : '';
  return wanted.filter((name) => {
    const entry = catalogue[name];
    if (!entry) throw new Error(`unknown need: ${name}`);
    if (process.platform !== 'linux' && entry.libraries) return false;
    const there =
      (entry.libraries ?? []).every((library) => libraries.includes(`${library} `)) &&
      (entry.commands ?? []).every(hasCommand) &&
      (!entry.files || entry.files.some((file) => existsSync(file)));
    return !there;
  });
}

/** @param {string} command */
function hasCommand(command) {
  const folders = (baseEnvironment().PATH ?? '').split(delimiter);
  return folders.some((folder) => folder && existsSync(join(folder, command)));
}

/** What the dynamic linker knows, one library a line. */
function knownLibraries() {
  const answer = spawnSync('ldconfig', ['-p'], { encoding: 'utf8', env: baseEnvironment() });
  return answer.stdout ?? '';
}

/** The packages that bring what is missing. @param {readonly string[]} missing */
function packagesFor(missing) {
  return missing.flatMap((name) => catalogue[name]?.packages ?? []);
}

/** The command a person types. @param {readonly string[]} missing */
function commandFor(missing) {
  const names = packagesFor(missing).map((alternatives) => alternatives.at(-1));
  return `sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

function isDebian() {
  return existsSync('/etc/debian_version') && hasCommand('apt-get');
}

/**
 * Installs what is missing, or says how.
 *
 * @param {readonly string[]} required the command cannot run without these
 * @param {readonly string[]} optional tests that want these are named as not run when they cannot be installed
 * @returns {Promise<string[]>} the optional ones that are not there
 * @throws {SetUpError} when a required one is missing and cannot be installed
 */
export async function systemPackages(required, optional) {
  const missing = missingOf([...required, ...optional]);
  if (missing.length === 0) return [];
  if (isDebian() && process.getuid?.() === 0) {
    await install(missing);
    const still = missingOf(missing);
    const needed = still.filter((name) => required.includes(name));
    if (needed.length > 0)
      throw new SetUpError(`still missing after apt-get: ${needed.join(', ')}`, commandFor(needed));
    return still;
  }
  const needed = missing.filter((name) => required.includes(name));
  if (needed.length > 0) {
    throw new SetUpError(
      `this machine lacks what ${needed.map(label).join(' and ')} needs`,
      isDebian()
        ? commandFor(needed)
        : `install what Debian calls ${packagesFor(needed)
            .map((names) => names.at(-1))
            .join(' ')}`,
    );
  }
  return missing;
}

/** @param {string} name */
function label(name) {
  if (name === 'electron') return 'Electron';
  return name === 'display' ? 'a virtual display' : name;
}

/** @param {readonly string[]} missing */
async function install(missing) {
  const env = { ...baseEnvironment(), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await step(
    `installing ${packagesFor(missing)
      .map((names) => names.at(-1))
      .join(' ')} with apt-get`,
    () =>
      withoutStartingServices(async () => {
        await apt(['update'], env);
        const names = packagesFor(missing).map((alternatives) => firstKnown(alternatives));
        await apt(['install', '-y', '--no-install-recommends', ...names], env);
      }),
  );
}

/** @param {readonly string[]} names */
function firstKnown(names) {
  const known = names.find((name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0);
  return known ?? /** @type {string} */ (names.at(-1));
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function apt(args, env) {
  const result = await run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, capture: true });
  throwIfInterrupted();
  if (result.code === 0) return;
  if (/No space left|not have enough free space/i.test(result.output)) {
    throw new SetUpError('apt-get failed: the disk is full', 'free about 1 GB, then run the same command again.');
  }
  // An index that cannot be refreshed may still be good enough to install from.
  if (args[0] === 'update') return;
  const why = result.output.split('\n').find((line) => line.startsWith('E: ')) ?? `exit code ${result.code}`;
  throw new SetUpError(`apt-get failed: ${why.replace(/^E: /, '')}`, `run \`apt-get ${args.join(' ')}\` by hand.`);
}

/**
 * The servers are for tests, which start them on ports of their own: the packages must not start services. Debian asks
 * this file; one that is there already is respected.
 *
 * @param {() => Promise<void>} work
 */
async function withoutStartingServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  const text = '#!/bin/sh\nexit 101\n';
  writeFileSync(policy, text, { mode: 0o755 });
  const remove = () => {
    if (existsSync(policy) && readFileSync(policy, 'utf8') === text) rmSync(policy);
  };
  process.once('exit', remove);
  try {
    await work();
  } finally {
    remove();
    process.off('exit', remove);
  }
}
