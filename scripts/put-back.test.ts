import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Unit tests share the processes they run in (`isolate: false`): what one changes of what all share and does not put back
 * breaks another file, on another day, in another order. What puts it back must also run when the test fails.
 */

const folders = ['electron', 'renderer', 'gateway', 'shared', 'bench', 'e2e', 'scripts'];

interface Rule {
  readonly changes: RegExp;
  /** Each of these must stand in an `afterEach`, `afterAll`, `onTestFinished` or `finally`; none: it is never allowed. */
  readonly putBack: readonly RegExp[];
}

const rules: Readonly<Record<string, Rule>> = {
  // It is moved to the top of the file, and holds for whoever imports the module next.
  'vi.mock': { changes: /\bvi\.mock\(/, putBack: [] },
  'vi.doMock': { changes: /\bvi\.doMock\(/, putBack: [/\bvi\.doUnmock\(/, /\bvi\.resetModules\(/] },
  'vi.stubGlobal': { changes: /\bvi\.stubGlobal\(/, putBack: [/\bvi\.unstubAllGlobals\(/] },
  'vi.stubEnv': { changes: /\bvi\.stubEnv\(/, putBack: [/\bvi\.unstubAllEnvs\(/] },
  'vi.spyOn': { changes: /\bvi\.spyOn\(/, putBack: [/\bvi\.restoreAllMocks\(|\.mockRestore\(/] },
  'vi.useFakeTimers': { changes: /\bvi\.(useFakeTimers|setSystemTime)\(/, putBack: [/\bvi\.useRealTimers\(/] },
  'a global': { changes: /\b(globalThis|global|window)\.\w+ = /, putBack: [/\b(globalThis|global|window)\.\w+ = /] },
  'the environment': {
    changes: /\bprocess\.env(\.\w+|\[[^\]]+\]) = |\bdelete process\.env\b/,
    putBack: [/\bprocess\.env(\.\w+|\[[^\]]+\]) = |\bdelete process\.env\b/],
  },
  'the folder of the process': { changes: /\bprocess\.chdir\(/, putBack: [/\bprocess\.chdir\(/] },
};

/** What a file changes and does not put back. */
function leftBehind(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const after = endings(code).join('\n');
  return Object.entries(rules).flatMap(([name, { changes, putBack }]) => {
    if (!changes.test(code)) return [];
    return putBack.length > 0 && putBack.every((one) => one.test(after)) ? [] : [name];
  });
}

/** The parts of a file that run whatever comes of a test. */
function endings(code: string): string[] {
  return [...code.matchAll(/\b(?:afterEach|afterAll|onTestFinished)\(|\bfinally \{/g)].map((match) => {
    const start = match.index + match[0].length;
    const [open, close] = match[0].endsWith('{') ? ['{', '}'] : ['(', ')'];
    let depth = 1;
    let at = start;
    for (; at < code.length && depth > 0; at += 1) {
      if (code[at] === open) depth += 1;
      else if (code[at] === close) depth -= 1;
    }
    return code.slice(start, at);
  });
}

function testsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testsIn(path);
    if (!/\.tsx?$/.test(entry.name) || /\.(contract|peers)\.test\.ts$/.test(entry.name)) return [];
    return /\.test\.tsx?$/.test(entry.name) || /[\\/]testing[\\/]/.test(path) ? [path] : [];
  });
}

describe('unit tests that share a process', () => {
  it('put back what they change of what all share', () => {
    const own = join('scripts', 'put-back.test.ts');
    const files = folders.flatMap(testsIn).filter((file) => file !== own);
    expect(files.length).toBeGreaterThan(100);
    const left = files.flatMap((file) => leftBehind(readFileSync(file, 'utf8')).map((what) => `${file}: ${what}`));
    expect(left).toEqual([]);
  });

  it.each([
    ["vi.mock('./a');\nafterEach(() => vi.restoreAllMocks());", ['vi.mock']],
    ["vi.doMock('./a', () => ({}));", ['vi.doMock']],
    ["vi.doMock('./a', () => ({}));\nafterEach(() => vi.resetModules());", ['vi.doMock']],
    ["vi.doMock('./a');\nafterEach(() => {\n  vi.doUnmock('./a');\n  vi.resetModules();\n});", []],
    ["vi.stubGlobal('fetch', mine);", ['vi.stubGlobal']],
    ["vi.stubGlobal('fetch', mine);\nvi.unstubAllGlobals();", ['vi.stubGlobal']],
    ["vi.stubGlobal('fetch', mine);\nafterAll(() => vi.unstubAllGlobals());", []],
    ["const spy = vi.spyOn(a, 'b');\nexpect(spy).toBe(1);\nspy.mockRestore();", ['vi.spyOn']],
    ["const spy = vi.spyOn(a, 'b');\ntry {\n  use();\n} finally {\n  spy.mockRestore();\n}", []],
    ["const spy = vi.spyOn(a, 'b');\nonTestFinished(() => spy.mockRestore());", []],
    ['beforeEach(() => vi.useFakeTimers());', ['vi.useFakeTimers']],
    ['globalThis.fetch = mine;', ['a global']],
    ["process.env.TZ = 'UTC';", ['the environment']],
    ["// vi.mock('./a')\nconst same = globalThis.fetch === mine;", []],
  ])('finds what is left behind: %j', (text, expected) => {
    expect(leftBehind(text)).toEqual(expected);
  });
});
