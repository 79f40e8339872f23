import { Kind, visit, type DocumentNode } from 'graphql';
import { ValidationError, type FieldProblem } from '../../base/errors.js';
import { isStorable } from '../../base/text.js';
import { LIMITS } from './limits.js';

const EXPECTED = 'text without NUL and without halves of surrogate pairs';
const MAX_PROBLEMS = 20;

/**
 * Refuses text that PostgreSQL cannot store, wherever it stands in the variables or literals of an operation, and
 * variables too deep to look through. Here once, so that no input can forget it. Throws a ValidationError.
 */
export function refuseUnstorableText(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const problems = [
    ...problemsInLiterals(document),
    ...problemsInValue('', variables, LIMITS.variableLevels),
  ];
  if (problems.length > 0) throw new ValidationError(problems.slice(0, MAX_PROBLEMS));
}

function problemsInLiterals(document: DocumentNode): FieldProblem[] {
  const problems: FieldProblem[] = [];
  visit(document, {
    [Kind.STRING]: ({ value }) => {
      if (!isStorable(value)) problems.push(problemOf('a literal of the document', value));
    },
  });
  return problems;
}

function problemsInValue(field: string, value: unknown, levelsLeft: number): FieldProblem[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [problemOf(field, value)];
  if (typeof value !== 'object' || value === null) return [];
  if (levelsLeft === 0) return [tooDeep(field)];
  return Object.entries(value).flatMap(([key, item]) =>
    problemsInValue(field === '' ? key : `${field}.${key}`, item, levelsLeft - 1),
  );
}

/** The text is not repeated: it may be a secret. */
function problemOf(field: string, value: string): FieldProblem {
  return { field, value: `${value.length} characters, not shown`, expected: EXPECTED };
}

function tooDeep(field: string): FieldProblem {
  const expected = `variables of at most ${LIMITS.variableLevels} levels of lists and objects`;
  return { field: field.slice(0, field.indexOf('.')), value: 'more levels', expected };
}
