import type { GitAccess } from '../../git/git-access.js';
import type { OutputSink, StepExit } from '../executor/executor.js';
import type { ProcessControl } from '../executor/process-control.js';
import { runProcessGroup } from '../executor/process-group.js';
import type { BuildLedger } from '../state/build-ledger.js';
import { BUILD_MARK } from '../state/marked-processes.js';
import { machineFacts } from './step-environment.js';
import type { Workspace } from './workspace.js';

/** What the agent's own git runs with. */
export interface GitContext {
  readonly build: string;
  readonly workspace: Workspace;
  readonly searchPath: string;
  readonly control: ProcessControl;
  readonly ledger: BuildLedger;
}

/** One git command. */
export interface GitCall {
  readonly words: readonly string[];
  readonly output: OutputSink;
  /** For a command that speaks to the remote; the others do not see its credential. */
  readonly access?: GitAccess;
}

/** Runs git in a build's checkout. */
export type RunGit = (call: GitCall) => Promise<StepExit>;

/** Git in a build's checkout, which asks nobody anything and reads no configuration but the workspace's. */
export function gitOf(context: GitContext): RunGit {
  const { build, workspace, control, ledger } = context;
  const environment = {
    ...machineFacts({ ...workspace, search: context.searchPath }),
    [BUILD_MARK]: build,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: workspace.gitConfig,
  };
  return async ({ words, output, access }) => {
    if (control.stop.aborted) return { kind: 'SIGNALED', signal: 'SIGTERM' };
    const [file = 'git', ...rest] = [...(access?.wrapper ?? []), 'git', ...words];
    return runProcessGroup({
      argv: [file, ...rest],
      cwd: workspace.source,
      environment: { ...environment, ...access?.environment },
      input: access?.input,
      output,
      control,
      onStart: (pid) => ledger.addGroup(build, pid),
      onEnd: (pid) => ledger.removeGroup(build, pid),
    });
  };
}
