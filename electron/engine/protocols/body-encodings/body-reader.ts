import { decode } from '@msgpack/msgpack';
import { decodeFirstSync } from 'cbor';
import type { Recipe } from '../../../../shared/recipe';
import { ownText } from '../../core/own-text';
import { jsonOf, NotJson } from './json-of';
import { brokenMessagePack } from './messagepack-shape';
import { createProtobufDecoder } from './protobuf';

type Encoding = Recipe['read']['encodings'][number];

/** What bytes say: a text, or nothing that can be read, and why not where they were to be of a certain form: such an event is called so. */
export type BodyText = { readonly text: string } | { readonly text: null; readonly why: string | null };

/** Reads bodies of bytes, by the name of their stream. */
export type BodyReader = (bytes: Uint8Array, stream: string) => BodyText;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** As a recipe says of each stream; where it says nothing, bytes that are text are text. */
export function createBodyReader(recipe: Recipe | null): BodyReader {
  const rules = (recipe?.read.encodings ?? []).map((encoding) => ({
    matches: matcherOf(encoding.streams),
    as: encoding.as,
    decode: decoderOf(encoding, recipe?.read.descriptors ?? ''),
  }));
  return (bytes, stream) => {
    const { as, decode } = rules.find(({ matches }) => matches(stream)) ?? asText;
    if (as === 'hex') return { text: null, why: null };
    if (as === 'text') return textOf(bytes);
    try {
      return { text: jsonOf(decode(bytes)) };
    } catch (error) {
      // Without what differs from one to the next, which would make a name of its own of each.
      const why = (error instanceof Error ? error.message : String(error)).replace(
        /\b(0x)?[0-9a-f]*\d[0-9a-f]*\b/gi,
        '#',
      );
      return { text: null, why: `no ${names[as]}: ${ownText(why.slice(0, 100))}` };
    }
  };
}

const names = { messagepack: 'MessagePack', cbor: 'CBOR', protobuf: 'Protobuf' } as const;

const asText = { as: 'text', decode: (bytes: Uint8Array): unknown => bytes } as const;

const itself = (value: unknown): unknown => value;

/** Addresses, texts in base64, expressions and mails (RFC 8949 §3.4.5.3) stay the texts that they are written as: nothing is made of them. */
const asWritten = {
  max_depth: 100,
  preferMap: true,
  tags: { 32: itself, 33: itself, 34: itself, 35: itself, 36: itself },
};

function decoderOf({ as, message }: Encoding, descriptors: string): (bytes: Uint8Array) => unknown {
  switch (as) {
    case 'text':
    case 'hex':
      return asText.decode;
    case 'messagepack':
      return (bytes) => {
        const broken = brokenMessagePack(bytes);
        if (broken !== null) throw new NotJson(broken);
        return decode(bytes, { useBigInt64: true });
      };
    case 'cbor':
      // Maps stay such, so that no name of a member means anything of its own.
      return (bytes) => decodeFirstSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), asWritten);
    case 'protobuf': {
      // Made with the first body that is so written: many sessions read none.
      let decoder: ((bytes: Uint8Array) => unknown) | null = null;
      return (bytes) => {
        decoder ??= createProtobufDecoder(descriptors, message ?? '');
        return decoder(bytes);
      };
    }
  }
}

function textOf(bytes: Uint8Array): BodyText {
  try {
    return { text: utf8.decode(bytes) };
  } catch {
    return { text: null, why: null };
  }
}

/** Names of streams with `*` for anything in one. In time that grows with the name: each star takes the next place that fits. */
function matcherOf(pattern: string): (stream: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (stream) => stream === first;
  return (stream) => {
    if (!stream.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = stream.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return stream.length - last.length >= at && stream.endsWith(last);
  };
}
