import { type FieldProblem, ValidationError } from '../base/errors.js';
import { isPriority, PRIORITY_RANGE } from '../base/priority.js';
import { isStorable } from '../base/text.js';
import { knownEventNames } from '../pipeline/index.js';
import { isCommitId, isFullRef, isNullCommit, isShortRef } from '../repos/index.js';
import type { CreateChangeInput, NewChange } from './change-input.js';

/** Longest texts, in UTF-16 units; every one of them may be matched by rules and is shown to people. */
const limits = {
  name: 255,
  comment: 65_536,
  path: 4096,
  key: 255,
  paths: 10_000,
  labels: 100,
  projects: 100,
} as const;

const COMMIT = 'a full commit id: 40 or 64 hexadecimal digits in lower case';

/** Checks an input; throws one ValidationError with everything that is wrong with it. */
export function checkChange(input: CreateChangeInput): NewChange {
  const check = new Checks();
  const tag = check.text('tag', input.tag, { test: isShortRef, expected: 'a tag name' });
  const ref = check.text('ref', input.ref, {
    test: isFullRef,
    expected: 'a full ref such as "refs/heads/main"',
  });
  const change: NewChange = {
    event: check.event(input.event),
    action: check.action(input.event, input.action),
    ref: ref ?? (tag === null ? null : `refs/tags/${tag}`),
    branch:
      check.text('branch', input.branch, { test: isShortRef, expected: 'a branch name' }) ??
      after('refs/heads/', ref),
    tag: tag ?? after('refs/tags/', ref),
    commit: check.text('commit', input.commit, { test: isCommitId, expected: COMMIT }),
    baseCommit: check.base(input.baseCommit),
    rulesetTarget: check.text('target', input.target),
    title: check.text('title', input.title, { limit: limits.comment }),
    sender: check.text('sender', input.sender),
    comment: check.text('comment', input.comment, { limit: limits.comment }),
    paths: check.list('paths', input.paths, { limit: limits.path, count: limits.paths }),
    labels: check.list('labels', input.labels, { limit: limits.name, count: limits.labels }),
    projects: check.list('projects', input.projects, { limit: limits.name, count: limits.projects }),
    trusted: input.fromFork !== true,
    priority: check.priority(input.priority),
    idempotencyKey: check.text('idempotencyKey', input.idempotencyKey, { limit: limits.key }),
  };
  if (change.event === 'tag' && change.tag === null)
    check.add('tag', '', 'the name of the tag, for event tag');
  check.assertClean();
  return change;
}

function after(prefix: string, ref: string | null): string | null {
  return ref?.startsWith(prefix) === true ? ref.slice(prefix.length) : null;
}

interface TextRule {
  readonly limit?: number;
  readonly test?: (text: string) => boolean;
  readonly expected?: string;
}

/** Gathers what is wrong; each method gives the value to go on with. Empty texts count as absent. */
class Checks {
  readonly #problems: FieldProblem[] = [];

  add(field: string, value: string, expected: string): void {
    this.#problems.push(...ValidationError.of(field, value, expected).problems);
  }

  assertClean(): void {
    if (this.#problems.length > 0) throw new ValidationError(this.#problems);
  }

  event(event: string): string {
    const names = knownEventNames.filter((name) => !name.includes(':'));
    if (!names.includes(event)) this.add('event', event, `one of ${names.join(', ')}`);
    return event;
  }

  action(event: string, given: string | null | undefined): string | null {
    const known = knownEventNames.filter((name) => name.startsWith(`${event}:`));
    const actions = known.map((name) => name.slice(event.length + 1));
    const expected = actions.length > 0 ? `one of ${actions.join(', ')}` : `no action with event ${event}`;
    return this.text('action', given, { test: (action) => actions.includes(action), expected });
  }

  priority(given: number | null | undefined): number {
    const priority = given ?? 0;
    if (!isPriority(priority)) this.add('priority', String(priority), PRIORITY_RANGE);
    return priority;
  }

  base(given: string | null | undefined): string | null {
    const base = this.text('baseCommit', given, { test: isCommitId, expected: COMMIT });
    return base !== null && isNullCommit(base) ? null : base;
  }

  list(
    field: string,
    given: readonly string[] | null | undefined,
    rule: { readonly limit: number; readonly count: number },
  ): readonly string[] {
    const texts = given ?? [];
    if (texts.length > rule.count) {
      this.add(field, `${texts.length} entries`, `at most ${rule.count}`);
      return [];
    }
    return texts.flatMap((text, index) => this.text(`${field}[${index}]`, text, rule) ?? []);
  }

  text(field: string, given: string | null | undefined, rule: TextRule = {}): string | null {
    if (given === null || given === undefined || given === '') return null;
    const limit = rule.limit ?? limits.name;
    if (!isStorable(given)) this.add(field, given, 'a text without NUL and lone surrogates');
    else if (given.length > limit && rule.test === undefined)
      this.add(field, given, `at most ${limit} characters`);
    else if (rule.test?.(given) === false) this.add(field, given, rule.expected ?? 'another value');
    return given;
  }
}
