import type { Logger } from '../base/logger.js';
import { type ChangeFailure, type ClaimedChange, noteResolution } from '../changes/index.js';
import type { Queryable } from '../database/queryable.js';
import type { RuleFacts } from '../pipeline/index.js';
import { findProjects, type ProjectRecord } from '../projects/index.js';
import { GitError, type Mirror, type Mirrors } from '../repos/index.js';
import type { PipelineCompiler } from './pipeline-compiler.js';
import { planProject, type ProjectPlan } from './plan-project.js';
import { resolutionOf, type Resolution } from './resolution.js';
import { findSubject, type Subject } from './subject.js';
import { findTouchedPaths } from './touched-paths.js';

/** What the planner resolves changes with. */
export interface ResolverOptions {
  readonly db: Queryable;
  readonly mirrors: Mirrors;
  readonly compiler: PipelineCompiler;
  readonly logger: Logger;
}

/**
 * Finds out what a change comes to: its commit, the pipeline files there, what their rules leave. Talks to git and the
 * database, but never inside a transaction. What may go wrong with the change is an outcome; defects are thrown.
 */
export class ChangeResolver {
  constructor(private readonly options: ResolverOptions) {}

  async resolve(claimed: ClaimedChange, signal: AbortSignal): Promise<Resolution> {
    if (!claimed.repo.active) return { kind: 'SKIPPED', reason: 'the repo is not active' };
    try {
      return await this.#resolve(claimed, signal);
    } catch (error) {
      if (error instanceof GitError) return resolutionOf(error);
      throw error;
    }
  }

  async #resolve(claimed: ClaimedChange, signal: AbortSignal): Promise<Resolution> {
    const names = namesOf(claimed);
    const projects = await findProjects(this.options.db, { repoId: claimed.repo.id, names });
    if (projects.length < new Set(names).size) return unknownProject(claimed, projects);
    const mirror = this.options.mirrors.of(claimed.repo);
    const subject = await findSubject(claimed, mirror, signal);
    if ((await this.#note(claimed, subject)) === 'STALE') return { kind: 'STALE' };
    const context = { mirror, commit: subject.commit, signal, logger: this.options.logger };
    const facts = factsOf(claimed, subject, await findTouchedPaths(claimed, context));
    const plans = await this.#planAll(claimed, { projects, subject, facts, mirror, signal });
    return combine(plans);
  }

  /** Written at once, so that a change that fails or is skipped shows its commit too. */
  #note({ change, attempt }: ClaimedChange, subject: Subject): Promise<'WRITTEN' | 'STALE'> {
    const resolved = {
      commit: change.commit ?? subject.commit,
      ref: change.ref ?? subject.ref,
      branch: change.branch ?? subject.branch,
    };
    return noteResolution(this.options.db, { id: change.id, attempt }, resolved);
  }

  #planAll(
    claimed: ClaimedChange,
    context: {
      readonly projects: readonly ProjectRecord[];
      readonly subject: Subject;
      readonly facts: RuleFacts;
      readonly mirror: Mirror;
      readonly signal: AbortSignal;
    },
  ): Promise<ProjectPlan[]> {
    const { compiler } = this.options;
    return Promise.all(
      context.projects.map((project) => planProject(claimed, { ...context, project, compiler })),
    );
  }
}

function factsOf({ change, repo }: ClaimedChange, subject: Subject, paths: readonly string[]): RuleFacts {
  return {
    event: change.event,
    action: change.action ?? undefined,
    branch: subject.branch ?? undefined,
    target: change.rulesetTarget ?? undefined,
    tag: change.tag ?? undefined,
    paths,
    comment: change.comment ?? undefined,
    sender: change.sender ?? undefined,
    repo: repo.fullName,
    labels: change.labels,
  };
}

/** The root project has the name of its repo. */
function namesOf({ change, repo }: ClaimedChange): readonly string[] {
  return change.projects.length > 0 ? change.projects : [repo.fullName];
}

function unknownProject(claimed: ClaimedChange, found: readonly ProjectRecord[]): Resolution {
  const known = new Set(found.map(({ name }) => name));
  const missing = namesOf(claimed).filter((name) => !known.has(name));
  const message = `repo ${claimed.repo.fullName} has no project ${missing.join(', ')} any more`;
  return { kind: 'FAILED', failure: { code: 'UNKNOWN_PROJECT', message, problems: [] } };
}

/** One bad file fails the change, with the problems of all; projects with nothing to do stand aside for the others. */
function combine(plans: readonly ProjectPlan[]): Resolution {
  const failures = plans.flatMap((plan) => (plan.kind === 'FAILED' ? [plan.failure] : []));
  if (failures.length > 0) return { kind: 'FAILED', failure: merge(failures) };
  const groups = plans.flatMap((plan) => (plan.kind === 'PLANNED' ? plan.groups : []));
  if (groups.length > 0) return { kind: 'PLANNED', groups };
  const reasons = plans.flatMap((plan) => (plan.kind === 'SKIPPED' ? [plan.reason] : []));
  return { kind: 'SKIPPED', reason: [...new Set(reasons)].join('; ') };
}

function merge(failures: readonly ChangeFailure[]): ChangeFailure {
  return {
    code: failures[0]?.code ?? 'PLAN_FAILED',
    message: failures.map(({ message }) => message).join('\n'),
    problems: failures.flatMap(({ problems }) => problems),
  };
}
