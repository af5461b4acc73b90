import { describe, expect, it } from 'vitest';
import { bytes, bytesText } from './bytes';
import { countdownText, durationText, lagText, latency } from './duration';
import { hexRows } from './hex';
import { grouped, quantityText, readable } from './number';
import { fullTime, zone } from './time';
import { visible } from './visible';

describe('numbers', () => {
  it('groups thousands by thin spaces and loses no digit', () => {
    expect(grouped(88410)).toBe('88\u2009410');
    expect(grouped('1688888483063664642')).toBe('1\u2009688\u2009888\u2009483\u2009063\u2009664\u2009642');
    expect(grouped(-1234.5)).toBe('-1\u2009234.5');
    expect(grouped(999)).toBe('999');
  });

  it('rounds for reading', () => {
    expect([10301.4, 38, 12.34, 1, 0.34, 0.031, 0, 0.0004].map(readable)).toEqual([
      '10\u2009301',
      '38',
      '12.3',
      '1',
      '0.34',
      '0.03',
      '0',
      '0.0004',
    ]);
  });

  it('sizes bytes in binary units', () => {
    expect([0, 1023, 4200, 3 * 1024 ** 2, 512 * 1024 ** 3].map((size) => quantityText(bytes(size)))).toEqual([
      '0 B',
      '1023 B',
      '4.1 KiB',
      '3.0 MiB',
      '512 GiB',
    ]);
  });

  it('promise 22: puts the exact size beside a rounded one', () => {
    expect(bytesText(3_000_000)).toBe('2.9 MiB (3\u2009000\u2009000 bytes)');
    expect(bytesText(1)).toBe('1 byte');
    expect(bytesText(800)).toBe('800 bytes');
  });
});

describe('durations', () => {
  it('uses two units at most', () => {
    expect([400, 9_949, 11_000, 68_000, 247_000, 7_440_000, 86_400_000 * 14 + 10_800_000].map(durationText)).toEqual([
      '0.4 s',
      '9.9 s',
      '11 s',
      '1 min 8 s',
      '4 min 7 s',
      '2 h 4 min',
      '14 d 3 h',
    ]);
    expect(durationText(120_000)).toBe('2 min');
    expect(durationText(-5)).toBe('0.0 s');
  });

  it('counts down to now', () => {
    expect(countdownText(5_200)).toBe('5.2 s');
    expect(countdownText(-1)).toBe('now');
  });

  it('behaviour 52: an event that came before it was sent has no lag that could be told', () => {
    expect([null, 1_000, 1_500, 3_000, 91_000].map((sentAt) => lagText(sentAt, 1_000))).toEqual([
      '—',
      '0.0 ms',
      '0.0 ms',
      '0.0 ms',
      'unknown',
    ]);
  });

  it('shows latency by size', () => {
    expect([null, 0.42, 121, 1_310, 12_000, 28_534_337_000].map((ms) => quantityText(latency(ms)))).toEqual([
      '—',
      '0.4 ms',
      '121 ms',
      '1.3 s',
      '12 s',
      '330 d 6 h',
    ]);
  });
});

describe('times', () => {
  it('names the zone and the millisecond', () => {
    const at = Date.UTC(2026, 2, 1, 12, 30, 7, 114);
    expect(fullTime(at)).toMatch(/^2026-0\d-\d\d \d\d:\d\d:07\.114 [+−]\d\d:\d\d$/);
    expect(zone(at)).toMatch(/^[+−]\d\d:\d\d$/);
  });
});

describe('hostile text', () => {
  it('shows control characters as symbols and leaves the rest alone', () => {
    expect(visible('a\u0000b\nc\u001b[31m\u007f')).toBe('a⟨NUL⟩b⟨LF⟩c⟨ESC⟩[31m⟨DEL⟩');
    expect(visible('pay\u202egnp.exe\u200b')).toBe('pay⟨U+202E⟩gnp.exe⟨U+200B⟩');
    expect(visible('žluťoučký 日本 🐎')).toBe('žluťoučký 日本 🐎');
  });

  it('dumps bytes as hex with their offsets', () => {
    expect(hexRows(btoa('\u0000Wirewatch says hi'), 64)).toEqual([
      '00000000  00 57 69 72 65 77 61 74  63 68 20 73 61 79 73 20  ·Wirewatch says ',
      '00000010  68 69                                             hi',
    ]);
  });
});
