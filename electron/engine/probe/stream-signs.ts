import { verdict } from './made';
import type { StreamSeen } from './seen';
import type { Verdict } from './verdict';

const protocolOfScheme = {
  mqtt: { title: 'MQTT', protocol: 'mqtt' },
  stomp: { title: 'STOMP', protocol: 'stomp' },
} as const;

/** A broker says nothing before it is spoken to: the address says what it is, and that it is listened there. */
export function streamSigns({ url, bytes, ended }: StreamSeen): readonly Verdict[] {
  const scheme = /^(mqtt|stomp)s?:/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== 'mqtt' && scheme !== 'stomp') return [];
  const fits = bytes === 0 && !ended;
  const said = ended ? 'The server ends the connection at once.' : 'The server speaks first, as no broker does.';
  const why = [
    `The address says ${scheme}://, and ${url.startsWith(`${scheme}s`) ? 'TLS was opened' : 'a server listens'} there.`,
    ...(fits ? [] : [said]),
  ];
  return [
    verdict({
      ...protocolOfScheme[scheme],
      ladder: [{ transport: 'tcp', url, intervalSeconds: 5 }],
      confidence: fits ? 'likely' : 'guess',
      why,
      wants: [],
    }),
  ];
}
