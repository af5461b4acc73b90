import type { ProtocolName, RungConfig } from '../../../shared/source';
import type { Protocol } from '../core/protocol';
import { gatewayProtocol } from './gateway';
import { createJsonProtocol } from './json';
import { nchanProtocol } from './nchan';
import { recordingProtocol } from './recording';

/** Every protocol there is: one line each. The ladder tells what a generic feed can promise. */
const protocols: Record<ProtocolName, (ladder: readonly RungConfig[]) => Protocol> = {
  gateway: () => gatewayProtocol,
  json: createJsonProtocol,
  nchan: () => nchanProtocol,
  recording: () => recordingProtocol,
};

/** The protocol of a source. */
export function protocolOf(name: ProtocolName, ladder: readonly RungConfig[]): Protocol {
  return protocols[name](ladder);
}
