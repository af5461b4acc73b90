import type { Mutant } from './mutant';

/** MQTT, and what waits for the disk, broken one line each. */
export const mutantsOfMqtt: readonly Mutant[] = [
  {
    name: 'a message of a broker is acknowledged before it is on disk',
    file: 'source/ledger.ts',
    find: 'if (wanted <= durable) done(true);',
    replace: 'if (wanted <= durable + 1) done(true);',
    journal: true,
  },
  {
    name: 'an entry that was dropped is told as stored',
    file: 'source/ledger.ts',
    find: 'done(false))));',
    replace: 'done(true))));',
    journal: true,
  },
  {
    name: 'what a broker sends once more, marked, is taken for new',
    file: 'protocols/mqtt/deliveries.ts',
    find: '      again,\n',
    replace: '      again: false,\n',
  },
  {
    name: 'the broker is asked to keep no session',
    file: 'protocols/mqtt/session.ts',
    find: 'const clean = ',
    replace: 'const clean = this.version > 0 || ',
  },
];
