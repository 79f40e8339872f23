import { knownEventNames } from '../pipeline/index.js';
import type { SecretScope } from './secret-scope.js';

/** Who may have a secret. An empty list of images, repos or refs allows any. */
export interface SecretRules {
  /** As rulesets name them, such as `push` or `pull_request:edited`. */
  readonly allowEvents: readonly string[];
  /** Globs of images. */
  readonly allowImages: readonly string[];
  /** False: no step that runs commands, or a program of its own choice, gets it. */
  readonly allowCommands: boolean;
  /** Globs of `org/repo`. */
  readonly allowRepos: readonly string[];
  /** Globs of refs: {@link DEFAULT_BRANCH}, `refs/…`, or else of branches. */
  readonly allowRefs: readonly string[];
}

/** The default branch of whichever repo is built. */
export const DEFAULT_BRANCH = '@default';

/**
 * Events of which a stranger may be the cause, or whose commit nobody with rights in the repo has merged: a secret must
 * name them to be given to them.
 */
const NEVER_BY_DEFAULT = ['pull_request', 'comment', 'merge_group'];

const EVENTS_BY_DEFAULT = knownEventNames.filter(
  (name) => !name.includes(':') && !NEVER_BY_DEFAULT.includes(name),
);

/** The rules of a new secret for which none are given. What many repos can ask for, unreviewed branches do not get. */
export function defaultRules(scope: SecretScope): SecretRules {
  return {
    allowEvents: EVENTS_BY_DEFAULT,
    allowImages: [],
    allowCommands: true,
    allowRepos: [],
    allowRefs: scope === 'repo' ? [] : [DEFAULT_BRANCH, 'refs/tags/**'],
  };
}

/** A ref rule as a glob over full ref names. */
export function refGlobOf(rule: string, defaultBranch: string): string {
  if (rule === DEFAULT_BRANCH) return `refs/heads/${escapeGlob(defaultBranch)}`;
  return rule.startsWith('refs/') ? rule : `refs/heads/${rule}`;
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]{}\\]/g, '\\$&');
}
