import type { Fill, Sealed } from '../../core/said';
import type { Told } from './told';
import { type Version, written } from './wire';

/** The broker takes us for gone after one and a half times this without a word of ours. */
export const keepAliveSeconds = 30;
/** A ping is sent so often, ms: its answer is life. */
export const pingMs = 15_000;
/** So long the broker keeps our session when we are away (MQTT 5), seconds. */
const keptSeconds = 86_400;
/** Messages under way at once that are not acknowledged yet: no more than are known again as repeats. */
const receiveMaximum = 1_000;
/** Names of topics that the broker may shorten in one session. */
export const mostAliases = 100;
/** The identifier of our one subscription in a session. */
export const subscriptionId = 1;
/** As large as a frame may be, bytes. */
const maximumPacketSize = 16 * 1024 * 1024;

/** The packets that open a session. They hold places of secrets, so that they are put together as they leave. */
export class MqttHandshake {
  constructor(
    private readonly told: Told,
    private readonly version: Version,
  ) {}

  /** `clean`: what the broker kept of us is forgotten. */
  connect(clean: boolean): Sealed {
    const { told, version } = this;
    return {
      compose(fill: Fill) {
        const [user, password] = [fill(told.user), fill(told.password)];
        // In 3.1.1 a password needs a user.
        const secret = password !== '' && (version === 5 || user !== '');
        return written(
          {
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: version,
            clean,
            clientId: fill(told.clientId),
            keepalive: keepAliveSeconds,
            ...(user === '' ? {} : { username: user }),
            ...(secret ? { password: Buffer.from(password) } : {}),
            ...(version === 5
              ? {
                  properties: {
                    sessionExpiryInterval: told.keeps ? keptSeconds : 0,
                    receiveMaximum,
                    maximumPacketSize,
                    topicAliasMaximum: mostAliases,
                  },
                }
              : {}),
          },
          version,
        );
      },
    };
  }

  subscribe(): Sealed {
    const { told, version } = this;
    return {
      compose: (fill: Fill) =>
        written(
          {
            cmd: 'subscribe',
            messageId: subscriptionId,
            subscriptions: told.topics.map((topic) => ({ topic: fill(topic), qos: told.qos })),
          },
          version,
        ),
    };
  }
}
