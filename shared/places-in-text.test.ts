import { describe, expect, it } from 'vitest';
import { fillPlaces } from './places-in-text';

const fill = (text: string, value: string) => fillPlaces(text, /\{\{(\w+)\}\}/g, () => value);

describe('places in a text that is sent', () => {
  it('are filled as a part of the string they stand in, and as they are outside of one', () => {
    expect(fill('{"a":"x {{v}}","b":"\\"{{v}}"}', 'say "hi"\n')).toBe(
      '{"a":"x say \\"hi\\"\\n","b":"\\"say \\"hi\\"\\n"}',
    );
    expect(fill('{"list":{{v}},"text":"{{v}}"}', '["a"]')).toBe('{"list":["a"],"text":"[\\"a\\"]"}');
  });

  it('are found behind a number or a word, and before a separator', () => {
    expect(fill('42["join","{{v}}"]', 'a"b')).toBe('42["join","a\\"b"]');
    expect(fill('{"arguments":["{{v}}"]}\u001e', 'a"b')).toBe('{"arguments":["a\\"b"]}\u001e');
    expect(fill('{{v}}{"a":"{{v}}"}', '7')).toBe('7{"a":"7"}');
  });

  it('are filled as they are in a text that is no JSON', () => {
    expect(fill('LOGIN "{{v}}"', 'a"b')).toBe('LOGIN "a"b"');
    expect(fill('{{v}}', '{"auth":"x"}')).toBe('{"auth":"x"}');
    expect(fill('nothing', 'x')).toBe('nothing');
  });
});
