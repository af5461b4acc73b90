/** What the trials use of the vendors' own clients that bring no types of their own. */

declare module '@rails/actioncable' {
  export const adapters: { WebSocket: unknown };
  export function createConsumer(url: string): {
    readonly subscriptions: {
      create(identifier: unknown, mixin: { received(message: unknown): void }): unknown;
    };
    disconnect(): void;
  };
}

declare module 'pubnub' {
  class PubNub {
    constructor(options: { subscribeKey: string; userId: string; origin: string; ssl: boolean });
    addListener(listener: {
      message(event: { readonly timetoken: string; readonly message: { readonly price: number } }): void;
    }): void;
    subscribe(options: { readonly channels: readonly string[] }): void;
    stop(): void;
  }
  export = PubNub;
}
