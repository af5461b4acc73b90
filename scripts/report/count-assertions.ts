import { appendFileSync } from 'node:fs';
import { afterEach, expect } from 'vitest';

/** Set up with every test file: writes down how often each test expected something, where somebody asks for it. */
const file = process.env.WIREWATCH_COUNT_ASSERTIONS;
if (file) {
  afterEach(() => {
    const { assertionCalls } = expect.getState();
    if (assertionCalls > 0) appendFileSync(file, `${assertionCalls}\n`);
  });
}
