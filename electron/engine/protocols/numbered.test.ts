import { describe, expect, it } from 'vitest';
import { NumberedMessages } from './numbered';

describe('messages by the numbers of their answers', () => {
  it('keep their number until they are answered, and numbers go round without meeting one that waits', () => {
    const messages = new NumberedMessages(2, 4);
    expect(['a', 'b', 'a'].map((key) => messages.numberOf(key))).toEqual([2, 3, 2]);
    expect(messages.answered(3)).toBe('b');
    expect(messages.answered(3)).toBeNull();
    expect([messages.numberOf('c'), messages.numberOf('d'), messages.waiting]).toEqual([4, 3, 3]);
  });

  it('are bounded: the oldest is not waited for any more', () => {
    const messages = new NumberedMessages();
    for (let n = 1; n <= 1_000; n += 1) messages.numberOf(`k${n}`);
    expect(messages.waiting).toBe(256);
    expect(messages.answered(744)).toBeNull();
    expect(messages.answered(745)).toBe('k745');
  });
});
