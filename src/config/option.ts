import type { Kind } from './kinds.js';

/** One thing that an operator may set: by environment variable, and for some also by flag. */
export interface Option<T> {
  readonly env: string;
  /** Long flag without dashes; undefined where an option must not stand in a command line (secrets). */
  readonly flag: string | undefined;
  readonly kind: Kind<unknown>;
  /** In the form in which an operator would give it; undefined for none. */
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
  /** A sentence for the help text and docs/configuration.md. */
  readonly doc: string;
  /** Never set: it carries the type of the value. */
  readonly type?: T;
}

/** Options by the name that the value has in the compiled configuration. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The configuration that a table of options compiles to. */
export type ConfigOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never;
};

interface Traits {
  readonly env: string;
  readonly flag?: string;
  readonly doc: string;
}

/** An option without which the program does not start. */
export function required<T>(kind: Kind<T>, traits: Traits): Option<T> {
  return { flag: undefined, ...traits, kind, fallback: undefined, isRequired: true };
}

/** An option that may be left out; its value is then undefined. */
export function optional<T>(kind: Kind<T>, traits: Traits): Option<T | undefined> {
  return { flag: undefined, ...traits, kind, fallback: undefined, isRequired: false };
}

/** An option with a default, given in the form in which an operator would give it. */
export function defaulted<T>(kind: Kind<T>, traits: Traits & { readonly fallback: string }): Option<T> {
  return { flag: undefined, ...traits, kind, isRequired: false };
}
