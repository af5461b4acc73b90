import { describe, expect, it } from 'vitest';
import { isInstalled } from './dependencies.mjs';
import { whyTooOld } from './node-version.mjs';
import { npmFailure } from './registry.mjs';
import { missingOf } from './system-packages.mjs';

describe('the Node version', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0'])('%s will do', (version) => {
    expect(whyTooOld(version)).toBe('');
  });

  it.each(['18.19.0', '20.18.3', '12.22.9'])('%s is too old, and is told what to do', (version) => {
    expect(whyTooOld(version)).toContain(`Node ${version} is too old: Wirewatch needs 20.19 or newer`);
  });
});

describe('what npm could not do', () => {
  const words: [string, RegExp, RegExp][] = [
    [
      'npm error code ENOTFOUND\nnpm error network request to https://registry.npmjs.org/x failed',
      /registry cannot be reached \(ENOTFOUND\)/,
      /registry/,
    ],
    ['npm error code ECONNREFUSED', /registry cannot be reached \(ECONNREFUSED\)/, /proxy/],
    ['npm error code ENOSPC\nnpm error nospc no space left on device', /the disk is full/, /free about/],
    [
      'npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed',
      /not what was published/,
      /cache clean/,
    ],
    ['npm error code EACCES\nnpm error path /x', /not writable/, /writable/],
    ['npm error code E404\nnpm error 404 Not Found', /code E404/, /npm ci/],
  ];

  it.each(words)('%j', (output, why, remedy) => {
    const failure = npmFailure(output, 'install the dependencies');
    expect(failure.message).toMatch(/^npm could not install the dependencies/);
    expect(failure.message).toMatch(why);
    expect(failure.remedy).toMatch(remedy);
  });
});

describe('installed dependencies', () => {
  const wanted = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/ws': { version: '8.23.0' },
      'node_modules/fsevents': { version: '2.3.3', optional: true },
    },
  };

  it('are whole without the optional packages of other platforms', () => {
    expect(isInstalled(wanted, { packages: { 'node_modules/ws': { version: '8.23.0' } } })).toBe(true);
  });

  it('are not whole with another version, or with a package missing', () => {
    expect(isInstalled(wanted, { packages: { 'node_modules/ws': { version: '8.22.0' } } })).toBe(false);
    expect(isInstalled(wanted, { packages: {} })).toBe(false);
  });
});

describe('system packages', () => {
  it('refuses a need it does not know', () => {
    expect(() => missingOf(['nginks'])).toThrow('unknown need: nginks');
  });
});
