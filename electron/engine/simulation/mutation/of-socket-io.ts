import type { Mutant } from './mutant';

/** Socket.IO, broken one line each. */
export const mutantsOfSocketIo: readonly Mutant[] = [
  {
    name: 'a session that was not recovered is taken for one that was',
    file: 'protocols/socket-io/session.ts',
    find: 'if (this.asked !== null && this.asked.pid !== this.pid && !this.options.numbered) {',
    replace: 'if (this.asked !== null && this.pid === null && !this.options.numbered) {',
    tests: ['protocols/socket-io/socket-io.test.ts'],
  },
  {
    name: 'the ping of Socket.IO is not answered',
    file: 'protocols/socket-io/session.ts',
    find: "acts: [() => [{ kind: 'send', said: '3', step: null }]],",
    replace: 'acts: [],',
    tests: ['protocols/socket-io/socket-io.test.ts'],
  },
  {
    name: 'the offset of an event is left in what it says',
    file: 'protocols/socket-io/session.ts',
    find: 'bodyOf(offset === null ? args : args.slice(0, -1), attached)',
    replace: 'bodyOf(args, attached)',
    tests: ['protocols/socket-io/socket-io.test.ts'],
  },
  {
    name: 'a session that is unknown to its server is taken for a refusal',
    file: 'protocols/socket-io/socket-io.ts',
    find: "return fields?.number('code') === 1 ?",
    replace: "return fields?.number('code') === 99 ?",
    tests: ['protocols/socket-io/socket-io.test.ts'],
  },
  {
    name: 'a message is confirmed before it has left, where there are no pings',
    file: 'source/sending.ts',
    find: 'const whole = leaving.filter(({ after }) => after <= flushed);',
    replace: 'const whole = leaving;',
    tests: ['source/sending.test.ts'],
  },
];
