/** Why something is to be built, as a caller says it. Only `repo` and `event` are needed. */
export interface CreateChangeInput {
  /** "org/name". */
  readonly repo: string;
  /** One of the events of rulesets: `push`, `pull_request`, `tag`, `manual`, … */
  readonly event: string;
  /** Kind of the event, such as `opened`. */
  readonly action?: string | null | undefined;
  /** Full ref, such as `refs/heads/main`. */
  readonly ref?: string | null | undefined;
  readonly branch?: string | null | undefined;
  /** Full commit id; without it the ref, tag or branch is asked. */
  readonly commit?: string | null | undefined;
  /** What came before, for the paths that a push or pull request touches; all zeros: nothing did. */
  readonly baseCommit?: string | null | undefined;
  /** The ruleset target: a deployment's target or a schedule's name. */
  readonly target?: string | null | undefined;
  readonly tag?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly sender?: string | null | undefined;
  readonly comment?: string | null | undefined;
  /** Files that the change touches; found out when not given. */
  readonly paths?: readonly string[] | null | undefined;
  /** Labels of the pull request. */
  readonly labels?: readonly string[] | null | undefined;
  /** Names of projects of the repo; default: its root project. */
  readonly projects?: readonly string[] | null | undefined;
  /** From -10 to 10; default 0. Higher ones are served first, lower ones rise by waiting. */
  readonly priority?: number | null | undefined;
  /** True for what comes from outside: runs only where untrusted work may. */
  readonly fromFork?: boolean | null | undefined;
  /** The same key again gives the same change back. */
  readonly idempotencyKey?: string | null | undefined;
}

/** A change as it is written: checked, with what follows from the ref filled in. */
export interface NewChange {
  readonly event: string;
  readonly action: string | null;
  readonly ref: string | null;
  readonly branch: string | null;
  readonly baseCommit: string | null;
  readonly commit: string | null;
  readonly rulesetTarget: string | null;
  readonly tag: string | null;
  readonly title: string | null;
  readonly sender: string | null;
  readonly comment: string | null;
  readonly paths: readonly string[];
  readonly labels: readonly string[];
  readonly projects: readonly string[];
  readonly trusted: boolean;
  readonly priority: number;
  readonly idempotencyKey: string | null;
}
