/**
 * Every suite there is, in the order they run: the one table behind `npm test`, `npm run check` and `.ci/run`.
 *
 * group  `check` and `test` make up `npm test`; `long` is what `.ci/run` runs before it
 * beside neighbours of the same word run side by side; all others have the machine alone: they draw, or are killed
 * kind   how its result is read: `step` is one check by exit code, `vitest` and `playwright` count their tests
 * file   the suite is left out while this file is not there
 */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {'check' | 'test' | 'long'} group
 * @property {'step' | 'vitest' | 'playwright'} kind
 * @property {readonly [string, ...string[]]} command the tool and its arguments
 * @property {string} [beside]
 * @property {number} limitMs ended, and counted as failed, when it takes longer: what hangs, also on a busy machine
 * @property {readonly string[]} [needs] beyond the dependencies, as in setup.mjs
 * @property {string} [file]
 */

const minute = 60_000;
const simulation = 'electron/engine/simulation/cli.ts';
const kill = 'e2e/kill/cli.ts';

/** @type {readonly Suite[]} */
export const suites = [
  {
    name: 'types',
    beside: 'checks',
    group: 'check',
    kind: 'step',
    command: ['tsc', '--noEmit', '-p', '.'],
    limitMs: 15 * minute,
  },
  {
    name: 'format, lint and walls',
    beside: 'checks',
    group: 'check',
    kind: 'step',
    command: ['biome', 'ci', '--colors=off', '--diagnostic-level=error', '--max-diagnostics=50', '.'],
    limitMs: 10 * minute,
  },
  {
    name: 'nothing unused',
    beside: 'checks',
    group: 'check',
    kind: 'step',
    command: ['knip', '--no-progress', '--no-config-hints'],
    limitMs: 10 * minute,
  },
  {
    name: 'unit',
    beside: 'pure',
    group: 'test',
    kind: 'vitest',
    command: ['vitest', 'run', '--project', 'unit'],
    needs: ['openssl'],
    limitMs: 20 * minute,
  },
  {
    name: 'contract',
    beside: 'pure',
    group: 'test',
    kind: 'vitest',
    command: ['vitest', 'run', '--project', 'contract'],
    needs: ['openssl'],
    limitMs: 20 * minute,
  },
  {
    name: 'simulation, a first look',
    beside: 'pure',
    group: 'test',
    kind: 'step',
    command: ['tsx', simulation, '--runs', '30', '--seed', '7'],
    file: simulation,
    limitMs: 15 * minute,
  },
  {
    name: 'simulation with the journal, a first look',
    beside: 'pure',
    group: 'test',
    kind: 'step',
    command: ['tsx', simulation, '--runs', '10', '--seed', '11', '--journal'],
    file: simulation,
    limitMs: 15 * minute,
  },
  {
    name: 'recipes',
    beside: 'pure',
    group: 'test',
    kind: 'step',
    command: ['tsx', 'e2e/recipes/cli.ts'],
    file: 'e2e/recipes/cli.ts',
    limitMs: 5 * minute,
  },
  {
    name: 'fuzz, a first look',
    beside: 'pure',
    group: 'test',
    kind: 'step',
    command: ['tsx', 'e2e/fuzz/cli.ts', '--cases', '200'],
    file: 'e2e/fuzz/cli.ts',
    limitMs: 10 * minute,
  },
  {
    name: 'build',
    beside: 'pure',
    group: 'test',
    kind: 'step',
    command: ['node', 'scripts/with-setup.mjs', '--needs', 'build'],
    limitMs: 10 * minute,
  },
  {
    name: 'e2e',
    group: 'test',
    kind: 'playwright',
    command: ['playwright', 'test', '--project', 'e2e'],
    needs: ['electron', 'display', 'keyring', 'mosquitto'],
    limitMs: 40 * minute,
  },
  {
    name: 'kill -9, a first look',
    group: 'test',
    kind: 'step',
    command: ['tsx', kill, '--times', '1'],
    needs: ['electron', 'display'],
    file: kill,
    limitMs: 10 * minute,
  },
  {
    name: 'e2e, long journeys',
    group: 'long',
    kind: 'playwright',
    command: ['playwright', 'test', '--project', 'long'],
    needs: ['electron', 'display', 'build', 'keyring'],
    limitMs: 40 * minute,
  },
  {
    name: 'peers',
    group: 'long',
    kind: 'vitest',
    command: ['vitest', 'run', '--project', 'peers'],
    needs: ['nginx', 'nchan', 'haproxy', 'chromium', 'mosquitto', 'prometheus', 'rabbitmq'],
    limitMs: 25 * minute,
  },
  {
    name: 'reach',
    group: 'long',
    kind: 'step',
    command: ['tsx', 'e2e/reach/cli.ts'],
    needs: ['nginx', 'squid', 'tinyproxy', 'openssl', 'electron', 'display'],
    limitMs: 25 * minute,
  },
  {
    name: 'simulation',
    group: 'long',
    kind: 'step',
    command: ['tsx', simulation, '--runs', '400', '--seed', '7'],
    file: simulation,
    limitMs: 30 * minute,
  },
  {
    name: 'simulation with the journal, killed between statements',
    group: 'long',
    kind: 'step',
    command: ['tsx', simulation, '--runs', '60', '--seed', '11', '--journal'],
    file: simulation,
    limitMs: 20 * minute,
  },
  {
    name: 'mutants',
    group: 'long',
    kind: 'step',
    command: ['tsx', simulation, '--mutants', '--third', 'today'],
    file: simulation,
    limitMs: 30 * minute,
  },
  {
    name: 'fuzz',
    group: 'long',
    kind: 'step',
    command: ['tsx', 'e2e/fuzz/cli.ts', '--cases', '2000', '--seed', '3'],
    file: 'e2e/fuzz/cli.ts',
    limitMs: 30 * minute,
  },
  {
    name: 'kill -9',
    group: 'long',
    kind: 'step',
    command: ['tsx', kill, '--times', '10'],
    needs: ['electron', 'display', 'build'],
    file: kill,
    limitMs: 15 * minute,
  },
];

/**
 * How long `npm test` may take altogether, in ms; whoever would run beyond it is ended. It catches what hangs: alone on a
 * machine it takes about a tenth of this.
 */
export const limitOfAllMs = 70 * minute;
