/**
 * `npm test`: runs the suites of suites.mjs and sums them up. The last line is `N passed, N failed`.
 *
 * `node scripts/test.mjs [group or name …]` runs a choice: `check`, `long`, `unit`. What a suite said in full is kept in
 * test-results/, its report beside it.
 */
import { insistOnNode } from './setup/node-version.mjs';

insistOnNode();
const { createWriteStream, existsSync, mkdirSync, rmSync } = await import('node:fs');
const { join } = await import('node:path');
const { excerpt, tallyPlaywright, tallyVitest } = await import('./report/tally.mjs');
const { withSetUp } = await import('./setup.mjs');
const { run, throwIfInterrupted } = await import('./setup/processes.mjs');
const { readJson, root, tool } = await import('./setup/project.mjs');
const { seconds } = await import('./setup/report.mjs');
const { limitOfAllMs, suites } = await import('./suites.mjs');

/** @typedef {import('./suites.mjs').Suite} Suite */
/** @typedef {import('./report/tally.mjs').Tally} Tally */

const results = join(root, 'test-results');
const began = performance.now();

const chosen = choose(process.argv.slice(2));
const needs = [...new Set(chosen.flatMap((suite) => suite.needs ?? []))];

await withSetUp(needs, async ({ env, notThere }) => {
  mkdirSync(results, { recursive: true });
  /** @type {Tally[]} */
  const tallies = [];
  for (const together of sideBySide(chosen)) {
    tallies.push(...(await Promise.all(together.map((suite) => runSuite(suite, env)))));
    throwIfInterrupted();
  }
  return sumUp(tallies, notThere);
});

/**
 * @param {readonly string[]} words
 * @returns {Suite[]}
 */
function choose(words) {
  const there = suites.filter((suite) => !suite.file || existsSync(join(root, suite.file)));
  if (words.length === 0) return there.filter((suite) => suite.group !== 'long');
  return there.filter((suite) => words.includes(suite.group) || words.includes(suite.name));
}

/**
 * Neighbours that may run at once, in the order of the table.
 *
 * @param {readonly Suite[]} some
 * @returns {Suite[][]}
 */
function sideBySide(some) {
  /** @type {Suite[][]} */
  const groups = [];
  for (const suite of some) {
    const last = groups.at(-1);
    if (suite.beside && last?.[0]?.beside === suite.beside) last.push(suite);
    else groups.push([suite]);
  }
  return groups;
}

/**
 * @param {Suite} suite
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Tally>}
 */
async function runSuite(suite, env) {
  const started = performance.now();
  const name = suite.name.replace(/\W+/g, '-');
  const report = join(results, `${name}.json`);
  rmSync(report, { force: true });
  const [word, ...args] = suite.command;
  const call = tool(word, [...args, ...reporting(suite, report)]);
  const log = createWriteStream(join(results, `${name}.log`));
  const left = suite.group === 'long' ? suite.limitMs : Math.max(1, limitOfAllMs - (started - began));
  const outcome = await run(call.command, call.args, {
    cwd: root,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report, NO_COLOR: '1' },
    capture: true,
    log,
    timeoutMs: Math.min(suite.limitMs, left),
  });
  log.end();
  const tally = read(suite, report, outcome);
  const took = seconds(performance.now() - started);
  const skipped = tally.skipped ? `, ${tally.skipped} skipped` : '';
  const count =
    suite.kind === 'step' ? verdict(tally) : `${tally.passed} passed, ${tally.failures.length} failed${skipped}`;
  process.stdout.write(`${tally.failures.length ? '✗' : '✓'} ${suite.name}: ${count} (${took})\n`);
  return tally;
}

/** @param {Tally} tally */
function verdict(tally) {
  return tally.failures.length ? 'failed' : 'passed';
}

/**
 * @param {Suite} suite
 * @param {string} report
 * @returns {string[]}
 */
function reporting(suite, report) {
  switch (suite.kind) {
    case 'vitest':
      return ['--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    case 'playwright':
      return ['--pass-with-no-tests', '--reporter=list,json'];
    case 'step':
      return [];
  }
}

/**
 * @param {Suite} suite
 * @param {string} report
 * @param {import('./setup/processes.mjs').Outcome} outcome
 * @returns {Tally}
 */
function read(suite, report, outcome) {
  const said = excerpt(outcome.output);
  const found = suite.kind === 'step' ? undefined : readJson(report);
  /** @type {Tally} */
  const tally = { passed: 0, skipped: 0, failures: [] };
  if (suite.kind === 'step' && outcome.code === 0) tally.passed = 1;
  if (found && suite.kind === 'vitest') {
    Object.assign(
      tally,
      tallyVitest(/** @type {import('./report/tally.mjs').VitestReport} */ (found), root, outcome.output),
    );
  }
  if (found && suite.kind === 'playwright') {
    Object.assign(tally, tallyPlaywright(/** @type {{ suites: [] }} */ (found)));
  }
  if (outcome.timedOut) tally.failures.push({ name: `${suite.name}: its time was up`, why: said });
  else if (outcome.code !== 0 && tally.failures.length === 0) {
    tally.failures.push({ name: suite.name, why: said || `exit code ${outcome.code}` });
  }
  return tally;
}

/**
 * @param {readonly Tally[]} tallies
 * @param {readonly string[]} notThere servers that tests would have wanted
 * @returns {number} the exit code
 */
function sumUp(tallies, notThere) {
  const failures = tallies.flatMap((tally) => tally.failures);
  for (const { name, why } of failures) {
    const indented = why.split('\n').map((line) => `    ${line}`);
    process.stdout.write(`\nfailed: ${name}\n${indented.join('\n')}\n`);
  }
  if (notThere.length > 0) {
    process.stdout.write(`\nnot run: ${notThere.join(' ')} (not installed here; as root they are installed first)\n`);
  }
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  // CI runs this more than once and says when it began.
  const ciBegan = Number(process.env.WIREWATCH_CI_BEGAN ?? 0) * 1000;
  const all = ciBegan > 0 ? `, ${seconds(Date.now() - ciBegan)} since CI began` : '';
  process.stdout.write(`\nin ${seconds(performance.now() - began)}${all}, details in test-results/\n`);
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
}
