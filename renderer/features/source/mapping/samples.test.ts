import { describe, expect, it } from 'vitest';
import { pathText } from '../../../../shared/member-path';
import type { ProbeSample } from '../../../../shared/probe';
import { recipeSchema } from '../../../../shared/recipe';
import { eventOf, messagesOf } from './samples';

const sample = (text: string): ProbeSample => ({
  text,
  bytes: text.length,
  type: 'message',
  stream: 'main',
  sentAt: 5,
});
const read = (parts: object) => recipeSchema.parse({ name: 'own', title: 'Own', read: parts }).read;

describe('the messages of samples', () => {
  it('are the samples themselves, and what was told of them', () => {
    const [message] = messagesOf([sample('{"n":1}')], null);
    expect(message).toMatchObject({ value: { n: 1 }, told: { type: 'message' } });
    expect(message && eventOf(message, null)).toEqual({ type: 'message', stream: 'main', sent: null, sentAt: 5 });
  });

  it('are the items of a list where the recipe says so, oldest first, each with ways of its own', () => {
    const text = '{"list":[{"n":2},{"n":1}]}';
    const messages = messagesOf([sample(text)], read({ framing: 'array-newest-first', items: 'list' }));
    expect(messages.map(({ value }) => value)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(messages[0]?.tree?.map(({ steps }) => pathText(steps))).toEqual(['', 'n', '']);
    expect(messagesOf([sample(text)], read({}))).toHaveLength(1);
  });

  it('are the lines of a text where each is one', () => {
    expect(messagesOf([sample('{"n":1}\n{"n":2}\n')], null).map(({ value }) => value)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(messagesOf([sample('up 1\ndown 2')], null)).toMatchObject([{ tree: null, text: 'up 1\ndown 2' }]);
  });

  it('are events as the recipe reads them', () => {
    const [message] = messagesOf([sample('{"e":"trade","E":17,"d":{}}')], null);
    const event = message && eventOf(message, read({ type: 'e', time: 'E', stream: 'd' }));
    expect(event).toEqual({ type: 'trade', stream: null, sent: '17', sentAt: null });
  });
});
