import type { Family } from './exposition';
import type { SampleLine } from './sample-line';

/** What of a family stands in the body of its event: the rest is counted there. */
const mostSamples = 1_000;
const mostChars = 256 * 1024;

/** Numbers of JSON. What is none (`NaN`, `+Inf`, `.5`) stands there as text. */
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** A family as the body of an event. Numbers keep their digits. */
export function familyBody({ name, type, help, unit, samples }: Family): string {
  const head = { name, type, ...(help === null ? {} : { help }), ...(unit === null ? {} : { unit }) };
  const texts: string[] = [];
  let chars = 0;
  for (const sample of samples) {
    const text = sampleText(name, sample);
    chars += text.length;
    if (texts.length === mostSamples || chars > mostChars) break;
    texts.push(text);
  }
  const left = samples.length - texts.length;
  return `${JSON.stringify(head).slice(0, -1)},"samples":[${texts.join(',')}]${left > 0 ? `,"left":${left}` : ''}}`;
}

function sampleText(family: string, { name, labels, text, at }: SampleLine): string {
  const called = name === family ? '' : `"name":${JSON.stringify(name)},`;
  const value = jsonNumber.test(text) ? text : JSON.stringify(text);
  const time = at === null ? '' : `,"at":${at}`;
  const members = labels.map(([label, said]) => `${JSON.stringify(label)}:${JSON.stringify(said)}`);
  return `{${called}"labels":{${members.join(',')}},"value":${value}${time}}`;
}
