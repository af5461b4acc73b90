import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { familiesOf, previewOf } from './preview';

const recipe = (parts: object) => recipeSchema.parse({ name: 'own', title: 'Own', ...parts });

describe('what will be charted', () => {
  it('is a line for each value of a label, also of numbers inside text', () => {
    const own = recipe({ values: [{ path: 'p' }], labels: [{ path: 's', name: 'symbol' }] });
    const messages = [
      { s: 'A', p: '1.5' },
      { s: 'B', p: 'n/a' },
      { s: 'B', p: 2 },
      { s: 'A', p: '1.7' },
    ];
    expect(previewOf(own, messages)).toEqual([
      {
        name: 'p',
        unit: '',
        counter: false,
        more: 0,
        lines: [
          { label: 'A', points: [1.5, null, null, 1.7] },
          { label: 'B', points: [null, null, 2, null] },
        ],
      },
    ]);
  });

  it('is a line for each thing of a list, named by the label of the same thing', () => {
    const own = recipe({
      values: [{ path: 'result[*].value[1]', name: 'up', kind: 'counter', unit: 's' }],
      labels: [{ path: 'result[*].metric.instance', name: 'instance' }],
    });
    const result = Array.from({ length: 5 }, (_, at) => ({
      metric: { instance: `host${at}` },
      value: [0, String(at)],
    }));
    const [chart] = previewOf(own, [{ result }]);
    expect(chart).toMatchObject({ name: 'up', unit: 's', counter: true, more: 2 });
    expect(chart?.lines).toEqual([0, 1, 2].map((at) => ({ label: `host${at}`, points: [at] })));
  });

  it('is each family of a page of metrics, one line for each set of its labels', () => {
    const samples = ['200', '404', '500', '502'].map((code, at) => ({ labels: { code }, value: at }));
    expect(
      familiesOf([
        { name: 'requests_total', type: 'counter', samples },
        { name: 'depth', type: 'gauge', samples: [{ labels: {}, value: 'NaN' }] },
        { name: 'took', type: 'histogram', unit: 'seconds', samples: [{ labels: { le: '1' }, value: 4 }] },
        null,
      ]),
    ).toEqual([
      {
        ...{ name: 'requests_total', unit: '', counter: true, more: 1 },
        lines: ['200', '404', '500'].map((label, at) => ({ label, points: [at] })),
      },
      { name: 'depth', unit: '', counter: false, more: 0, lines: [] },
      { name: 'took: quantiles and rate', unit: 'seconds', counter: false, later: true, more: 0, lines: [] },
    ]);
  });
});
