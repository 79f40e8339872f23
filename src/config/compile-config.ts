import { type FieldProblem, ValidationError } from '../base/errors.js';
import { closestTo } from './did-you-mean.js';
import type { ConfigOf, Option, OptionTable } from './option.js';

/** Variables by name, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where values come from; a flag wins over its variable. An empty variable counts as not set. */
export interface Sources {
  readonly env: Environment;
  /** By long flag without dashes. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** Every `SLIPWAY_*` name that means something to any of our programs. */
  readonly knownNames: readonly string[];
}

/**
 * Compiles the settings of one program. Throws a ValidationError that names every problem at once: missing and unfit
 * values, and unknown `SLIPWAY_*` names with the one that was probably meant. Secrets are not repeated.
 */
export function compileConfig<Table extends OptionTable>(table: Table, sources: Sources): ConfigOf<Table> {
  const problems: FieldProblem[] = unknownNames(sources);
  const values = Object.entries(table).map(([name, option]) => {
    const outcome = readOption(option, sources);
    if (outcome.problem !== undefined) problems.push(outcome.problem);
    return [name, freeze(outcome.value)] as const;
  });
  if (problems.length > 0) throw new ValidationError(problems);
  return Object.freeze(Object.fromEntries(values)) as ConfigOf<Table>;
}

interface Outcome {
  readonly value?: unknown;
  readonly problem?: FieldProblem;
}

function readOption(option: Option<unknown>, sources: Sources): Outcome {
  const { field, text } = find(option, sources);
  if (text === undefined) return option.isRequired ? { problem: missing(option) } : {};
  const value = option.kind.parse(text);
  if (value !== undefined) return { value };
  const shown = option.kind.isSecret ? `${text.length} characters, not shown` : text;
  return { problem: { field, value: shown, expected: option.kind.expected } };
}

function find(option: Option<unknown>, sources: Sources): { field: string; text: string | undefined } {
  const flagged = option.flag === undefined ? undefined : sources.flags?.[option.flag];
  if (flagged !== undefined) return { field: `--${option.flag ?? ''}`, text: flagged };
  const given = sources.env[option.env]?.trim();
  return { field: option.env, text: given === '' || given === undefined ? option.fallback : given };
}

function missing(option: Option<unknown>): FieldProblem {
  const flag = option.flag === undefined ? '' : ` (or --${option.flag})`;
  return { field: `${option.env}${flag}`, value: '', expected: option.kind.expected };
}

/** The value of an unknown name is not repeated: it may be a secret under a misspelt name. */
function unknownNames(sources: Sources): FieldProblem[] {
  return Object.keys(sources.env)
    .filter((name) => name.startsWith('SLIPWAY_') && !sources.knownNames.includes(name))
    .map((name) => {
      const meant = closestTo(name, sources.knownNames);
      const hint = meant === undefined ? '; see docs/configuration.md' : `; did you mean ${meant}?`;
      return { field: name, value: 'a value, not shown', expected: `no such option${hint}` };
    });
}

function freeze(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze(value) : value;
}
