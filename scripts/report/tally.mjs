/** Reads what a suite left behind, as counts and the names of failures. */
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} skipped
 * @property {{ name: string, why: string }[]} failures
 */

/** How much of a failure's message is shown, in lines. */
const linesOfWhy = 12;
/** How much of a failed step's output is shown, in lines. */
const linesOfBegin = 30;
const linesOfEnd = 12;
/** The attachment in which a failed journey says what stood in its window. */
const seenName = 'what was seen';

/**
 * @typedef {object} VitestReport `vitest --reporter=json`
 * @property {{ name: string, status: string, message?: string, assertionResults: { fullName: string, status: string, failureMessages?: string[] }[] }[]} testResults
 */

/**
 * @param {VitestReport} report
 * @param {string} root taken off the front of file names
 * @param {string} said vitest's own words: the report leaves out why a hook failed
 * @returns {Tally}
 */
export function tallyVitest(report, root, said) {
  /** @type {Tally} */
  const tally = { passed: 0, skipped: 0, failures: [] };
  for (const file of report.testResults) {
    const name = file.name.replace(`${root}/`, '');
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed += 1;
      else if (test.status === 'failed') {
        tally.failures.push({
          name: `${name}: ${test.fullName}`,
          why: shorten((test.failureMessages ?? []).join('\n')),
        });
      } else tally.skipped += 1;
    }
    // A file that does not load, or whose hooks fail, fails without a test of its own.
    const blamed = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !blamed)
      tally.failures.push({ name, why: shorten(file.message || wordsOn(name, said)) });
  }
  return tally;
}

/**
 * What vitest printed on a file that failed as a whole.
 *
 * @param {string} name
 * @param {string} said
 */
function wordsOn(name, said) {
  const lines = plain(said);
  const at = lines.findIndex((line) => line.includes('FAIL') && line.includes(name));
  return at < 0 ? 'it did not load, or its preparation failed' : lines.slice(at + 1, at + 1 + linesOfWhy).join('\n');
}

/**
 * @typedef {object} PlaywrightResult
 * @property {{ message?: string }[]} [errors]
 * @property {{ name: string, body?: string }[]} [attachments] bodies in base64
 */

/**
 * @typedef {object} PlaywrightSuite
 * @property {string} title
 * @property {PlaywrightSuite[]} [suites]
 * @property {{ title: string, tests: { status: string, results: PlaywrightResult[] }[] }[]} [specs]
 */

/**
 * @param {{ suites: PlaywrightSuite[], errors?: { message?: string }[] }} report `playwright --reporter=json`
 * @returns {Tally}
 */
export function tallyPlaywright(report) {
  /** @type {Tally} */
  const tally = { passed: 0, skipped: 0, failures: [] };
  /**
   * @param {PlaywrightSuite} suite
   * @param {string} path
   */
  const visit = (suite, path) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        if (test.status === 'expected') tally.passed += 1;
        else if (test.status === 'skipped') tally.skipped += 1;
        else {
          const messages = test.results.flatMap((result) => result.errors ?? []).map((error) => error.message ?? '');
          const seen = test.results.flatMap((result) => result.attachments ?? []).flatMap(seenIn);
          const why = [shorten(messages.join('\n')), ...seen].join('\n');
          tally.failures.push({ name: `${path}${spec.title}`, why });
        }
      }
    }
    for (const inner of suite.suites ?? []) visit(inner, `${path}${inner.title}: `);
  };
  for (const suite of report.suites) visit(suite, `${suite.title}: `);
  for (const error of report.errors ?? [])
    tally.failures.push({ name: 'playwright', why: shorten(error.message ?? '') });
  return tally;
}

/**
 * What stood in the window and what main had said when a journey failed: a machine that is gone is not asked again.
 *
 * @param {{ name: string, body?: string }} attachment
 */
function seenIn({ name, body }) {
  return name === seenName && body !== undefined ? [excerpt(Buffer.from(body, 'base64').toString('utf8'))] : [];
}

/**
 * The first lines of a message, without colours and without the frames of libraries.
 *
 * @param {string} text
 */
export function shorten(text) {
  const lines = plain(text).filter((line) => !/node_modules|node:internal/.test(line));
  return lines.slice(0, linesOfWhy).join('\n');
}

/**
 * The beginning and the end of what a step said.
 *
 * @param {string} text
 */
export function excerpt(text) {
  const lines = plain(text);
  if (lines.length <= linesOfBegin + linesOfEnd) return lines.join('\n');
  return [...lines.slice(0, linesOfBegin), '…', ...lines.slice(-linesOfEnd)].join('\n');
}

/** Lines with something on them, without colours. @param {string} text */
function plain(text) {
  return stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim());
}
