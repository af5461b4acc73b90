import { sealedText } from '../../../shared/sealed-text';
import { isPlaceOfSecret, secretsIn } from '../../../shared/secret-places';
import type { Speak } from '../../../shared/speak';

type Put = (field: string) => (value: string) => string;

/** What a protocol in code is told, with places for the secrets that were typed into it. */
export function sealedSpeak(speak: Speak, put: Put): Speak {
  const text = (said: string, field: string) => sealedText(said, put(`recipe.speak.${field}`));
  const whole = (said: string, field: string) => sealedWhole(said, put(`recipe.speak.${field}`));
  switch (speak.protocol) {
    case 'mqtt':
      return { ...speak, user: text(speak.user, 'user'), password: whole(speak.password, 'password') };
    case 'stomp':
      return { ...speak, login: text(speak.login, 'login'), passcode: whole(speak.passcode, 'passcode') };
    case 'socket-io':
      return {
        ...speak,
        auth: text(speak.auth, 'auth'),
        emit: speak.emit.map((one, at) => text(one, `emit.${at}`)),
      };
    case 'pusher':
      return speak;
    case 'graphql-ws':
      return {
        ...speak,
        query: text(speak.query, 'query'),
        variables: text(speak.variables, 'variables'),
        payload: text(speak.payload, 'payload'),
      };
    case 'signalr':
      return {
        ...speak,
        invoke: speak.invoke.map((one, at) => ({ ...one, arguments: text(one.arguments, `invoke.${at}.arguments`) })),
      };
    case 'phoenix':
      return {
        ...speak,
        topics: speak.topics.map((one, at) => ({ ...one, payload: text(one.payload, `topics.${at}.payload`) })),
      };
  }
}

/** A password is a secret as a whole, unless it names one, or a variable, that is kept elsewhere. */
function sealedWhole(said: string, put: (value: string) => string): string {
  const told = said === '' || isPlaceOfSecret(said) || secretsIn(said).length > 0 || /\{\{\w+\}\}/.test(said);
  return told ? said : put(said);
}
