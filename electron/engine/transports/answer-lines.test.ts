import { expect, it } from 'vitest';
import { areLines } from './answer-lines';

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
