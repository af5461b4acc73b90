import { count, frameOf, rungOf, verdict } from './made';
import { type HttpSeen, headerOf } from './seen';
import type { Verdict } from './verdict';

const labels = '\\{(?:[ \\t]?[a-zA-Z_]\\w*[ \\t]?=[ \\t]?"(?:[^"\\\\]|\\\\.)*"[ \\t]?,?)*[ \\t]?\\}';
const number = '(?:NaN|[+-]?Inf|[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)';
/** A sample of Prometheus's text format, perhaps with a time, or with an exemplar behind it as OpenMetrics has them. */
const sample = new RegExp(
  `^([a-zA-Z_:][\\w:]*)(?:${labels})?[ \\t]+${number}(?:[ \\t]+${number})?(?:[ \\t]+#[ \\t]+\\{.*)?[ \\t]*$`,
);
const typeLine =
  /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped|unknown|info|stateset|gaugehistogram)\s*$/;

/** Prometheus's text format 0.0.4, or OpenMetrics: every line of it, since much looks like it. */
export function expositionSigns(seen: HttpSeen, type: string): readonly Verdict[] {
  if (!/^(text\/plain|application\/openmetrics-text|)$/.test(type)) return [];
  const open = type === 'application/openmetrics-text';
  const lines = seen.text.split('\n').map((line) => line.replace(/\r$/, ''));
  // Behind the last line feed nothing stands, or the rest of a line that is cut, wherever HTTP says that it ends.
  const rest = lines.pop() ?? '';
  const whole = seen.ended && (open ? lines.concat(rest).findLast((line) => line !== '') === '# EOF' : rest === '');
  const declared = new Set<string>();
  let samples = 0;
  let known = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    if (line.startsWith('#')) {
      const name = typeLine.exec(line)?.[1];
      if (name !== undefined) declared.add(name);
      continue;
    }
    const name = sample.exec(line)?.[1];
    if (name === undefined) return [];
    samples += 1;
    if (declared.has(name) || declared.has(name.replace(/_(total|bucket|sum|count|created|info)$/, ''))) known += 1;
  }
  const versioned = /version\s*=\s*"?0\.0\.4\b/.test(headerOf(seen.head, 'content-type'));
  const said = open || versioned;
  const typed = known > 0 && known * 2 >= samples;
  // A page that is cut, within its first sample even, has said what it is by its families.
  const begun = declared.size > 0 && !whole;
  if (samples === 0 && !begun) return [];
  return [
    verdict({
      title: open ? 'OpenMetrics' : 'Prometheus',
      protocol: 'prometheus',
      ladder: [rungOf('poll', seen.url)],
      confidence: said && typed && whole ? 'certain' : open || typed || begun ? 'likely' : 'guess',
      why: [
        ...(said ? [`It answers ${headerOf(seen.head, 'content-type').slice(0, 80)}.`] : []),
        `Each line is a sample or a comment: ${count(samples, 'sample')} so far.`,
        ...(typed ? [`${count(declared.size, 'family', 'families')} of them are declared.`] : []),
        ...(seen.ended && !whole ? ['This answer ends in the midst of the page: one that is cut is not taken.'] : []),
      ],
      // A line that is cut is no line: the sample ends before it.
      frames: [
        {
          ...frameOf(whole ? seen.text : [...lines, ...(open ? ['# EOF', ''] : [''])].join('\n')),
          headers: seen.head.headers,
        },
      ],
    }),
  ];
}

/** Text that is nothing else: it can be looked at, and little more. */
export function plainTextSigns(seen: HttpSeen, type: string): readonly Verdict[] {
  if (type !== 'text/plain' || seen.text.trim() === '' || seen.text.includes('\0')) return [];
  const why = ['It answers text/plain, and nothing in it is known here.'];
  const ladder = [rungOf('poll', seen.url)];
  return [
    verdict({ title: 'Plain text', general: true, ladder, confidence: 'guess', why, frames: [frameOf(seen.text)] }),
  ];
}
