import { eventNames } from './events.js';

/** Whether anything of a build has failed when a step's turn comes. The only statuses that rules can ask for. */
export const BuildStatus = { SUCCESS: 'success', FAILURE: 'failure' } as const;
export type BuildStatus = (typeof BuildStatus)[keyof typeof BuildStatus];

/** Both of them: what a status rule is tried against when a pipeline is compiled. */
export const buildStatuses: readonly BuildStatus[] = [BuildStatus.SUCCESS, BuildStatus.FAILURE];

/** What rulesets are matched against: the change, as the caller knows it. */
export interface RuleFacts {
  /** `push`, `pull_request`, `tag`, …; an action may follow after a colon (`pull_request:edited`). */
  readonly event: string;
  readonly action?: string | undefined;
  readonly branch?: string | undefined;
  /** The ruleset target: a deployment's target or a schedule's name. */
  readonly target?: string | undefined;
  readonly tag?: string | undefined;
  /** Files that the change touches, relative to the repository. */
  readonly paths: readonly string[];
  readonly comment?: string | undefined;
  readonly sender?: string | undefined;
  /** `org/name`. */
  readonly repo: string;
  /** Labels of the pull request. */
  readonly labels: readonly string[];
  readonly instance?: string | undefined;
  /** Given only to ask what would run at that status; without it the status is left to run time. */
  readonly status?: BuildStatus | undefined;
}

/** The keys that a ruleset may ask for, in the order in which they are explained. */
export const ruleKeys = [
  'event',
  'branch',
  'target',
  'tag',
  'path',
  'comment',
  'label',
  'repo',
  'sender',
  'instance',
  'status',
] as const;
export type RuleKey = (typeof ruleKeys)[number];

/** The values that each key's patterns are tried on. What the change does not have, is no value: nothing matches it. */
export function factValues(facts: RuleFacts): Readonly<Record<RuleKey, readonly string[]>> {
  return {
    event: eventNames(facts.event, facts.action),
    branch: present(facts.branch),
    target: present(facts.target),
    tag: present(facts.tag),
    path: facts.paths,
    comment: present(facts.comment),
    label: facts.labels,
    repo: present(facts.repo),
    sender: present(facts.sender),
    instance: present(facts.instance),
    status: present(facts.status),
  };
}

function present(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [value];
}
