import { expect, it } from 'vitest';
import { areLines, createAnswerLines } from './answer-lines';

const of = (type: string): boolean => areLines({ status: 200, headers: [['content-type', type]] });

it('behaviour 47: an answer of lines is known by its type, and a watch by its parameter', () => {
  for (const type of [
    'application/x-ndjson',
    'application/jsonl; charset=utf-8',
    'application/json-seq',
    'application/json;stream=watch',
    'application/json; Stream=watch; charset=utf-8',
  ]) {
    expect(of(type), type).toBe(true);
  }
  for (const type of [
    'application/json',
    'application/json;stream=watching',
    'text/plain;stream=watch',
    'text/event-stream',
    '',
  ]) {
    expect(of(type), type).toBe(false);
  }
});

it('takes no line over the limit, whether its end came with it or not', () => {
  const told = (...chunks: readonly string[]): readonly (string | number)[] => {
    const log: (string | number)[] = [];
    const lines = createAnswerLines(
      8,
      { status: 200, headers: [] },
      {
        onLine: (line) => log.push(line),
        onTooLarge: () => log.push(0),
      },
    );
    for (const chunk of chunks) lines.add(Buffer.from(chunk), 1);
    return log;
  };
  expect(told('12345678\n', '1\n')).toEqual(['12345678', '1']);
  expect(told('123456789\n1\n')).toEqual([0]);
  expect(told('1\n12345', '6789\n1\n')).toEqual(['1', 0]);
  expect(told('123456789')).toEqual([0]);
});
