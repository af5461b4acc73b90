import { describe, expect, it } from 'vitest';
import { chartsFor, suggestedCharts, unitOf } from './catalogue';

describe('chartsFor', () => {
  it('puts what belongs together into one chart for This machine', () => {
    const charts = chartsFor([
      'events',
      'value:cpu.percent',
      'value:cpu.cores.0',
      'value:cpu.cores.1',
      'value:memory.usedBytes',
      'value:memory.totalBytes',
      'value:network.rxBytesPerSecond',
      'value:network.txBytesPerSecond',
    ]);
    expect(charts.map(({ title, series }) => [title, series.length])).toEqual([
      ['Processor', 1],
      ['Memory', 1],
      ['Network', 2],
      ['Processor cores', 2],
      ['memory.totalBytes', 1],
    ]);
    expect(suggestedCharts(charts)).toEqual(['Processor', 'Memory', 'Network', 'Processor cores']);
  });

  it('suggests the series of any other feed by themselves', () => {
    const charts = chartsFor(['value:order.total', 'value:order.latencyMs']);
    expect(suggestedCharts(charts)).toEqual(['value:order.total', 'value:order.latencyMs']);
    expect(charts.map(({ unit }) => unit)).toEqual(['number', 'ms']);
  });

  it('tells units by the last word', () => {
    expect(unitOf('value:a.items')).toBe('number');
    expect(unitOf('value:disk.readBytesPerSecond')).toBe('B/s');
    expect(unitOf('value:x.freeBytes')).toBe('B');
  });
});
