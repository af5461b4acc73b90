import type { IncomingMessage } from 'node:http';
import {
  bodyOf,
  held,
  inTurn,
  livesWithoutNews,
  lost,
  pause,
  same,
  serve,
  stream,
  type Trials,
  tellsOfError,
  until,
  watchBy,
} from '../kit';

const sse = 'text/event-stream';

const chunk = (text: string, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'm-1',
    choices: [{ index: 0, delta: { content: text }, finish_reason: null }],
    ...more,
  })}\n\n`;
const usage = chunk('', { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } });

const path = '/v1/chat/completions';
const watchModel = (host: string) =>
  watchBy('llm-stream', 'sse', `http://${host}${path}`, { model: 'm-1', prompt: 'Say "hi".' });

/** Keeps what was asked; the body has to be read before the answer's head is of use to anybody. */
function keeping(asked: unknown[]) {
  return (request: IncomingMessage): void =>
    void bodyOf(request).then((body) => asked.push(body === '' ? null : JSON.parse(body)));
}

/** https://platform.openai.com/docs/api-reference/chat-streaming: chunks, usage before the end, `data: [DONE]`. */
export const llmStream: Trials = {
  recipe: 'llm-stream',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) => stream(response, sse, ': PROCESSING\n\n'));
      await livesWithoutNews(await watchModel(feed.host));
    },
    async 'planned end'() {
      const asked: unknown[] = [];
      const keep = keeping(asked);
      const feed = await serve((request, response) => {
        keep(request);
        stream(response, sse, chunk('Hel'), chunk('lo'), usage, 'data: [DONE]\n\n');
        response.end();
      });
      const watched = await watchModel(feed.host);
      await until('all chunks', () => watched.events.length === 3);
      await pause(1_500);
      // It was answered as a whole and may be billed: nobody asks again.
      same(
        'asked',
        [feed.asked.length, feed.asked[0]?.method, feed.asked[0]?.headers['content-type']],
        [1, 'POST', 'application/json'],
      );
      same('body', asked, [
        {
          model: 'm-1',
          stream: true,
          stream_options: { include_usage: true },
          messages: [{ role: 'user', content: 'Say "hi".' }],
        },
      ]);
      same(
        'measured',
        watched.events.at(-1)?.measures?.map(({ name, value }) => [name, value]),
        [
          ['prompt tokens', 9],
          ['completion tokens', 2],
          ['total tokens', 11],
        ],
      );
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve((_request, response) => {
        stream(response, sse, 'data: {"error":{"message":"overloaded","code":"server_error"}}\n\n');
        cut.on(() => response.write(chunk('late')));
      });
      const watched = await watchModel(feed.host);
      await tellsOfError(watched, 'overloaded', cut.now);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['chat.completion.chunk'],
      );
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, chunk('Hel'));
            cut.on(() => response.destroy());
          },
          (_request, response) => stream(response, sse, chunk('Hel')),
        ),
      );
      const watched = await watchModel(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      // An answer that was cut is asked for anew, from its beginning, and that is told.
      await until('the second answer', () => watched.events.length === 2);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
