import { describe, expect, it } from 'vitest';
import { reasons } from '../../../shared/reasons';
import { createCoverage } from './coverage';
import { strikes } from './fault-kinds';
import { feedKinds } from './feeds/kinds';
import { drawable } from './scenario';

const draw = { feeds: feedKinds, journal: false };

describe('coverage of a series', () => {
  it('names every step and reason that no run met, and nothing that is said to be out of reach', () => {
    const coverage = createCoverage(draw);
    expect(coverage.missing()).toContain('live → waiting: never');
    expect(coverage.missing()).toContain('promoted: never');
    expect(coverage.missing().join('\n')).not.toMatch(/closed → live|recording|journal-unreadable/);
    expect(createCoverage({ ...draw, journal: true }).missing()).toContain('journal-unreadable: never');
    coverage.add({ faults: {}, states: {}, steps: { 'live → waiting': 1 }, reasons: { promoted: 1 } });
    expect(coverage.missing().join('\n')).not.toMatch(/live → waiting|^promoted/m);
  });

  it('does not take a reason for out of reach that a run has met', () => {
    const coverage = createCoverage(draw);
    const met = { ...Object.fromEntries(Object.keys(reasons).map((code) => [code, 1])) };
    coverage.add({ faults: {}, states: {}, steps: { 'closed → live': 1 }, reasons: met });
    expect(coverage.missing()).toContain('closed → live: met, though closed is final');
    expect(coverage.missing()).toContain('recording: met, though a recording has no connection');
  });

  it('names every fault that met a feed which knows it too seldom', () => {
    const coverage = createCoverage(draw);
    const faults = Object.fromEntries(
      drawable(draw).flatMap((kind) => feedKinds.map((feed) => [`${kind} ${feed}`, strikes(kind, feed) ? 20 : 0])),
    );
    coverage.add({ faults: { ...faults, 'refuse sse': 19 }, states: {}, steps: {}, reasons: {} });
    expect(coverage.rareFaults(20)).toEqual(['refuse on sse: 19']);
  });
});
