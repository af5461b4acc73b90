import { describe, expect, it } from 'vitest';
import { speakSchema } from './speak';

const payload = (text: string) => speakSchema.safeParse({ protocol: 'graphql-ws', payload: text });

describe('what a protocol in code is told', () => {
  it.each([
    '',
    '  ',
    '{"token":"a"}',
    '{"token":"{{me}}","id":{{id}}}',
    '{"t":"x*secret.a.b*","n":*secret.n*}',
    '*secret.all*',
  ])('is JSON where it is sent as JSON, whatever stands in its places: %s', (text) => {
    expect(payload(text).success).toBe(true);
  });

  it.each(['{token:"a"}', '{"token":"a"', 'abc', '{"a":{{}}}'])(
    'is refused otherwise, since it would break the message around it: %s',
    (text) => {
      const read = payload(text);
      expect(read.success).toBe(false);
      expect(read.error?.issues).toMatchObject([{ path: ['payload'], message: 'This is no JSON.' }]);
    },
  );
});
