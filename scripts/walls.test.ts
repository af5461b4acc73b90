import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The architectural walls, as the lint configuration keeps them: [file, line of code, whether it is refused]. */
const imports: [string, string, boolean][] = [
  ['electron/engine/transports/x.ts', "import '../connection/machine';", true],
  ['electron/engine/transports/x.ts', "import '../source/source';", true],
  ['electron/engine/source/x.ts', "import '../relay/relay';", false],
  ['electron/engine/source/x.ts', "import '../../main/main';", true],
  ['electron/engine/transports/x.ts', "import '../../main/main';", true],
  ['electron/engine/transports/x.ts', "import '../../../gateway/log';", true],
  ['electron/engine/transports/x.ts', "import type { A } from '../delivery/a'; export type B = A;", true],
  ['electron/engine/transports/x.ts', "export * from '../relay/relay';", true],
  ['electron/engine/transports/x.ts', "void import('../relay/relay');", true],
  ['electron/engine/transports/x.ts', "import 'electron';", true],
  ['electron/engine/transports/x.ts', "import '../core/clock';", false],
  ['electron/engine/transports/x.ts', "import '../../../shared/connection';", false],
  ['electron/engine/transports/x.ts', "import './sse/reader';", false],
  ['electron/engine/transports/x.ts', "import 'ws';", false],
  ['electron/engine/transports/x.test.ts', "import '../simulation/fake-clock';", false],
  ['electron/engine/transports/sse/x.ts', "import '../reader';", false],
  ['electron/engine/transports/sse/x.ts', "import '../../core/clock';", false],
  ['electron/engine/transports/sse/x.ts', "import '../../../../shared/connection';", false],
  ['electron/engine/transports/sse/x.ts', "import '../../delivery/sequencer';", true],
  ['electron/engine/core/x.ts', "import '../relay/relay';", true],
  ['electron/engine/simulation/x.ts', "import '../relay/relay';", false],
  ['electron/engine/simulation/x.ts', "import '../../main/main';", true],
  ['electron/engine/x.ts', "import './relay/relay';", false],
  ['electron/engine/x.ts', "import 'electron';", true],
  ['electron/cli/x.ts', "import '../main/main';", true],
  ['electron/cli/x.ts', "import '../engine/engine';", false],
  ['electron/main/x.ts', "import 'electron';", false],
  ['electron/main/x.ts', "import '../engine/engine';", false],
  ['electron/main/x.ts', "import '../../renderer/store/state';", true],
  ['electron/preload/x.ts', "import 'electron';", false],
  ['electron/preload/x.ts', "import '../../shared/ipc';", false],
  ['electron/preload/x.ts', "import '../engine/core/clock';", true],
  ['electron/preload/x.ts', "import 'node:path';", true],
  ['renderer/features/overview/x.tsx', "import '../../../shared/view';", false],
  ['renderer/features/overview/x.tsx', "import '../../store/state';", false],
  ['renderer/features/overview/x.tsx', "import '../../../electron/engine/core/clock';", true],
  ['renderer/features/overview/x.tsx', "import '../../../gateway/log';", true],
  ['renderer/features/overview/x.tsx', "import 'node:fs';", true],
  ['renderer/features/overview/x.tsx', "import 'electron';", true],
  ['renderer/features/overview/x.tsx', "import { Panel } from '../../ui/panel';", false],
  ['renderer/features/overview/x.tsx', "import { a } from './a';", false],
  ['renderer/features/overview/x.tsx', "import { a } from '../source/a';", true],
  ['renderer/features/overview/x.tsx', "import type { A } from '../source/a'; export type B = A;", true],
  ['renderer/features/overview/x.tsx', "void import('../source/a');", true],
  ['renderer/features/overview/x.tsx', "import { App } from '../../app/app';", true],
  ['renderer/features/overview/x.tsx', "import { SourcePage } from '../../pages/source-page';", true],
  ['renderer/features/overview/x.test.tsx', "import { sceneSources } from '../../testing/scenes';", false],
  ['renderer/features/overview/x.test.tsx', "import { a } from '../source/a';", true],
  ['renderer/features/source/reach/x.tsx', "import { a } from '../a';", false],
  ['renderer/features/source/reach/x.tsx', "import { Panel } from '../../../ui/panel';", false],
  ['renderer/features/source/reach/x.tsx', "import '../../../../shared/view';", false],
  ['renderer/features/source/reach/x.tsx', "import { a } from '../../overview/a';", true],
  ['renderer/features/source/reach/x.tsx', "import '../../../../electron/engine/core/clock';", true],
  ['renderer/pages/x.tsx', "import { a } from '../features/source/a';", false],
  ['renderer/app/x.tsx', "import { a } from '../features/source/a';", false],
  ['renderer/ui/x.tsx', "import { useNow } from '../store/services';", false],
  ['renderer/ui/x.tsx', "import { a } from '../features/source/a';", true],
  ['renderer/ui/format/x.ts', "import { a } from '../../features/source/a';", true],
  ['renderer/store/x.ts', "import { a } from '../features/source/a';", true],
  ['renderer/store/x.ts', "import { Panel } from '../ui/panel';", true],
  ['renderer/store/x.ts', "import { startSession } from '../bridge/session';", false],
  ['renderer/store/x.ts', "import '../../shared/view';", false],
  ['shared/x.ts', "import 'zod';", false],
  ['shared/x.ts', "import './event';", false],
  ['shared/x.ts', "import '../gateway/log';", true],
  ['shared/x.ts', "import 'node:path';", true],
  ['gateway/routes/x.ts', "import '../log';", false],
  ['gateway/routes/x.ts', "import '../../shared/event';", false],
  ['gateway/routes/x.ts', "import '../../electron/engine/core/clock';", true],
  ['gateway/routes/x.ts', "import '../demo/faults';", true],
  ['gateway/delivery/x.ts', "import type { A } from '../demo/faults'; export type B = A;", true],
  ['gateway/x.ts', "import './demo/demo';", true],
  ['gateway/gateway.ts', "import './demo/demo';", false],
  ['gateway/demo/x.ts', "import '../routes/request';", false],
  ['gateway/demo/x.ts', "import '../../electron/engine/core/clock';", true],
  ['bench/x.ts', "import '../electron/engine/engine';", false],
  ['bench/x.ts', "import 'electron';", true],
];

describe('the walls', () => {
  let folder = '';
  const refused = new Set<string>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wirewatch-walls-'));
    copyFileSync('biome.json', join(folder, 'biome.json'));
    imports.forEach(([file, line], index) => {
      const path = join(folder, placed(file, index));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${line}\n`);
    });
    const biome = join(process.cwd(), 'node_modules/.bin/biome');
    const args = ['lint', '--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none'];
    const answer = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' });
    const report = JSON.parse(answer.stdout.slice(answer.stdout.indexOf('{'))) as {
      diagnostics: { category: string; location: { path: string } }[];
    };
    for (const found of report.diagnostics) refused.add(found.location.path.replaceAll('\\', '/'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(imports)('%s: %s', (file, line, expected) => {
    const index = imports.findIndex((row) => row[0] === file && row[1] === line);
    expect(refused.has(placed(file, index))).toBe(expected);
  });
});

/** One file a row: the row's number goes into the file's name, and the ending, which the walls look at, stays. */
function placed(file: string, index: number): string {
  return file.replace(/\/x\./, `/x${index}.`);
}
