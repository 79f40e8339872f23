import { posix } from 'node:path';
import type { ChangeFailure, ChangeFailureCode, ClaimedChange } from '../changes/index.js';
import type { PlannedGroup, PlannedNode } from '../groups/group-plan.js';
import type { RuleFacts } from '../pipeline/index.js';
import type { ProjectRecord } from '../projects/index.js';
import type { Mirror, TreeFile } from '../repos/index.js';
import type { CompileAnswer } from './compile-source.js';
import { groupIdOf } from './group-id.js';
import type { PipelineCompiler } from './pipeline-compiler.js';
import type { Subject } from './subject.js';

/** What a change comes to for one project. */
export type ProjectPlan =
  | { readonly kind: 'PLANNED'; readonly groups: readonly PlannedGroup[] }
  | { readonly kind: 'SKIPPED'; readonly reason: string }
  | { readonly kind: 'FAILED'; readonly failure: ChangeFailure };

/** What {@link planProject} needs next to the change. */
export interface ProjectContext {
  readonly project: ProjectRecord;
  readonly subject: Subject;
  readonly facts: RuleFacts;
  readonly mirror: Mirror;
  readonly compiler: PipelineCompiler;
  readonly signal: AbortSignal;
}

/** In the order in which they are looked for. */
const PIPELINE_FILES = ['.slipway.yml', '.vela.yml', '.vela.yaml'];

/** The parser's own limit, so that nothing is read that it would refuse. */
const PIPELINE_BYTES = 1024 * 1024;

/** Reads and compiles a project's pipeline file, and makes a group of it for each target. Throws GitError. */
export async function planProject(claimed: ClaimedChange, context: ProjectContext): Promise<ProjectPlan> {
  const { project, subject, mirror, signal } = context;
  const paths = PIPELINE_FILES.map((file) => posix.join(project.path, file));
  const file = await mirror.readFirstFile(subject.pipelineCommit, paths, {
    maxBytes: PIPELINE_BYTES,
    signal,
  });
  if (file.kind !== 'FILE') return { kind: 'FAILED', failure: fileFailure(file, { paths, subject }) };
  const source = { file: file.path, text: file.text };
  const answer = await context.compiler.compile({ source, facts: context.facts }, signal);
  switch (answer.kind) {
    case 'COMPILED':
      return planOf(claimed, context, answer);
    case 'SKIPPED':
      return answer;
    case 'INVALID':
      return failed('PIPELINE_INVALID', answer.message, answer.problems);
    case 'TOO_LARGE':
      return failed('PIPELINE_TOO_LARGE', `${file.path}: ${answer.message}`);
  }
}

function failed(
  code: ChangeFailureCode,
  message: string,
  problems: ChangeFailure['problems'] = [],
): ProjectPlan {
  return { kind: 'FAILED', failure: { code, message, problems } };
}

/** Problems name the file, at its beginning: that is where somebody must write one. */
function fileFailure(
  file: Exclude<TreeFile, { kind: 'FILE' }>,
  { paths, subject }: { readonly paths: readonly string[]; readonly subject: Subject },
): ChangeFailure {
  const place = { line: 1, column: 1, key: '', value: '' };
  const at = `at commit ${subject.pipelineCommit}`;
  if (file.kind === 'ABSENT') {
    const expected = `one of ${paths.join(', ')}`;
    return {
      code: 'PIPELINE_MISSING',
      message: `no pipeline file ${at}, expected ${expected}`,
      problems: [{ ...place, file: paths[0] ?? '', expected }],
    };
  }
  return {
    code: 'PIPELINE_UNREADABLE',
    message: `${file.path} ${at} cannot be read: ${file.reason}`,
    problems: [{ ...place, file: file.path, expected: file.reason }],
  };
}

/** A rebuild of what is not built for that target any more has nothing to build. */
function planOf(
  claimed: ClaimedChange,
  context: ProjectContext,
  answer: Extract<CompileAnswer, { kind: 'COMPILED' }>,
): ProjectPlan {
  const groups = groupsOf(claimed, context, answer);
  if (groups.length > 0) return { kind: 'PLANNED', groups };
  const { target } = claimed.change;
  const { name } = context.project;
  const reason = target === null ? `${name} has no target` : `${name} is not built for ${target} any more`;
  return { kind: 'SKIPPED', reason };
}

function groupsOf(
  { change, repo }: ClaimedChange,
  { project, subject }: ProjectContext,
  compiled: Extract<CompileAnswer, { kind: 'COMPILED' }>,
): readonly PlannedGroup[] {
  const node: PlannedNode = {
    projectId: project.id,
    spec: compiled.spec,
    requirements: compiled.labels,
    timeoutMs: Math.min(repo.timeoutMs, compiled.timeoutMs ?? repo.timeoutMs),
    ...(compiled.concurrency !== null && { concurrency: compiled.concurrency }),
    cloneUrl: repo.cloneUrl,
    ref: subject.ref,
    branch: subject.branch,
    commit: subject.commit,
    dependsOn: [],
  };
  const targets = compiled.target === null ? project.targets : [compiled.target];
  const wanted = targets.filter((target) => change.target === null || change.target === target);
  return wanted.map((target) => ({
    id: groupIdOf({ changeId: change.id, projectId: project.id, target }),
    changeId: change.id,
    repoId: repo.id,
    rootProjectId: project.id,
    target,
    scope: 'package_only',
    onFailure: 'continue',
    trusted: change.trusted,
    priority: change.priority,
    ...(change.rebuiltGroupId !== null && { rebuildOf: change.rebuiltGroupId }),
    nodes: [node],
  }));
}
