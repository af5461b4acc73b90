import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorSet, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** What a descriptor set says, or why it cannot be used, as a sentence. */
export type Descriptors =
  | { readonly ok: true; readonly registry: FileRegistry }
  | { readonly ok: false; readonly why: string };

/** Reading a set takes milliseconds, and each session, and the form, asks for the same one: a few are kept. */
const mostKept = 8;
const kept = new Map<string, Descriptors>();

/**
 * Reads a FileDescriptorSet (descriptor.proto), in base64: what `protoc --include_imports --descriptor_set_out` writes.
 * No code is made of it. Never throws.
 */
export function readDescriptors(base64: string): Descriptors {
  const known = kept.get(base64);
  if (known !== undefined) return known;
  const read = readSet(Buffer.from(base64, 'base64'));
  const oldest = kept.keys().next().value;
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
  kept.set(base64, read);
  return read;
}

function readSet(bytes: Uint8Array): Descriptors {
  try {
    const set = fromBinary(FileDescriptorSetSchema, bytes, { readUnknownFields: false });
    const why = problemOf(set);
    if (why !== null) return { ok: false, why };
    return { ok: true, registry: createFileRegistry(set) };
  } catch {
    return { ok: false, why: 'Not a descriptor set.' };
  }
}

function problemOf({ file }: FileDescriptorSet): string | null {
  if (file.length === 0) return 'It describes no file.';
  const names = new Set(file.map(({ name }) => name));
  for (const { dependency } of file) {
    const missing = dependency.find((name) => !names.has(name));
    if (missing !== undefined) return `It lacks ${missing.slice(0, 100)}: write it with --include_imports.`;
  }
  return null;
}

/** As protoc takes them: what is called otherwise could not be shown or chosen. */
const plainName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
/** Longest full name, characters. */
const longestName = 500;

/** Full names of the messages that a set describes, its own before Google's, in the set's order. */
export function messageNames(descriptors: Descriptors): readonly string[] {
  if (!descriptors.ok) return [];
  const names: string[] = [];
  const walk = (messages: readonly DescMessage[]): void => {
    for (const message of messages) {
      // The entries of a map are messages on the wire, and nobody's body.
      if (message.proto.options?.mapEntry === true) continue;
      if (message.typeName.length <= longestName && plainName.test(message.typeName)) names.push(message.typeName);
      walk(message.nestedMessages);
    }
  };
  for (const { messages } of descriptors.registry.files) walk(messages);
  const google = (name: string): boolean => name.startsWith('google.protobuf.');
  return [...names.filter((name) => !google(name)), ...names.filter(google)];
}
