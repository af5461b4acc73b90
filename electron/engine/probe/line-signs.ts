import { count, frameOf, rungOf, verdict } from './made';
import { memberOf, objectOf, parseLines, textOf } from './parse';
import type { HttpSeen } from './seen';
import type { Verdict } from './verdict';

const lineTypes = /^application\/(x-)?(ndjson|jsonl|json-lines|jsonlines|json-seq|stream\+json)$/;

/** What an answer is whose every line is JSON. */
export function lineSigns(seen: HttpSeen, type: string): readonly Verdict[] {
  const { lines, other } = parseLines(seen.text, seen.ended);
  const named = lineTypes.test(type);
  if (other) return [];
  const ladder = [rungOf('poll', seen.url)];
  const values = lines.map(({ value }) => value);
  const frames = lines.map(({ text }) => frameOf(text, true));
  if (values.length > 0 && values.every(isWatchEvent)) {
    // A watch ends after `timeoutSeconds`, and where the server has much to do.
    const goes = seen.ended ? 'The answer ended, as a watch does at its limit.' : 'The answer goes on.';
    const why = ['Each line is an object and what became of it, with its resourceVersion.', goes];
    const confidence = seen.ended ? 'likely' : 'certain';
    return [verdict({ title: 'Kubernetes watch', ladder, confidence, why, base: 'kubernetes-watch', frames })];
  }
  if (named && !seen.ended && values.length === 0) {
    const why = [`It answers ${type}, and no line came while it was looked at.`];
    return [verdict({ title: 'Lines of JSON', general: true, ladder, confidence: 'likely', why, base: 'ndjson' })];
  }
  // One line is a document; two that the answer ends with are a document that its server calls otherwise.
  if (values.length === 0 || (!named && values.length < 2 && seen.ended) || (values.length < 1 && !named)) return [];
  if (!named && !seen.ended && values.length < 2) return oneLineOpen(seen, lines[0]?.text ?? '', type);
  const goes = seen.ended ? 'The answer ended: it is asked again and again.' : 'The answer goes on.';
  return [
    verdict({
      title: 'Lines of JSON',
      general: true,
      ladder,
      confidence: named ? 'certain' : 'likely',
      why: [...(named ? [`It answers ${type}.`] : []), `${count(values.length, 'line')} came, each JSON.`, goes],
      base: 'ndjson',
      frames,
    }),
  ];
}

/** A line of JSON on an answer that names no length and has not ended may be the first of many. */
function oneLineOpen(seen: HttpSeen, text: string, type: string): readonly Verdict[] {
  const why = [`One line of JSON came${type === '' ? '' : ` (${type})`}, and the answer has not ended.`];
  const ladder = [rungOf('poll', seen.url)];
  return [
    verdict({
      title: 'Lines of JSON',
      general: true,
      ladder,
      confidence: 'guess',
      why,
      base: 'ndjson',
      frames: [frameOf(text, true)],
    }),
  ];
}

/** `{"type":"ADDED","object":{"kind":…,"apiVersion":…,"metadata":{"resourceVersion":…}}}` (Kubernetes API concepts, watch). */
function isWatchEvent(value: unknown): boolean {
  const object = memberOf(value, 'object');
  if (!/^(ADDED|MODIFIED|DELETED|BOOKMARK|ERROR)$/.test(textOf(value, 'type') ?? '') || !objectOf(object)) return false;
  if (textOf(object, 'kind') === null || textOf(object, 'apiVersion') === null) return false;
  return textOf(value, 'type') === 'ERROR' || textOf(memberOf(object, 'metadata'), 'resourceVersion') !== null;
}
