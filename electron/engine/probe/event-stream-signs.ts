import type { HttpHead } from '../core/network';
import { isGatewayHello } from './gateway-signs';
import { count, rungOf, verdict } from './made';
import { type EventStream, memberOf, parseEventStream, parseJson, type StreamEvent, textOf } from './parse';
import { type HttpSeen, headerOf, mediaTypeOf } from './seen';
import type { Verdict } from './verdict';

/** What an answer is that calls itself an event stream. */
export function eventStreamSigns(seen: HttpSeen): readonly Verdict[] {
  const stream = parseEventStream(seen.text);
  const { events, comments, fields } = stream;
  // What only calls itself one: JSON under the wrong name, a page.
  if (!fields && comments.length === 0 && seen.text.trim() !== '') return [];
  const ladder = [rungOf('sse', seen.url)];
  const frames = events.map(({ name, id, data }) => ({ data, event: name, id, line: false }));
  const told = 'It answers text/event-stream.';
  if (events.some(({ data }) => isGatewayHello(parseJson(data)))) {
    const why = ['It says hello as our gateway does.'];
    return [verdict({ title: 'Wirewatch gateway', protocol: 'gateway', ladder, confidence: 'certain', why, frames })];
  }
  const plain = plainStream(stream, told, ladder, frames);
  const special = [nchan, languageModel, mastodon].flatMap((signs) =>
    signs(seen, stream, { ...plain, general: false, why: [told] }),
  );
  return [...special, plain];
}

function plainStream(
  { events }: EventStream,
  told: string,
  ladder: Verdict['ladder'],
  frames: Verdict['frames'],
): Verdict {
  const ids = events.some(({ id }) => id !== null && id !== '');
  const failed = events.length > 0 && events.every(({ name }) => name === 'error');
  const came = events.length > 0 ? `${count(events.length, 'event')} came.` : 'No event came while it was looked at.';
  return verdict({
    title: ids ? 'Event stream with ids' : 'Event stream',
    general: true,
    wants: failed ? ['All it says is an error: it may want a credential, or another address.'] : [],
    ladder,
    confidence: failed ? 'guess' : events.length > 0 ? 'certain' : 'likely',
    why: [told, came, ...(ids ? ['Its events have ids: it can be asked to go on behind one.'] : [])],
    base: 'plain-sse',
    frames,
  });
}

/** nginx's push module numbers by second and place in it: `1700000000:0`; its first words are a comment. */
function nchan({ head }: HttpSeen, { events, comments }: EventStream, plain: Verdict): readonly Verdict[] {
  const ids = events.flatMap(({ id }) => (id === null || id === '' ? [] : [id]));
  const like = ids.length > 0 && ids.every((id) => isNchanId(id));
  const hi = comments.length > 0 && comments[0]?.trim() === 'hi';
  const nginx = isNginx(head);
  if (!like && !(hi && nginx && ids.length === 0)) return [];
  const why = [
    ...(like ? ['Its ids are seconds and a number, as nchan writes them.'] : []),
    ...(hi ? ['It begins with the comment that nchan begins with.'] : []),
  ];
  const confidence = like && (hi || nginx) ? 'likely' : 'guess';
  return [{ ...plain, title: 'nchan', protocol: 'nchan', base: null, confidence, why }];
}

/** Whether an answer is an event stream that begins with the comment of nchan, from an nginx. */
export function nchanBegins({ head, text }: HttpSeen): boolean {
  if (mediaTypeOf(head) !== 'text/event-stream' || !isNginx(head)) return false;
  return parseEventStream(text).comments[0]?.trim() === 'hi';
}

function isNginx(head: HttpHead): boolean {
  return /nginx|openresty/i.test(headerOf(head, 'server'));
}

/** `<seconds>:<n>`, several channels joined by commas, of a time that can be. */
export function isNchanId(id: string): boolean {
  return id.length <= 200 && /^(?:1[4-9]|2\d)\d{8}:\[?\d{1,6}\]?(?:,(?:\[?\d{1,6}\]?|-))*$/.test(id);
}

/** Chunks of an answer as OpenAI's API has them, and the events of Anthropic's: many servers speak one of the two. */
function languageModel(_seen: HttpSeen, { events }: EventStream, plain: Verdict): readonly Verdict[] {
  const values = events.flatMap(({ data }) => {
    const parsed = parseJson(data);
    return parsed.ok ? [parsed.value] : [];
  });
  const done = events.some(({ data }) => data.trim() === '[DONE]');
  const chunks = values.filter((value) => Array.isArray(memberOf(value, 'choices')));
  const named = chunks.some((value) =>
    /^(chat\.completion\.chunk|text_completion)$/.test(textOf(value, 'object') ?? ''),
  );
  const begun = events.some(({ name, data }) => name === 'message_start' && beginsAnswer(data));
  const response = values.some(beginsResponse);
  if (chunks.length === 0 && !begun && !response) return [];
  return [
    {
      ...plain,
      title: 'Stream of a language model',
      base: 'llm-stream',
      confidence: named || begun || response ? 'certain' : done ? 'likely' : 'guess',
      why: [
        ...plain.why,
        response
          ? 'It begins the answer of a model (response.created).'
          : begun
            ? 'It begins the answer of a model (message_start).'
            : 'Its events are chunks of an answer (choices).',
        ...(done ? ['It ends with [DONE].'] : []),
      ],
    },
  ];
}

/** Chats have messages that start as well: only a model's has an assistant's part, and names the model. */
function beginsAnswer(data: string): boolean {
  const parsed = parseJson(data);
  if (!parsed.ok || textOf(parsed.value, 'type') !== 'message_start') return false;
  const message = memberOf(parsed.value, 'message');
  return textOf(message, 'role') === 'assistant' && textOf(message, 'model') !== null;
}

/** OpenAI's Responses: `response.created` with an object that says that it is one, and names the model. */
function beginsResponse(value: unknown): boolean {
  const response = memberOf(value, 'response');
  if (textOf(value, 'type') !== 'response.created' || textOf(response, 'object') !== 'response') return false;
  return textOf(response, 'model') !== null;
}

/** Mastodon's streaming API, which other servers of the fediverse speak as well (docs.joinmastodon.org/methods/streaming). */
function mastodon({ head, url }: HttpSeen, { events, comments }: EventStream, plain: Verdict): readonly Verdict[] {
  const signs = [
    ...(/mastodon/i.test(headerOf(head, 'server')) ? ['The server calls itself Mastodon.'] : []),
    ...(/\/api\/v1\/streaming\b/.test(url) ? ['The address is that of its streaming API.'] : []),
    ...(comments.some((comment) => /^(thump|\))$/.test(comment.trim())) ? ['Its sign of life is a :thump or :).'] : []),
    ...(events.some(isStatus) ? ['Its updates are posts of an account.'] : []),
  ];
  const [sign, ...more] = signs;
  if (sign === undefined || (more.length === 0 && !events.some(isStatus))) return [];
  const said = events.some(isStatus) && signs.length >= 3;
  const confidence = said ? 'certain' : 'likely';
  return [{ ...plain, title: 'Mastodon', base: 'mastodon-stream', confidence, why: [...plain.why, ...signs] }];
}

function isStatus({ name, data }: StreamEvent): boolean {
  if (name !== 'update' && name !== 'status.update') return false;
  const parsed = parseJson(data);
  return parsed.ok && isPost(parsed.value);
}

/** Whether a value is a post as Mastodon writes one. */
export function isPost(value: unknown): boolean {
  return (
    textOf(value, 'id') !== null &&
    textOf(value, 'created_at') !== null &&
    textOf(value, 'content') !== null &&
    textOf(memberOf(value, 'account'), 'acct') !== null
  );
}
