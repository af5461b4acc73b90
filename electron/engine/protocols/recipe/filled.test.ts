import { expect, it } from 'vitest';
import { filled } from './filled';

const variables = [
  { name: 'prompt', title: 'P', value: 'say "hi"\n', secret: false },
  { name: 'list', title: 'L', value: '"a","b"', secret: false },
  { name: 'token', title: 'T', value: '*secret.t*', secret: true },
];

it('fills the places of a text: inside a string of JSON as a string, elsewhere as it stands', () => {
  const text = '{"p":"{{prompt}}","l":[{{list}}],"t":"{{token}}","c":"\\"{{cursor}}","n":{{n}},"x":"{{other}}"}';
  expect(JSON.parse(filled(text, { variables }, { cursor: 'a"},{', n: '7' }))).toEqual({
    p: 'say "hi"\n',
    l: ['a', 'b'],
    t: '*secret.t*',
    c: '"a"},{',
    n: 7,
    x: '{{other}}',
  });
  expect(filled('SUB {{cursor}}"', { variables }, { cursor: '"x"' })).toBe('SUB "x""');
  expect(filled('{{constructor}}', { variables }, {})).toBe('{{constructor}}');
});
