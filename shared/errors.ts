/** A refusal that a person can act on: which field, what is wrong, what to do. Nothing was changed. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

/** What a command can answer instead of its result. */
export type CommandError =
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'not-found'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

export type CommandResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: CommandError };
