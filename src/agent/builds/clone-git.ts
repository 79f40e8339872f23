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
  readonly output: OutputSink;
  readonly control: ProcessControl;
  readonly ledger: BuildLedger;
}

/** Git in a build's checkout, which asks nobody anything and reads no configuration but the workspace's. */
export function gitOf(context: GitContext): (words: readonly string[]) => Promise<StepExit> {
  const { build, workspace, output, control, ledger } = context;
  const environment = {
    ...machineFacts({ ...workspace, search: context.searchPath }),
    [BUILD_MARK]: build,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: workspace.gitConfig,
  };
  return async (words) => {
    if (control.stop.aborted) return { kind: 'SIGNALED', signal: 'SIGTERM' };
    return runProcessGroup({
      argv: ['git', ...words],
      cwd: workspace.source,
      environment,
      output,
      control,
      onStart: (pid) => ledger.addGroup(build, pid),
      onEnd: (pid) => ledger.removeGroup(build, pid),
    });
  };
}
