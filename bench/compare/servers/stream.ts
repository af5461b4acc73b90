/** Name of the stream that the gateway serves. */
export const gatewayStream = 'feed';
