/**
 * `npm run test:security`: every test that docs/security.md names, and all named *hostile*, wherever they stand. The last
 * line is `security: A assertions, F failed`; a row of the page whose test did not run and pass is a failure of its own.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tallyPlaywright, tallyVitest } from './report/tally.mjs';
import { run } from './setup/processes.mjs';
import { readJson, root, tool } from './setup/project.mjs';
import { withSetUp } from './setup.mjs';

const minute = 60_000;
const results = join(root, 'test-results', 'security');
const counts = join(results, 'assertions.txt');

const titles = namedIn(readFileSync(join(root, 'docs/security.md'), 'utf8'));
const pattern = ['hostile \\d+[:,]', ...titles.map(patternOf)].join('|');

/** @type {readonly { name: string, kind: 'vitest' | 'playwright', command: readonly [string, ...string[]] }[]} */
const parts = [
  { name: 'unit', kind: 'vitest', command: ['vitest', 'run', '--project', 'unit', '-t', pattern] },
  { name: 'contract', kind: 'vitest', command: ['vitest', 'run', '--project', 'contract', '-t', pattern] },
  { name: 'e2e', kind: 'playwright', command: ['playwright', 'test', '--project', 'e2e', '-g', pattern] },
];

await withSetUp(['electron', 'display', 'keyring', 'openssl', 'build'], async ({ env }) => {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  /** @type {string[]} */
  const failures = [];
  /** @type {Set<string>} */
  const passed = new Set();
  for (const { name, kind, command } of parts) {
    const report = join(results, `${name}.json`);
    const [word, ...args] = command;
    const reporting =
      kind === 'vitest'
        ? ['--passWithNoTests', '--reporter=json', `--outputFile.json=${report}`]
        : ['--pass-with-no-tests', '--reporter=json,./scripts/report/expectations.mjs'];
    const call = tool(word, [...args, ...reporting]);
    const outcome = await run(call.command, call.args, {
      cwd: root,
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report, WIREWATCH_COUNT_ASSERTIONS: counts, NO_COLOR: '1' },
      capture: true,
      timeoutMs: 20 * minute,
    });
    /** @type {any} */
    const read = readJson(report);
    if (!read) {
      failures.push(`${name}: ${outcome.output.slice(-2000)}`);
      continue;
    }
    const tally = kind === 'vitest' ? tallyVitest(read, root, outcome.output) : tallyPlaywright(read);
    for (const { name: failed, why } of tally.failures) failures.push(`${failed}\n${why}`);
    for (const title of titlesOf(read)) passed.add(title);
    process.stdout.write(`${name}: ${tally.passed} tests passed, ${tally.failures.length} failed\n`);
  }
  for (const title of titles) {
    const named = new RegExp(patternOf(title));
    if (![...passed].some((one) => named.test(one)))
      failures.push(`docs/security.md names a test that did not pass: ${title}`);
  }
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`security: ${assertions()} assertions, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
});

/**
 * Tests that the tables of the page name, in the last cell of a row.
 *
 * @param {string} page
 */
function namedIn(page) {
  const cells = page.split('\n').flatMap((line) => /^\|.*\| (`.*`) \|$/.exec(line)?.[1] ?? []);
  return [...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')))];
}

/**
 * What a title is found by: one that stands for several tests (`%s`) by what is around that.
 *
 * @param {string} title
 */
function patternOf(title) {
  return title.replaceAll(/[^\w\s'’%]/g, '\\$&').replaceAll(/%[sdij]/g, '.+');
}

/** How often something was expected, summed over the processes that wrote it down. */
function assertions() {
  try {
    const lines = readFileSync(counts, 'utf8').split('\n').filter(Boolean);
    return lines.reduce((sum, line) => sum + Number(line), 0);
  } catch {
    return 0;
  }
}

/**
 * Titles of the tests that passed, in either kind of report.
 *
 * @param {any} report
 * @returns {string[]}
 */
function titlesOf(report) {
  if (report.testResults) {
    return report.testResults.flatMap((/** @type {any} */ file) =>
      file.assertionResults
        .filter((/** @type {any} */ test) => test.status === 'passed')
        .map((/** @type {any} */ test) => test.fullName),
    );
  }
  /** @type {(suite: any) => string[]} */
  const visit = (suite) => [
    ...(suite.specs ?? []).filter((/** @type {any} */ spec) => spec.ok).map((/** @type {any} */ spec) => spec.title),
    ...(suite.suites ?? []).flatMap(visit),
  ];
  return report.suites.flatMap(visit);
}
