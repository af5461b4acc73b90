import {
  type DescMessage,
  type FileRegistry,
  fromBinary,
  type JsonValue,
  type Message,
  toJson,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { readDescriptors } from './descriptors';
import { NotJson } from './json-of';

/** Deeper messages are not read: nobody reads what is written of them, and each level costs a call. */
const deepest = 100;
/** Longer bodies are not decoded, bytes: two of them may be a message of its own, with all of its fields. */
const longest = 4 * 1024 * 1024;
/** So many values are made of one body, those that were left out because they are zero among them. */
const mostValues = 500_000;

/** Stands beside the fields where a message has some that the descriptors do not know: no field can be called so. */
const unknownMember = '#unknown';

/** Decodes bodies of one message type into plain values for `jsonOf`. @throws NotJson, or the library's Error */
export type ProtobufDecoder = (bytes: Uint8Array) => unknown;

/**
 * Reads bodies by a FileDescriptorSet in base64 and the full name of a message, without making code of either. Fields go
 * by the names of their file; whole numbers keep their digits, enums go by name, bytes stay bytes, Google's own types are
 * written as protobuf's JSON has them (a Timestamp in ISO 8601). What proto3 leaves out because it is zero is there: a zero
 * is a value. @throws NotJson where there is no such message
 */
export function createProtobufDecoder(base64: string, messageName: string): ProtobufDecoder {
  const descriptors = readDescriptors(base64);
  if (!descriptors.ok) throw new NotJson('its descriptors cannot be read');
  const { registry } = descriptors;
  const message = registry.getMessage(messageName);
  if (message === undefined) throw new NotJson('its descriptors have no such message');
  return (bytes) => {
    if (bytes.length > longest) throw new NotJson('it is longer than 4 MiB');
    const budget = { left: mostValues };
    return valuesOf(reflect(message, decoded(message, bytes)), { registry, budget, depth: 0 });
  };
}

interface Writing {
  readonly registry: FileRegistry;
  readonly budget: { left: number };
  readonly depth: number;
}

function decoded(desc: DescMessage, bytes: Uint8Array): Message {
  return fromBinary(desc, bytes, { recursionLimit: deepest });
}

function valuesOf(message: ReflectMessage, writing: Writing): unknown {
  if (writing.depth > deepest) throw new NotJson(`it is nested more than ${deepest} deep`);
  const googles = googlesOwn(message, writing);
  if (googles !== undefined) return googles;
  const inner = { ...writing, depth: writing.depth + 1 };
  // A map, so that no name of a field means anything of its own.
  const values = new Map<string, unknown>();
  for (const field of message.fields) {
    if (!message.isSet(field) && !isZero(field)) continue;
    spend(writing, 1);
    switch (field.fieldKind) {
      case 'scalar':
        values.set(field.name, message.get(field));
        break;
      case 'enum':
        values.set(field.name, enumName(field.enum, message.get(field)));
        break;
      case 'message':
        values.set(field.name, valuesOf(message.get(field), inner));
        break;
      case 'list': {
        const list = message.get(field);
        spend(writing, list.size);
        values.set(
          field.name,
          Array.from(list, (item) => itemOf(field, item, inner)),
        );
        break;
      }
      case 'map': {
        const map = message.get(field);
        spend(writing, map.size);
        values.set(field.name, new Map(Array.from(map, ([key, item]) => [String(key), itemOf(field, item, inner)])));
        break;
      }
    }
  }
  const unknown = message.getUnknown() ?? [];
  if (unknown.length > 0) {
    spend(writing, 2 * unknown.length);
    values.set(
      unknownMember,
      unknown.map(({ no, data }) => ({ field: no, bytes: data })),
    );
  }
  return values;
}

type Field = DescMessage['fields'][number];
type Several = Extract<Field, { readonly fieldKind: 'list' | 'map' }>;

/** It is left out on the wire because it is zero or empty, and not because nobody said it. */
function isZero(field: Field): boolean {
  return field.fieldKind !== 'message' && field.oneof === undefined && field.presence === implicit;
}

/** google.protobuf.FeatureSet.FieldPresence.IMPLICIT */
const implicit = 2;

function itemOf(field: Several, item: unknown, writing: Writing): unknown {
  if (field.enum !== undefined) return enumName(field.enum, item);
  return field.message === undefined ? item : valuesOf(item as ReflectMessage, writing);
}

/** A number without a name is told as the number: the feed is newer than its descriptors. */
function enumName(desc: NonNullable<Field['enum']>, value: unknown): unknown {
  return (typeof value === 'number' ? desc.value[value]?.name : undefined) ?? value;
}

/** What has a form of its own in protobuf's JSON (https://protobuf.dev/programming-guides/json/); undefined: nothing. */
function googlesOwn({ desc, message }: ReflectMessage, writing: Writing): unknown {
  switch (desc.typeName) {
    case 'google.protobuf.Any':
      return anyOf(message as Any, writing);
    case 'google.protobuf.Int64Value':
    case 'google.protobuf.UInt64Value':
      return BigInt(String(asJson(desc, message)));
    case 'google.protobuf.Timestamp':
    case 'google.protobuf.Duration':
    case 'google.protobuf.FieldMask':
    case 'google.protobuf.Struct':
    case 'google.protobuf.Value':
    case 'google.protobuf.ListValue':
    case 'google.protobuf.BoolValue':
    case 'google.protobuf.StringValue':
    case 'google.protobuf.BytesValue':
    case 'google.protobuf.Int32Value':
    case 'google.protobuf.UInt32Value':
    case 'google.protobuf.FloatValue':
    case 'google.protobuf.DoubleValue':
      return asJson(desc, message);
    default:
      return undefined;
  }
}

function asJson(desc: DescMessage, message: Message): JsonValue {
  return toJson(desc, message);
}

/** A message of any type, under the name it says; its bytes where the descriptors do not know it. */
function anyOf({ typeUrl, value }: Any, writing: Writing): unknown {
  const desc = writing.registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  if (desc === undefined || desc.typeName === AnySchema.typeName) return { '@type': typeUrl, value };
  const inner = valuesOf(reflect(desc, decoded(desc, value)), { ...writing, depth: writing.depth + 1 });
  const members = inner instanceof Map ? [...inner] : [['value', inner] as const];
  return new Map<unknown, unknown>([['@type', typeUrl], ...members]);
}

function spend({ budget }: Writing, values: number): void {
  budget.left -= values;
  if (budget.left < 0) throw new NotJson(`it says more than ${mostValues} values`);
}
