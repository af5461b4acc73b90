import { describe, expect, it } from 'vitest';
import type { FrameRow } from '../../../shared/frame';
import { frameKind, frameLine, isCut } from './frame-text';

const row = (change: Partial<FrameRow>): FrameRow => ({
  number: 1,
  receivedAt: 0,
  bytes: 5,
  encoding: 'text',
  data: 'hello',
  event: null,
  id: null,
  ...change,
});

describe('a frame in the list', () => {
  it('is named by what tells it apart', () => {
    expect(frameKind(row({}))).toBe('text');
    expect(frameKind(row({ event: 'update', id: '7' }))).toBe('update · id 7');
    expect(frameKind(row({ id: '7' }))).toBe('id 7');
    expect(frameKind(row({ bytes: 0, data: '' }))).toBe('empty');
    expect(frameKind(row({ encoding: 'base64', data: 'AP8=', bytes: 2 }))).toBe('binary');
  });

  it('stands on one line, binary ones as hex', () => {
    expect(frameLine(row({ data: '{\n  "a": 1\r\n}' }))).toBe('{ "a": 1 }');
    expect(frameLine(row({ encoding: 'base64', data: 'AP8=', bytes: 2 }))).toBe('00 ff');
  });

  it('says when it is only the beginning, whatever its characters weigh', () => {
    expect(isCut(row({}))).toBe(false);
    expect(isCut(row({ data: 'é', bytes: 2 }))).toBe(false);
    expect(isCut(row({ bytes: 6 }))).toBe(true);
    expect(isCut(row({ encoding: 'base64', data: 'AP8=', bytes: 2 }))).toBe(false);
    expect(isCut(row({ encoding: 'base64', data: 'AP8=', bytes: 5000 }))).toBe(true);
  });
});
