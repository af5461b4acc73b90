/** A reporter of Playwright that writes down how often something was expected, for `npm run test:security`. */
import { appendFileSync } from 'node:fs';

// biome-ignore lint/style/noDefaultExport: a reporter is what a file exports by default
export default class Expectations {
  #count = 0;

  /**
   * @param {unknown} _test
   * @param {unknown} _result
   * @param {{ category: string }} step
   */
  onStepEnd(_test, _result, step) {
    if (step.category === 'expect') this.#count += 1;
  }

  onEnd() {
    const file = process.env.WIREWATCH_COUNT_ASSERTIONS;
    if (file) appendFileSync(file, `${this.#count}\n`);
  }

  printsToStdio() {
    return false;
  }
}
