/** How the text of an option becomes a value. */
export interface Kind<T> {
  /** What the documentation calls the type. */
  readonly name: string;
  /** What must be given instead, in the words of an error message. */
  readonly expected: string;
  /** True for values that no message may repeat. */
  readonly isSecret: boolean;
  /** Placeholder of the flag's value in a help text; undefined for a switch without value. */
  readonly placeholder: string | undefined;
  /** Undefined when the text does not fit. */
  parse(text: string): T | undefined;
}

const DECIMAL = /^\d{1,15}(\.\d{1,6})?$/;

/** Any text that is not empty. */
export function text(expected = 'a text'): Kind<string> {
  return kind({ name: 'text', expected, placeholder: 'text', parse: (given) => given });
}

/** A whole number between two bounds, both included. */
export function integer(bounds: { min: number; max: number }): Kind<number> {
  return kind({
    name: 'integer',
    expected: `a whole number from ${bounds.min} to ${bounds.max}`,
    placeholder: 'n',
    parse: (given) => (/^\d{1,15}$/.test(given) ? within(Number(given), bounds) : undefined),
  });
}

/** A duration that is given in seconds, decimals allowed; the value is in milliseconds. */
export function seconds(bounds: { min: number; max: number }): Kind<number> {
  return kind({
    name: 'seconds',
    expected: `seconds from ${bounds.min} to ${bounds.max}`,
    placeholder: 's',
    parse: (given) => {
      const value = DECIMAL.test(given) ? within(Number(given), bounds) : undefined;
      return value === undefined ? undefined : Math.round(value * 1000);
    },
  });
}

/** A time that is given in whole days; the value is in milliseconds. */
export function days(bounds: { min: number; max: number }): Kind<number> {
  return scaled('days', 86_400_000, bounds);
}

/** A size that is given in mebibytes; the value is in bytes. */
export function mebibytes(bounds: { min: number; max: number }): Kind<number> {
  return scaled('MiB', 1024 * 1024, bounds);
}

/** One of a few words. */
export function choice<const W extends string>(...words: readonly W[]): Kind<W> {
  return kind({
    name: 'word',
    expected: `one of ${words.join(', ')}`,
    placeholder: 'word',
    parse: (given) => words.find((word) => word === given),
  });
}

/** `true` or `false` (also 1 and 0); as a flag a switch without value. */
export function yesOrNo(): Kind<boolean> {
  const meaning: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
  return kind({
    name: 'boolean',
    expected: 'true or false',
    placeholder: undefined,
    parse: (given) => (Object.hasOwn(meaning, given) ? meaning[given] : undefined),
  });
}

/** Several values of another kind, separated by commas; as a flag it may be given several times. */
export function listOf<T>(item: Kind<T>): Kind<readonly T[]> {
  return kind({
    name: `list of ${item.name}`,
    expected: `a list, separated by commas, of ${item.expected}`,
    isSecret: item.isSecret,
    placeholder: item.placeholder ?? 'value',
    parse: (given) => {
      const words = given.split(',').map((word) => word.trim());
      const values = words.filter((word) => word !== '').map((word) => item.parse(word));
      return values.some((value) => value === undefined) ? undefined : (values as T[]);
    },
  });
}

/** A kind of which the parts that most kinds share are left out. */
export function kind<T>(
  parts: Pick<Kind<T>, 'name' | 'expected' | 'placeholder' | 'parse'> & { isSecret?: boolean },
): Kind<T> {
  return { isSecret: false, ...parts };
}

/** A whole number of units, of which the value is so many times as much. */
function scaled(name: string, factor: number, bounds: { min: number; max: number }): Kind<number> {
  const count = integer(bounds);
  return kind({
    name,
    expected: count.expected,
    placeholder: count.placeholder,
    parse: (given) => {
      const value = count.parse(given);
      return value === undefined ? undefined : value * factor;
    },
  });
}

function within(value: number, bounds: { min: number; max: number }): number | undefined {
  return value >= bounds.min && value <= bounds.max ? value : undefined;
}
