import type { FieldProblem } from '../base/errors.js';
import { isStorable } from '../base/text.js';
import { DRIVER_LABEL } from '../protocol/driver-label.js';

/** What a worker may do, or asks to do. */
export interface Abilities {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly buildLimit: number;
}

/** As the value of an enrolment's label: the worker chooses the value. */
const ANY_VALUE = '*';

const MAX_ITEMS = 50;
const MAX_CHARS = 200;
const MAX_BUILD_LIMIT = 1000;

/**
 * Every way in which a request goes beyond what an enrolment allows: a worker may only narrow it. It names at least one
 * of the allowed targets, a limit of at most the allowed one, and of the allowed labels those that it has.
 */
export function wideningsOf(requested: Abilities, allowed: Abilities): readonly FieldProblem[] {
  const targets = requested.targets
    .filter((target) => !allowed.targets.includes(target))
    .map((target) => problem('targets', target, `one of ${allowed.targets.join(', ')}`));
  const labels = Object.entries(requested.labels)
    .filter(([name, value]) => !allowsLabel(allowed, name, value))
    .map(([name, value]) => problem(`labels.${name}`, value, describeLabel(allowed.labels, name)));
  const isOverLimit = requested.buildLimit > allowed.buildLimit;
  const limit = isOverLimit
    ? [problem('buildLimit', String(requested.buildLimit), `at most ${allowed.buildLimit}`)]
    : [];
  return [...targets, ...labels, ...limit];
}

/** Everything about abilities that can never be, whoever asks for them. */
export function problemsOf({ targets, labels, buildLimit }: Abilities): readonly FieldProblem[] {
  const spaced = targets
    .filter((target) => /\s/.test(target))
    .map((target) => problem('targets', target, 'a name without spaces, such as x86_64-linux'));
  const names = [...targets.map((target) => ['targets', target] as const), ...labelTexts(labels)];
  const texts = names
    .filter(([, text]) => text === '' || text.length > MAX_CHARS || !isStorable(text))
    .map(([field, text]) => problem(field, text, `1 to ${MAX_CHARS} characters`));
  const isCount = targets.length > 0 && targets.length <= MAX_ITEMS;
  const isLimit = Number.isInteger(buildLimit) && buildLimit >= 1 && buildLimit <= MAX_BUILD_LIMIT;
  return [
    ...(isCount ? [] : [problem('targets', `${targets.length} targets`, `1 to ${MAX_ITEMS}`)]),
    ...(Object.keys(labels).length <= MAX_ITEMS
      ? []
      : [problem('labels', 'too many', `at most ${MAX_ITEMS}`)]),
    ...(isLimit ? [] : [problem('buildLimit', String(buildLimit), `1 to ${MAX_BUILD_LIMIT}`)]),
    ...spaced,
    ...texts,
  ];
}

function labelTexts(labels: Abilities['labels']): (readonly [string, string])[] {
  return Object.entries(labels).flatMap((texts) => texts.map((text) => ['labels', text] as const));
}

/** How a worker runs steps is for itself to say, unless the enrolment wants one of the ways. */
function allowsLabel({ labels }: Abilities, name: string, value: string): boolean {
  if (name === DRIVER_LABEL && !Object.hasOwn(labels, name)) return true;
  return labels[name] === ANY_VALUE || labels[name] === value;
}

function describeLabel(labels: Abilities['labels'], name: string): string {
  if (Object.hasOwn(labels, name)) return JSON.stringify(labels[name]);
  const names = Object.keys(labels);
  return names.length === 0 ? 'no labels' : `only the labels ${names.join(', ')}`;
}

function problem(field: string, value: string, expected: string): FieldProblem {
  return { field, value: value.slice(0, 80), expected };
}
