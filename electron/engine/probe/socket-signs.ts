import { isGatewayHello } from './gateway-signs';
import { plain, rungOf } from './http-signs';
import { parseJson } from './parse';
import type { SocketSeen } from './seen';
import type { SampleFrame, Verdict } from './verdict';

/** What a WebSocket that opened shows itself to be. */
export function socketSigns(seen: SocketSeen): readonly Verdict[] {
  const ladder = [rungOf('websocket', seen.url)];
  const texts = seen.messages.flatMap(({ data }) => (typeof data === 'string' ? [data] : []));
  const frames: readonly SampleFrame[] = seen.messages.map(({ data }) => ({
    data,
    event: null,
    id: null,
    line: false,
  }));
  if (texts.some((text) => isGatewayHello(parseJson(text)))) {
    return [
      {
        ...plain,
        title: 'Wirewatch gateway',
        protocol: 'gateway',
        ladder,
        confidence: 'certain',
        why: ['It says hello as our gateway does.'],
      },
    ];
  }
  if (seen.messages.length === 0) {
    return [
      {
        ...plain,
        title: 'WebSocket that says nothing by itself',
        ladder,
        confidence: 'guess',
        why: [`It opened, and nothing came within ${Math.round(seen.listenedMs / 1000)} s.`],
        wants: ['It may wait for a message: add the one that subscribes to what you want to see.'],
      },
    ];
  }
  const json = texts.filter((text) => parseJson(text).ok).length;
  return [
    {
      ...plain,
      title: json > 0 ? 'JSON WebSocket that speaks' : 'WebSocket of plain text',
      ladder,
      confidence: json === seen.messages.length ? 'certain' : 'likely',
      why: [`${seen.messages.length} messages came by themselves, ${json} of them JSON.`],
      frames,
    },
  ];
}
