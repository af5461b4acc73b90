import { describe, expect, it } from 'vitest';
import { excerpt, tallyPlaywright, tallyVitest } from './tally.mjs';

describe('counting', () => {
  it('vitest: tests, and files that do not load', () => {
    const tally = tallyVitest(
      {
        testResults: [
          {
            name: '/here/shared/a.test.ts',
            status: 'failed',
            assertionResults: [
              { fullName: 'a works', status: 'passed' },
              { fullName: 'a fails', status: 'failed', failureMessages: ['no\n    at node_modules/x'] },
              { fullName: 'a waits', status: 'skipped' },
            ],
          },
          { name: '/here/shared/b.test.ts', status: 'failed', message: 'cannot load', assertionResults: [] },
          {
            name: '/here/shared/c.test.ts',
            status: 'failed',
            message: '',
            assertionResults: [{ fullName: 'c works', status: 'skipped' }],
          },
        ],
      },
      '/here',
      ' FAIL  unit shared/c.test.ts\nError: no openssl\n',
    );
    expect(tally).toEqual({
      passed: 1,
      skipped: 2,
      failures: [
        { name: 'shared/a.test.ts: a fails', why: 'no' },
        { name: 'shared/b.test.ts', why: 'cannot load' },
        { name: 'shared/c.test.ts', why: 'Error: no openssl' },
      ],
    });
  });

  it('playwright: nested suites, and errors outside of tests', () => {
    const tally = tallyPlaywright({
      suites: [
        {
          title: 'first.e2e.ts',
          specs: [{ title: 'opens', tests: [{ status: 'expected', results: [{}] }] }],
          suites: [
            {
              title: 'window',
              specs: [
                {
                  title: 'draws',
                  tests: [
                    {
                      status: 'unexpected',
                      results: [
                        {
                          errors: [{ message: 'blank' }],
                          attachments: [
                            { name: 'picture' },
                            { name: 'what was seen', body: Buffer.from('No sources').toString('base64') },
                          ],
                        },
                      ],
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
      errors: [{ message: 'no runtime' }],
    });
    expect(tally).toEqual({
      passed: 1,
      skipped: 0,
      failures: [
        { name: 'first.e2e.ts: window: draws', why: 'blank\nNo sources' },
        { name: 'playwright', why: 'no runtime' },
      ],
    });
  });

  it('shows the beginning and the end of long output', () => {
    const lines = excerpt(Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')).split('\n');
    expect(lines[0]).toBe('line 0');
    expect(lines).toContain('…');
    expect(lines.at(-1)).toBe('line 99');
  });
});
