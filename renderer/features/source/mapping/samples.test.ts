import { describe, expect, it } from 'vitest';
import { pathText } from '../../../../shared/member-path';
import type { ProbeSample } from '../../../../shared/probe';
import { recipeSchema } from '../../../../shared/recipe';
import { roleAt } from './mapping';
import { messagesOf } from './samples';

const sample = (text: string): ProbeSample => ({
  text,
  bytes: text.length,
  type: 'message',
  stream: 'main',
  sentAt: 5,
});
const recipe = (parts: object) => recipeSchema.parse({ name: 'own', title: 'Own', read: parts });
const read = (parts: object) => recipe(parts).read;

describe('the messages of samples', () => {
  it('are the samples themselves, and what was told of them', () => {
    expect(messagesOf([sample('{"n":1}')], read({}))).toMatchObject([
      { body: { n: 1 }, event: { type: 'message', stream: 'main', time: null, sentAt: 5 } },
    ]);
  });

  it('are the items of a list where the recipe says so, oldest first, each with ways of its own', () => {
    const text = '{"list":[{"n":2},{"n":1}]}';
    const messages = messagesOf([sample(text)], read({ framing: 'array-newest-first', items: 'list' }));
    expect(messages.map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(messages[0]?.lines?.map(({ place }) => pathText(place.read))).toEqual(['', 'n', '']);
    expect(messagesOf([sample(text)], read({}))).toHaveLength(1);
  });

  it('are the lines of a text where each is one', () => {
    expect(messagesOf([sample('{"n":1}\n{"n":2}\n')], read({})).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(messagesOf([sample('up 1\ndown 2')], read({}))).toMatchObject([{ lines: null, text: 'up 1\ndown 2' }]);
  });

  it('are events as the recipe reads them', () => {
    const [message] = messagesOf([sample('{"e":"trade","E":17,"d":{}}')], read({ type: 'e', time: 'E', stream: 'd' }));
    expect(message?.event).toEqual({ type: 'trade', stream: 'main', time: '17', sentAt: 5 });
  });

  it('are bodies where that is all that was kept, with the same roles', () => {
    const own = recipe({ body: 'data', time: 'data.E', type: 'e' });
    for (const text of ['{"stream":"x","data":{"E":17,"e":"trade"}}', '{"E":17,"e":"trade"}']) {
      const [message] = messagesOf([sample(text)], own.read);
      expect(message?.event).toMatchObject({ time: '17', type: 'trade' });
      const roles = message?.lines?.flatMap(({ line, place }) => (line.single ? [roleAt(own, place)] : []));
      expect(roles?.slice(-2)).toEqual(['time', 'type']);
    }
  });

  it('behaviour 57: are read as their producer meant them where a value is no number', () => {
    const text = '{"loss":NaN,"rtt":3,"worst":-Infinity}';
    const own = read({ framing: 'message' });
    for (const sent of [text, `{"p":${JSON.stringify(text)}}`]) {
      const [message] = messagesOf([sample(sent)], sent === text ? own : { ...own, body: 'p' });
      expect(message?.body).toMatchObject({ loss: null, rtt: 3 });
      const singles = message?.lines?.flatMap(({ line }) => (line.single ? [line.single.value] : []));
      expect(singles).toEqual([Number.NaN, 3, Number.NEGATIVE_INFINITY]);
    }
    expect(messagesOf([sample('{"rtt":NaN}\n{"rtt":4}')], own).map(({ body }) => body)).toEqual([
      { rtt: null },
      { rtt: 4 },
    ]);
  });

  it('lay open a body that is JSON inside text', () => {
    const own = recipe({ body: 'payload' });
    const [message] = messagesOf([sample('{"event":"update","payload":"{\\"n\\":3}"}')], own.read);
    expect(message?.body).toEqual({ n: 3 });
    const places = message?.lines?.map(({ place }) => place.body && pathText(place.body));
    expect(places).toEqual([null, null, '', '', 'n', '', null]);
  });
});
