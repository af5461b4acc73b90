import { deniesLogin } from '../core/login-words';
import { isGatewayAnswer } from './gateway-signs';
import { count, frameOf, rungOf, verdict } from './made';
import { memberOf, objectOf, parseJson, textOf } from './parse';
import { type HttpSeen, headerOf, mediaTypeOf } from './seen';
import type { Verdict } from './verdict';

/** What a whole answer of JSON is. */
export function jsonSigns(seen: HttpSeen, type: string): readonly Verdict[] {
  const parsed = parseJson(seen.text);
  if (!parsed.ok) return cutJson(seen, type);
  const { value } = parsed;
  const ladder = [rungOf('poll', seen.url, pollSecondsOf(seen))];
  if (isGatewayAnswer(parsed)) {
    const why = ['It answers as our gateway does.'];
    return [
      verdict({
        title: 'Wirewatch gateway',
        protocol: 'gateway',
        ladder,
        confidence: 'certain',
        why,
        frames: [frameOf(seen.text)],
      }),
    ];
  }
  const named = /[/+]json$/.test(type);
  const frames = [frameOf(seen.text)];
  const plain = Array.isArray(value)
    ? listOf(value, seen, named, { ladder, frames })
    : oneOf(value, seen, named, { ladder, frames });
  return [
    ...alertmanager(value, seen, plain),
    ...kubernetesList(value, plain),
    ...prometheusQuery(value, plain),
    plain,
  ];
}

type Found = Pick<Verdict, 'ladder' | 'frames'>;

function listOf(value: readonly unknown[], { head }: HttpSeen, named: boolean, found: Found): Verdict {
  const objects = value.filter((item) => objectOf(item) !== null).length;
  const identity = objects === value.length ? identityOf(value) : null;
  const order = orderOf(value);
  const tag = headerOf(head, 'etag') !== '';
  return verdict({
    ...found,
    title: 'JSON list',
    general: true,
    confidence: named ? 'certain' : 'likely',
    why: [
      `The answer is a list of ${count(value.length, 'thing')}.`,
      ...(identity === null ? [] : [`Each has its own ${identity}.`]),
      ...(order === null ? [] : [`It is written ${order} first.`]),
      ...(tag ? ['It has an ETag: an answer without news costs nothing.'] : []),
    ],
    base: identity === null ? null : 'list-poll-etag',
    identity,
  });
}

/** The member that every thing of a list has, each another; null where there is none. */
function identityOf(list: readonly unknown[]): string | null {
  const names = ['id', '_id', 'uuid', 'guid', 'key', 'fingerprint', 'slug', 'name'];
  const found = names.find((name) => {
    const values = list.map((item) => memberOf(item, name));
    const named = values.every((value) => typeof value === 'number' || (typeof value === 'string' && value !== ''));
    return named && new Set(values).size === list.length;
  });
  return list.length > 0 ? (found ?? null) : null;
}

function oneOf(value: unknown, { ended, head }: HttpSeen, named: boolean, found: Found): Verdict {
  const problem = mediaTypeOf(head) === 'application/problem+json';
  const goes = ended ? [] : ['It has not ended: more may follow.'];
  const why = [
    named ? 'The answer is one JSON value, and says so.' : 'The answer can be read as one JSON value.',
    ...goes,
  ];
  const error = errorOf(value, problem);
  return verdict({
    ...found,
    title: 'JSON value',
    general: true,
    confidence: error !== null ? 'guess' : named && ended && objectOf(value) ? 'certain' : 'likely',
    why: error === null ? why : [...why, `It says that something is wrong: ${error}`],
    wants: error === null ? [] : ['It answers an error: it may want a credential, or another address.'],
  });
}

/**
 * What an answer says that is an error and nothing else; null where it is none. `problem`: its content type says that it is
 * one (RFC 9457).
 */
function errorOf(value: unknown, problem: boolean): string | null {
  const object = objectOf(value);
  if (!object) return null;
  const told = object.error ?? object.errors;
  const text =
    object.message ?? object.msg ?? object.detail ?? object.title ?? (typeof told === 'string' ? told : null);
  const said = typeof text === 'string' ? text.slice(0, 200) : 'without saying what.';
  // Kubernetes' own.
  if (problem || (object.kind === 'Status' && object.status === 'Failure')) return said;
  const code = [object.code, object.status, object.statusCode].find((one) => typeof one === 'number') ?? 0;
  const failed =
    [object.success, object.ok].includes(false) ||
    (typeof object.status === 'string' && /^(error|fail(ed|ure)?)$/i.test(object.status)) ||
    (typeof code === 'number' && code >= 400 && code < 600) ||
    (typeof text === 'string' && deniesLogin(text));
  if ((told === undefined || told === null || told === false) && !failed) return null;
  const only =
    /^(errors?|error_?(description|type|code)|success|ok|status|code|statusCode|message|msg|reason|detail|details|title|type|instance|request_?id|path|timestamp|docs?|documentation_url)$/i;
  const names = Object.keys(object).filter((name) => object[name] !== null);
  return names.every((name) => only.test(name)) ? said : null;
}

/** Alertmanager's API v2, `/alerts` and `/alerts/groups` (its openapi.yaml). */
function alertmanager(value: unknown, { url }: HttpSeen, plain: Verdict): readonly Verdict[] {
  if (!Array.isArray(value)) return [];
  const titled = { ...plain, general: false, title: 'Alertmanager', base: 'alertmanager' };
  if (value.length === 0) {
    if (!/\/api\/v2\/alerts(\/groups)?$/.test(url.replace(/[?#].*$/s, ''))) return [];
    return [{ ...titled, confidence: 'guess', why: ['The address is that of its alerts, and there are none now.'] }];
  }
  if (value.every(isAlert)) {
    return [
      {
        ...titled,
        confidence: 'certain',
        why: [`${count(value.length, 'alert')} with fingerprint, state and receivers.`],
      },
    ];
  }
  const groups = value.every(
    (group) =>
      objectOf(memberOf(group, 'labels')) !== null &&
      textOf(memberOf(group, 'receiver'), 'name') !== null &&
      isFilled(memberOf(group, 'alerts'), isAlert),
  );
  // Groups are read as the list that they are: a recipe for alerts would look for fingerprints that no group has.
  return groups
    ? [
        {
          ...titled,
          title: 'Alertmanager (groups)',
          base: plain.base,
          confidence: 'certain',
          why: ['Groups of alerts, each with a receiver.'],
        },
      ]
    : [];
}

function isAlert(value: unknown): boolean {
  return (
    /^[0-9a-f]{16}$/.test(textOf(value, 'fingerprint') ?? '') &&
    /^(active|suppressed|unprocessed)$/.test(textOf(memberOf(value, 'status'), 'state') ?? '') &&
    textOf(value, 'startsAt') !== null &&
    Array.isArray(memberOf(value, 'receivers')) &&
    objectOf(memberOf(value, 'labels')) !== null
  );
}

function isFilled(value: unknown, each: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(each);
}

/** A list of Kubernetes objects: what changes in it comes as a watch. */
function kubernetesList(value: unknown, plain: Verdict): readonly Verdict[] {
  const kind = textOf(value, 'kind') ?? '';
  const version = textOf(memberOf(value, 'metadata'), 'resourceVersion');
  if (!/^[A-Z]\w*List$/.test(kind) || textOf(value, 'apiVersion') === null || version === null) return [];
  if (!Array.isArray(memberOf(value, 'items'))) return [];
  const wants = ['Put ?watch=1 behind the address to be told of changes as they come.'];
  return [
    {
      ...plain,
      general: false,
      title: 'Kubernetes list',
      confidence: 'likely',
      why: [`It is a ${kind.slice(0, 60)} with its resourceVersion.`],
      wants,
    },
  ];
}

/** Prometheus's query API; others answer in the same way, and are read in the same way (HTTP API, expression queries). */
function prometheusQuery(value: unknown, plain: Verdict): readonly Verdict[] {
  const data = memberOf(value, 'data');
  const type = textOf(data, 'resultType') ?? '';
  if (textOf(value, 'status') !== 'success' || !/^(vector|matrix|scalar|string)$/.test(type)) return [];
  if (!Array.isArray(memberOf(data, 'result'))) return [];
  return [
    {
      ...plain,
      general: false,
      title: 'Prometheus query',
      confidence: 'likely',
      why: [`The answer is the ${type} of a query.`],
    },
  ];
}

/** A document that was too long to be read whole. */
function cutJson(seen: HttpSeen, type: string): readonly Verdict[] {
  const first = /^\s*([[{])/.exec(seen.text)?.[1];
  if (seen.ended || first === undefined || !/[/+]json$/.test(type)) return [];
  const list = first === '[';
  const why = [`It answers ${type}; ${count(seen.bytes, 'byte')} of it came, and not the whole.`];
  return [
    verdict({
      title: list ? 'JSON list' : 'JSON value',
      general: true,
      ladder: [rungOf('poll', seen.url, pollSecondsOf(seen))],
      confidence: 'guess',
      why,
    }),
  ];
}

/** Whether times or numeric ids fall or rise from one thing of a list to the last; null where that cannot be told. */
function orderOf(list: readonly unknown[]): 'newest' | 'oldest' | null {
  if (list.length < 2) return null;
  for (const name of ['created_at', 'createdAt', 'timestamp', 'time', 'updated_at', 'date', 'id']) {
    const places = [list[0], list.at(-1)].map((item) => placeOf(memberOf(item, name)));
    const [first = Number.NaN, last = Number.NaN] = places;
    if (first !== last && !Number.isNaN(first) && !Number.isNaN(last)) return first > last ? 'newest' : 'oldest';
  }
  return null;
}

function placeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  return /^\d{1,30}$/.test(value) ? Number(value) : Date.parse(value);
}

/** What the server asks for between two polls, s. */
function pollSecondsOf({ head }: HttpSeen): number {
  const asked = Number(headerOf(head, 'x-poll-interval'));
  return asked >= 1 && asked <= 3600 ? Math.ceil(asked) : 5;
}
