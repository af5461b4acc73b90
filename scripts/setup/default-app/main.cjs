/**
 * What a bare Electron runs: it starts the application named on the command line (`electron [switches] folder [args]`).
 */
const electron = require('electron');
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');

/**
 * Electron's own default application uses two calls that its public types leave out.
 *
 * @type {import('electron').App & { setVersion(version: string): void, setAppPath(path: string): void }}
 */
// @ts-expect-error: the two calls exist at run time
const app = electron.app;

/**
 * Switches are Chromium's business; `-r module` is loaded first; the first plain word is the application.
 *
 * @param {readonly string[]} args
 */
function readCommandLine(args) {
  /** @type {string[]} */
  const required = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '-r' || word === '--require') {
      at += 1;
      required.push(args[at] ?? '');
    } else if (!word.startsWith('-')) {
      return { required, target: resolve(word) };
    }
  }
  return { required, target: undefined };
}

const { required, target } = readCommandLine(process.argv.slice(1));
if (!target || !existsSync(target)) {
  process.stderr.write(`electron: ${target ? `there is no ${target}` : 'name the folder of an application'}\n`);
  app.exit(1);
} else {
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
  for (const module of required) require(module);
  const packagePath = join(target, 'package.json');
  if (existsSync(packagePath)) {
    const meta = JSON.parse(readFileSync(packagePath, 'utf8'));
    if (meta.version) app.setVersion(meta.version);
    app.name = meta.productName ?? meta.name ?? app.name;
    app.setAppPath(target);
    require(join(target, meta.main ?? 'index.js'));
  } else {
    app.setAppPath(dirname(target));
    require(target);
  }
}
