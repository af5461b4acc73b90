import type { Mutant } from './mutant';

/** What is said to a feed of our own accord, and how it ends on purpose, broken one line each. */
export const mutantsOfTalk: readonly Mutant[] = [
  {
    // The simulation's to show: what was not subscribed to is never live.
    name: 'nothing is said when a connection opens',
    file: 'source/session.ts',
    find: 'this.talking.begin(opening, conversation ?? null, ',
    replace: 'this.talking.begin(opening, null, ',
  },
  {
    name: 'a connection is live before its opening messages are answered',
    file: 'source/talking.ts',
    find: '    this.deps.onTalking(conversation.openingMs);\n',
    replace: '    this.settle();\n',
    tests: ['source/talking.test.ts'],
  },
  {
    name: 'what is said of our own accord passes the budget',
    file: 'source/sending.ts',
    find: '      if (!take()) {\n        awaitRoom();\n        return;\n      }\n      const [next] = told;',
    replace: '      const [next] = told;',
    tests: ['source/talking.test.ts'],
  },
  {
    name: 'what is meant for an address is said where a redirect leads',
    file: 'source/session.ts',
    find: 'this.proof || this.elsewhere ? null : this.decoder.conversation',
    replace: 'this.proof ? null : this.decoder.conversation',
    tests: ['source/spoken-secrets.test.ts'],
  },
  {
    name: 'an answer is waited for before its question has left',
    file: 'protocols/recipe/conversation.ts',
    find: "      this.waiting = { for: 'answer', since: at.now, until: null };",
    replace: "      this.waiting = waitFor('answer', step, at.now);",
    tests: ['protocols/recipe/conversation.test.ts'],
  },
  {
    name: 'a planned end is taken for a loss',
    file: 'connection/lost.ts',
    find: "if (failure.code === 'planned-end') return served > youngMs ? failure : null;",
    replace: "if (failure.code === 'planned-end') return null;",
    tests: ['connection/planned.test.ts'],
  },
  {
    name: 'what ended when all was said leaves a gap',
    file: 'source/last-words.ts',
    find: "return told || this.all ? 'whole' : 'broken';",
    replace: "return 'broken';",
    tests: ['source/planned-end.test.ts'],
  },
  {
    name: 'what a feed sends between a planned end and the next opening is missed in silence',
    file: 'source/last-words.ts',
    find: 'this.all = message.whole === true;',
    replace: 'this.all = true;',
    tests: ['source/planned-end.test.ts'],
  },
  {
    name: 'what may be billed is asked for again by itself',
    file: 'source/first-words.ts',
    find: "    if (this.billed && end.kind === 'ended' && end.whole) return { kind: 'complete' };\n",
    replace: '',
    tests: ['source/posted.test.ts'],
  },
  {
    name: 'a WebSocket that says nothing is plainly live',
    file: 'source/open-silence.ts',
    find: "    this.why = this.since === null || rare ? null : 'open-silent';\n",
    replace: '',
    tests: ['source/open-silence.test.ts'],
  },
];
